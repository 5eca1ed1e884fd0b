import { chmod, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFileSystem, type LogFileSystem } from "../../../../src/engine/log/file-system.ts";
import { incompressible, numberedRequest, numberOf } from "./arbitrary-records.ts";
import { FaultyFileSystem } from "./faulty-file-system.ts";
import { openTestLog, replayed, type TestLog } from "./open-test-log.ts";
import { segmentFiles, temporaryFolder } from "./temporary-folder.ts";

const isRoot = process.getuid?.() === 0;
const hasFullDevice = process.platform === "linux";

describe("one folder", () => {
  test.each([
    ["ENOSPC", "log-disk-full"],
    ["EDQUOT", "log-disk-full"],
    ["EROFS", "log-read-only"],
    ["EACCES", "log-read-only"],
    ["ENOENT", "log-folder-missing"],
    ["EIO", "log-write-failed"],
  ])("%s is told once as %s, and logging resumes by itself", async (code, problem) => {
    const { folder, fs, log, passTime } = await openFaulty();
    await expectLogged(log, 0);
    fs.fail(folder, code);
    for (const number of [1, 2, 3]) await expectRefused(log, number, problem);
    passTime(60_000);
    for (const number of [4, 5]) await expectRefused(log, number, problem);
    expect(log.problems.map((told) => told.code)).toEqual([problem]);
    expect(log.problems[0]).toMatchObject({ folder, message: expect.stringContaining(folder) });
    expect(log.status.folders).toMatchObject([{ state: "failed", problem: { code: problem } }]);

    fs.fail(folder, undefined);
    await expectRefused(log, 6, problem);
    passTime(60_000);
    await expectLogged(log, 7);
    expect(log.recoveries).toEqual([folder]);
    expect(log.status.folders).toMatchObject([{ state: "writing" }]);
    await log.close();
    const { records, summary } = await replayed([folder]);
    expect(records.map(numberOf)).toEqual([0, 7]);
    expect(summary).toMatchObject({ tornBytes: 0, problems: [] });
  });

  test("while it is down the disk is left alone, except for a trial now and then", async () => {
    const { folder, fs, log, passTime } = await openFaulty();
    fs.fail(folder, "EIO");
    for (let second = 0; second < 3600; second++) {
      await log.append(numberedRequest(second));
      passTime(1000);
    }
    // 1, 2, 4, 8, 16 and then every 30 seconds.
    expect(fs.refusedCount).toBeGreaterThan(100);
    expect(fs.refusedCount).toBeLessThan(130);
    expect(log.problems).toHaveLength(1);
  });

  test("a clock that is set back does not keep the folder out for as long", async () => {
    const { folder, fs, log, passTime } = await openFaulty();
    fs.fail(folder, "EIO");
    await expectRefused(log, 0, "log-write-failed");
    fs.fail(folder, undefined);
    passTime(-86_400_000);
    await expectLogged(log, 1);
  });

  test("a second outage is told again", async () => {
    const { folder, fs, log, passTime } = await openFaulty();
    for (const number of [0, 1]) {
      fs.fail(folder, "ENOSPC");
      await expectRefused(log, number, "log-disk-full");
      fs.fail(folder, undefined);
      passTime(60_000);
      await expectLogged(log, number);
    }
    expect(log.problems).toHaveLength(2);
    expect(log.recoveries).toHaveLength(2);
  });

  test("a folder that is removed under an open segment comes back with the next record, which is not lost", async () => {
    const folder = join(await temporaryFolder(), "log");
    const log = openTestLog({ folders: [folder] });
    await expectLogged(log, 0);
    await rm(folder, { recursive: true });
    await expectLogged(log, 1);
    expect(log.problems.map(({ code }) => code)).toEqual(["log-folder-missing"]);
    expect(log.recoveries).toEqual([folder]);
    await log.close();
    expect((await replayed([folder])).records.map(numberOf)).toEqual([1]);
  });

  test("a folder whose place a file has taken is told, and used again when that is gone", async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, "log");
    let nowMs = Date.now();
    const log = openTestLog({ folders: [folder], clock: () => nowMs });
    await writeFile(folder, "");
    expect(await log.append(numberedRequest(0))).toMatchObject({ ok: false });
    expect(log.problems).toHaveLength(1);
    await rename(folder, join(parent, "elsewhere"));
    nowMs += 60_000;
    await expectLogged(log, 1);
    expect((await segmentFiles(folder)).length).toBe(1);
  });

  test.skipIf(!hasFullDevice)("a device that is full in earnest is told", async () => {
    const folder = await temporaryFolder();
    const fs: LogFileSystem = {
      ...nodeFileSystem,
      createFile: async () => {
        const full = await open("/dev/full", "w");
        return {
          write: async (chunks) => {
            await full.writev([...chunks]);
          },
          truncate: (bytes) => full.truncate(bytes),
          sync: () => full.datasync(),
          close: () => full.close(),
        };
      },
    };
    const log = openTestLog({ folders: [folder], fs });
    await expectRefused(log, 1, "log-disk-full");
  });

  test.skipIf(isRoot)(
    "a folder without write permission is told (not as root, who may write anyway)",
    async () => {
      const folder = await temporaryFolder();
      await chmod(folder, 0o500);
      await expectRefused(openTestLog({ folders: [folder] }), 1, "log-read-only");
      await chmod(folder, 0o700);
    },
  );
});

describe("two folders", () => {
  test("hold the same, and a replay visits each record once", async () => {
    const { first, second, log } = await openTwo();
    for (const number of [0, 1, 2]) await expectLogged(log, number);
    await log.close();
    for (const folders of [[first], [second], [first, second], [second, first]] as const) {
      expect((await replayed(folders)).records.map(numberOf)).toEqual([0, 1, 2]);
    }
  });

  test.each([0, 1])(
    "when folder %i fails the other goes on, and the replay of both has everything in order",
    async (failing) => {
      const { first, second, fs, log, passTime } = await openTwo();
      const bad = failing === 0 ? first : second;
      const good = failing === 0 ? second : first;
      // One folder is enough for an acknowledgement; the other is to have it too.
      const bothHaveIt = () => until(() => log.status.folders.every(({ lagBytes }) => lagBytes === 0));
      await expectLogged(log, 0);
      await bothHaveIt();
      fs.fail(bad, "ENOSPC");
      for (const number of [1, 2]) await expectLogged(log, number);
      await until(() => log.problems.length > 0);
      expect(log.problems).toMatchObject([{ code: "log-disk-full", folder: bad }]);
      fs.fail(bad, undefined);
      passTime(60_000);
      await expectLogged(log, 3);
      await until(() => log.recoveries.length > 0);
      expect(log.recoveries).toEqual([bad]);
      await bothHaveIt();
      // What only the folder that failed has is not lost either.
      fs.fail(good, "EIO");
      await expectLogged(log, 4);
      await log.close();

      expect((await replayed([first, second])).records.map(numberOf)).toEqual([0, 1, 2, 3, 4]);
      expect((await replayed([bad])).records.map(numberOf)).toEqual([0, 3, 4]);
      expect((await replayed([good])).records.map(numberOf)).toEqual([0, 1, 2, 3]);
    },
  );

  test("when both fail the record is refused", async () => {
    const { first, second, fs, log } = await openTwo();
    fs.fail(first, "ENOSPC");
    fs.fail(second, "EROFS");
    expect(await log.append(numberedRequest(0))).toMatchObject({ ok: false });
    expect(log.problems.map(({ folder }) => folder).sort()).toEqual([first, second].sort());
  });

  test("a frame that is damaged in one is taken from the other", async () => {
    const { first, second, log } = await openTwo();
    for (const number of [0, 1, 2]) await expectLogged(log, number);
    await log.close();
    const [file = ""] = await segmentFiles(first);
    const bytes = Buffer.from(await nodeFileSystem.read(file));
    bytes[bytes.indexOf("#1 ")] = 0;
    await writeFile(file, bytes);
    const { records, summary } = await replayed([first, second]);
    expect(records.map(numberOf)).toEqual([0, 1, 2]);
    expect(summary.problems).toMatchObject([{ code: "log-corrupt" }]);
  });

  test("one that hangs delays nobody, is left out when too much waits for it, and is taken up again", async () => {
    const { first, second, fs, log, passTime } = await openTwo(20_000);
    fs.hang(second);
    for (let number = 0; number < 50; number++) {
      expect(await log.append(incompressible(number, 1000))).toMatchObject({ ok: true });
    }
    expect(log.problems).toMatchObject([{ code: "log-folder-behind", folder: second }]);
    expect(log.status.folders[1]?.lagBytes).toBeLessThanOrEqual(20_000);
    fs.resume(second);
    passTime(60_000);
    await until(() => log.recoveries.length > 0);
    await expectLogged(log, 50);
    await log.close();
    expect((await replayed([first])).records).toHaveLength(51);
    const late = (await replayed([second])).records.map(numberOf);
    expect(late.at(-1)).toBe(50);
    expect((await replayed([second, first])).records.map(numberOf)).toEqual(
      Array.from({ length: 51 }, (_, number) => number),
    );
  });

  test("a second folder that was never there does not keep the first from being replayed", async () => {
    const folder = await temporaryFolder();
    const log = openTestLog({ folders: [folder] });
    await expectLogged(log, 1);
    await log.close();
    const { records, summary } = await replayed([join(folder, "missing"), folder]);
    expect(records.map(numberOf)).toEqual([1]);
    expect(summary.problems).toEqual([]);
  });
});

test("what was written of a record that failed is cut off again", async () => {
  const { folder, fs, log } = await openFaulty();
  await expectLogged(log, 0);
  const sizes = (): Promise<number[]> =>
    segmentFiles(folder).then((files) =>
      Promise.all(files.map(async (file) => (await nodeFileSystem.stat(file)).bytes)),
    );
  const before = await sizes();
  fs.fail(folder, "ENOSPC");
  await expectRefused(log, 1, "log-disk-full");
  expect(await sizes()).toEqual(before);
  expect(await readdir(folder)).toHaveLength(1);
});

interface Faulty {
  readonly folder: string;
  readonly fs: FaultyFileSystem;
  readonly log: TestLog;
  readonly passTime: (milliseconds: number) => void;
}

async function openFaulty(): Promise<Faulty> {
  const folder = await temporaryFolder();
  const fs = new FaultyFileSystem();
  let nowMs = Date.now();
  const log = openTestLog({ folders: [folder], fs, clock: () => nowMs });
  return { folder, fs, log, passTime: (milliseconds) => (nowMs += milliseconds) };
}

async function openTwo(
  maxWaitingBytes = 1e6,
): Promise<Omit<Faulty, "folder"> & { first: string; second: string }> {
  const parent = await temporaryFolder();
  const [first, second] = [join(parent, "first"), join(parent, "second")];
  await Promise.all([mkdir(first), mkdir(second)]);
  const fs = new FaultyFileSystem();
  let nowMs = Date.now();
  const log = openTestLog({ folders: [first, second], fs, maxWaitingBytes, clock: () => nowMs });
  return { first, second, fs, log, passTime: (milliseconds) => (nowMs += milliseconds) };
}

async function expectLogged(log: TestLog, number: number): Promise<void> {
  expect(await log.append(numberedRequest(number))).toEqual({ ok: true, value: undefined });
}

async function expectRefused(log: TestLog, number: number, code: string): Promise<void> {
  expect(await log.append(numberedRequest(number))).toMatchObject({ ok: false, error: { code } });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
