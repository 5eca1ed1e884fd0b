import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { numberedRequest, numberOf } from "../../../unit/engine/log/arbitrary-records.ts";
import { openTestLog, replayed } from "../../../unit/engine/log/open-test-log.ts";
import { temporaryFolder } from "../../../unit/engine/log/temporary-folder.ts";

const program = fileURLToPath(new URL("./append-forever.ts", import.meta.url));

test(
  "every acknowledged record of processes that were killed is replayed exactly once, in order",
  { timeout: 90_000 },
  async () => {
    const parent = await temporaryFolder();
    const folders = [join(parent, "first"), join(parent, "second")] as const;
    const acknowledged: number[] = [];
    // Killed soon after the first record, in the middle of a few, and after some megabytes.
    for (const killAfter of [1, 37, 300, 1000]) {
      const first = acknowledged.length === 0 ? 0 : Math.max(...acknowledged) + 1_000_000;
      acknowledged.push(...(await appendUntilKilled(first, folders, killAfter)));
    }

    for (const replayedFolders of [folders, [folders[0]]] as const) {
      const { records, summary } = await replayed(replayedFolders);
      const numbers = records.map(numberOf);
      expect(summary.problems).toEqual([]);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      const present = new Set(numbers);
      // The first folder alone may lack what the second had first; both together lack nothing.
      if (replayedFolders.length === 2)
        expect(acknowledged.filter((number) => !present.has(number))).toEqual([]);
      for (const record of records) {
        const number = numberOf(record);
        const { body } = numberedRequest(number, number % 7 === 0 ? 200_000 : 50);
        expect(record.kind === "request" && Buffer.compare(record.body, body) === 0).toBe(true);
      }
    }
  },
);

test("while the process runs its records are its own, and they are adopted once it is gone", async () => {
  const folder = await temporaryFolder();
  const running = await start(0, [folder], 5);
  expect((await replayed([folder])).records).toEqual([]);
  const log = openTestLog({ folders: [folder], maxBytes: 65_536 });
  expect(await log.append(numberedRequest(1))).toMatchObject({ ok: true });
  await running.kill();
  const { records } = await replayed([folder]);
  expect(records.length).toBeGreaterThanOrEqual(5);
});

test("the next engine of the same process adopts what a worker that was terminated has left", async () => {
  const folder = await temporaryFolder();
  // Node 20 does not take tsx from a worker's execArgv.
  const load = `import(${JSON.stringify(pathToFileURL(program))})`;
  const code = `import("tsx/esm/api").then(({ register }) => { register(); return ${load}; });`;
  const worker = new Worker(code, { eval: true, argv: ["0", folder], stdout: true });
  let printed = "";
  await new Promise<void>((resolve, reject) => {
    worker.on("error", reject);
    worker.stdout.on("data", (text: Buffer) => {
      printed += text.toString();
      if (printed.split("\n").length > 100) resolve();
    });
  });
  await worker.terminate();
  const acknowledged = printed.split("\n").slice(0, -1).map(Number);
  const numbers = (await replayed([folder])).records.map(numberOf);
  expect(numbers).toEqual(expect.arrayContaining(acknowledged));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});

async function appendUntilKilled(
  first: number,
  folders: readonly string[],
  count: number,
): Promise<number[]> {
  const running = await start(first, folders, count);
  return running.kill();
}

/** Starts the program and resolves when it has printed `count` numbers; `kill` resolves with all that it printed. */
async function start(
  first: number,
  folders: readonly string[],
  count: number,
): Promise<{ readonly kill: () => Promise<number[]> }> {
  const child = spawn(process.execPath, ["--import", "tsx", program, String(first), ...folders], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  const exited = once(child, "close");
  child.stdout.setEncoding("utf8");
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (text: string) => {
      printed += text;
      if (printed.split("\n").length > count) resolve();
    });
    child.on("close", () => reject(new Error(`it ended by itself after: ${printed.slice(-200)}`)));
  });
  return {
    async kill() {
      child.kill("SIGKILL");
      await exited;
      // The last line may have been cut off by the kill.
      return printed.split("\n").slice(0, -1).map(Number);
    },
  };
}
