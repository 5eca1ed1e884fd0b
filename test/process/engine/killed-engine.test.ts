import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../unit/engine/log/temporary-folder.ts";
import { expectAllAcknowledged, SPANS_A_REQUEST, startSenders } from "./senders.ts";

const program = fileURLToPath(new URL("./serve-logged.ts", import.meta.url));
/** Acknowledged requests after which each engine is killed: at once, early, and in the middle of many. */
const KILLED_AFTER = [1, 30, 200];

test(
  "every span, log record and sample that engines acknowledged which were killed amid ingest is there afterwards, exactly once",
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    const senders = startSenders();
    let port = 0;
    for (const killedAfter of KILLED_AFTER) {
      const running = await start(folder, port);
      port = running.port;
      const enough = senders.acknowledgedCount + killedAfter;
      senders.sendTo(port);
      await expect
        .poll(() => senders.acknowledgedCount, { timeout: 60_000, interval: 1 })
        .toBeGreaterThan(enough);
      await running.kill();
    }
    const last = await start(folder, port);
    senders.sendTo(last.port);
    // What was under way at the last kill has to arrive with the retries.
    await senders.finish();
    await last.kill();

    expect(senders.acknowledged.length).toBeGreaterThan(
      KILLED_AFTER.reduce((a, b) => a + b) * SPANS_A_REQUEST,
    );
    await expectAllAcknowledged(senders, folder);
  },
);

async function start(
  folder: string,
  port: number,
): Promise<{ readonly port: number; readonly kill: () => Promise<void> }> {
  const child = spawn(process.execPath, ["--import", "tsx", program, folder, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  return {
    port: Number(printed.toString()),
    async kill() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
