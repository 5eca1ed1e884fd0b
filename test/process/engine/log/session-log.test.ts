import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogRecord } from "../../../../src/engine/log/record.ts";
import type { RecordSource } from "../../../../src/engine/log/replay.ts";
import {
  comparable,
  incompressible,
  logRecord,
  numberedRequest,
  numberOf,
} from "../../../unit/engine/log/arbitrary-records.ts";
import { FaultyFileSystem } from "../../../unit/engine/log/faulty-file-system.ts";
import { openTestLog, replayed } from "../../../unit/engine/log/open-test-log.ts";
import { segmentFiles, temporaryFolder } from "../../../unit/engine/log/temporary-folder.ts";

const KIBIBYTE = 1024;

test("what was appended is replayed by the next engine, in order and byte by byte", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(logRecord), { maxLength: 5 }), async (bursts) => {
      const folder = await temporaryFolder();
      const log = openTestLog({ folders: [folder] });
      for (const burst of bursts) {
        const outcomes = await Promise.all(burst.map((record) => log.append(record)));
        expect(outcomes.every(({ ok }) => ok)).toBe(true);
      }
      await log.close();
      const { records, summary } = await replayed([folder]);
      expect(records.map(comparable)).toEqual(bursts.flat().map(comparable));
      expect(summary).toEqual({ recordCount: records.length, tornBytes: 0, problems: [] });
    }),
    { numRuns: 25 },
  );
});

test("an acknowledged record is in the file at once, without a close", async () => {
  const folder = await temporaryFolder();
  const log = openTestLog({ folders: [folder] });
  await log.append(numberedRequest(1));
  const [file = ""] = await segmentFiles(folder);
  expect(await readFile(file, "latin1")).toContain("#1");
  expect(log.status).toMatchObject({
    bytes: (await stat(file)).size,
    lagBytes: 0,
    folders: [{ path: folder, state: "writing", bytes: (await stat(file)).size, lagBytes: 0 }],
  });
});

test("a log that nothing is appended to leaves no trace on disk", async () => {
  const folder = join(await temporaryFolder(), "log");
  const log = openTestLog({ folders: [folder] });
  expect((await log.replay(() => undefined)).problems).toEqual([]);
  await log.close();
  await expect(stat(folder)).rejects.toThrow("ENOENT");
});

test("records that come together share frames", async () => {
  const folder = await temporaryFolder();
  const log = openTestLog({ folders: [folder] });
  await Promise.all(Array.from({ length: 1000 }, (_, index) => log.append(numberedRequest(index))));
  // A frame's header has 40 bytes and a record of this size compresses to fewer: a frame each would be over 40 kB.
  expect(log.status.bytes).toBeLessThan(40_000);
});

test("a small record that is compressed sooner than a large one before it stays behind it", async () => {
  const folder = await temporaryFolder();
  const log = openTestLog({ folders: [folder] });
  const records = [numberedRequest(0, 4_000_000), numberedRequest(1), numberedRequest(2, 2_000_000)];
  await Promise.all(records.map((record) => log.append(record)));
  await log.close();
  expect((await replayed([folder])).records.map(numberOf)).toEqual([0, 1, 2]);
});

test("several engines write side by side without touching each other's segments", async () => {
  const folder = await temporaryFolder();
  const logs = [0, 1, 2].map((index) => openTestLog({ folders: [folder], clock: () => 1000 + index }));
  const numbers = Array.from({ length: 60 }, (_, index) => index);
  await Promise.all(
    logs.flatMap((log, index) =>
      numbers.filter((number) => number % 3 === index).map((number) => log.append(numberedRequest(number))),
    ),
  );
  expect(await segmentFiles(folder)).toHaveLength(3);
  const live = await replayed([folder]);
  expect(live.records).toEqual([]);
  await Promise.all(logs.map((log) => log.close()));
  // Engine by engine, in the order in which they began.
  const expected = [0, 1, 2].flatMap((index) => numbers.filter((number) => number % 3 === index));
  expect((await replayed([folder])).records.map(numberOf)).toEqual(expected);
});

test("a replay names the engine that wrote a record, as connections are numbered anew by each", async () => {
  const folder = await temporaryFolder();
  for (const startedMs of [1000, 2000]) {
    const log = openTestLog({ folders: [folder], clock: () => startedMs });
    await log.append(numberedRequest(startedMs));
    await log.close();
  }
  const sources: RecordSource[] = [];
  await openTestLog({ folders: [folder] }).replay((_, source) => void sources.push(source));
  expect(sources.map(({ startedMs }) => startedMs)).toEqual([1000, 2000]);
  expect(new Set(sources.map(({ engine }) => engine)).size).toBe(2);
});

test("a replay of what this engine appended ends with the record before the call", async () => {
  const log = openTestLog({ folders: [await temporaryFolder()] });
  const appended = [0, 1, 2].map((number) => log.append(numberedRequest(number)));
  const seen: number[] = [];
  const replaying = log.replay((record) => void seen.push(numberOf(record)));
  appended.push(log.append(numberedRequest(3)));
  await replaying;
  expect(seen).toEqual([0, 1, 2]);
  await Promise.all(appended);
});

test("a replay waits for its visitor", async () => {
  const log = openTestLog({ folders: [await temporaryFolder()] });
  await Promise.all([0, 1, 2].map((number) => log.append(numberedRequest(number))));
  let busy = 0;
  const together: number[] = [];
  await log.replay(async () => {
    together.push(++busy);
    await new Promise(setImmediate);
    busy--;
  });
  expect(together).toEqual([1, 1, 1]);
});

test("a closed log takes nothing, and says so", async () => {
  const log = openTestLog({ folders: [await temporaryFolder()] });
  const last = log.append(numberedRequest(1));
  await log.close();
  expect(await last).toMatchObject({ ok: true });
  expect(await log.append(numberedRequest(2))).toMatchObject({ ok: false, error: { code: "log-closed" } });
  await log.close();
});

test("a disk that hangs does not keep the engine from ending", async () => {
  const folder = await temporaryFolder();
  const fs = new FaultyFileSystem();
  const log = openTestLog({ folders: [folder], fs });
  fs.hang(folder);
  const outcome = log.append(numberedRequest(1));
  await log.close();
  fs.resume(folder);
  expect(await outcome).toMatchObject({ ok: true });
});

describe("limits", () => {
  test("the oldest segments go when the log reaches its size, and it never exceeds it", async () => {
    const folder = await temporaryFolder();
    const maxBytes = 256 * KIBIBYTE;
    const earlier = openTestLog({ folders: [folder], maxBytes });
    await earlier.append(incompressible(0, 20 * KIBIBYTE));
    await earlier.close();

    const log = openTestLog({ folders: [folder], maxBytes });
    for (let number = 1; number <= 40; number++) {
      expect(await log.append(incompressible(number, 20 * KIBIBYTE))).toMatchObject({ ok: true });
      const sizes = await Promise.all(
        (await segmentFiles(folder)).map(async (file) => (await stat(file)).size),
      );
      const total = sizes.reduce((sum, size) => sum + size, 0);
      expect(total).toBeLessThanOrEqual(maxBytes);
      expect(log.status.bytes).toBe(total);
    }
    await log.close();
    const kept = (await replayed([folder])).records.map(numberOf);
    expect(kept.length).toBeGreaterThanOrEqual(7);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 41 - kept.length + index));
  });

  test("segments that are too old go when a new one is begun, and their folder with them", async () => {
    const folder = await temporaryFolder();
    const nowMs = Date.now();
    for (const number of [1, 2]) {
      const log = openTestLog({ folders: [folder] });
      await log.append(numberedRequest(number));
      await log.close();
    }
    const [oldest = ""] = await segmentFiles(folder);
    const eightDaysAgo = new Date(nowMs - 8 * 86_400_000);
    await utimes(oldest, eightDaysAgo, eightDaysAgo);
    const log = openTestLog({ folders: [folder], maxAgeDays: 7 });
    await log.append(numberedRequest(3));
    await log.close();
    expect((await replayed([folder])).records.map(numberOf)).toEqual([2, 3]);
    await expect(stat(join(oldest, ".."))).rejects.toThrow("ENOENT");
  });

  test("the segments of an engine that is running elsewhere are neither removed nor replayed", async () => {
    const folder = await temporaryFolder();
    const running = openTestLog({ folders: [folder] });
    await running.append(incompressible(1, 60 * KIBIBYTE));
    const log = openTestLog({ folders: [folder], maxBytes: 64 * KIBIBYTE });
    await log.append(incompressible(2, 30 * KIBIBYTE));
    await log.append(incompressible(3, 30 * KIBIBYTE));
    await Promise.all([running.close(), log.close()]);
    expect((await replayed([folder])).records.map(numberOf)).toContain(1);
  });

  test("what waits for a slow disk is bounded; the rest is refused until it has caught up", async () => {
    const folder = await temporaryFolder();
    const fs = new FaultyFileSystem();
    const log = openTestLog({ folders: [folder], fs, maxWaitingBytes: 100 * KIBIBYTE });
    fs.hang(folder);
    const appended = Array.from({ length: 20 }, (_, number) =>
      log.append(incompressible(number, 10 * KIBIBYTE)),
    );
    const refused = (await Promise.all(appended.slice(10))).map(
      (outcome) => !outcome.ok && outcome.error.code,
    );
    expect(refused).toEqual(refused.map(() => "log-behind"));
    expect(log.status.lagBytes).toBeLessThanOrEqual(100 * KIBIBYTE);
    expect(log.problems.map(({ code }) => code)).toEqual(["log-behind"]);

    fs.resume(folder);
    expect((await Promise.all(appended.slice(0, 9))).every(({ ok }) => ok)).toBe(true);
    expect(log.recoveries).toEqual([undefined]);
    expect(await log.append(incompressible(20, 10))).toMatchObject({ ok: true });
    expect(log.status.lagBytes).toBe(0);
  });

  test("a record larger than what may wait is taken when nothing else does", async () => {
    const folder = await temporaryFolder();
    const log = openTestLog({ folders: [folder], maxWaitingBytes: 10 * KIBIBYTE });
    expect(await log.append(incompressible(1, 100 * KIBIBYTE))).toMatchObject({ ok: true });
  });
});

describe("clearing", () => {
  test("removes what lies before it from disk, also of earlier engines", async () => {
    const folder = await temporaryFolder();
    const earlier = openTestLog({ folders: [folder] });
    await earlier.append(numberedRequest(1));
    await earlier.close();
    const log = openTestLog({ folders: [folder] });
    const records: LogRecord[] = [numberedRequest(2), { kind: "cleared", keepPinned: false, atMs: 5 }];
    await Promise.all([...records, numberedRequest(3)].map((record) => log.append(record)));
    await log.close();
    const { records: left } = await replayed([folder]);
    expect(left.map(({ kind }) => kind)).toEqual(["cleared", "request"]);
    expect(left.map(numberOf)).toEqual([NaN, 3]);
  });

  test("with the pinned ones kept removes nothing, as pinned traces may lie anywhere", async () => {
    const folder = await temporaryFolder();
    const log = openTestLog({ folders: [folder] });
    await log.append(numberedRequest(1));
    await log.append({ kind: "cleared", keepPinned: true, atMs: 5 });
    await log.close();
    expect((await replayed([folder])).records.map(({ kind }) => kind)).toEqual(["request", "cleared"]);
  });
});

describe("damage on disk", () => {
  test("costs the frames that it hit, is told, and everything else is replayed", async () => {
    const folder = await temporaryFolder();
    const log = openTestLog({ folders: [folder] });
    for (const number of [0, 1, 2]) await log.append(incompressible(number, 1000));
    await log.close();
    const [file = ""] = await segmentFiles(folder);
    const bytes = await readFile(file);
    const middle = bytes.indexOf("#1 ");
    bytes[middle] = 0;
    await writeFile(file, bytes);
    const { records, summary } = await replayed([folder]);
    expect(records.map(numberOf)).toEqual([0, 2]);
    expect(summary.problems).toMatchObject([{ code: "log-corrupt" }]);
    expect(summary.problems[0]?.message).toContain(file);
  });

  test("an end that is cut off costs what was not whole, silently", async () => {
    const folder = await temporaryFolder();
    const log = openTestLog({ folders: [folder] });
    for (const number of [0, 1]) await log.append(numberedRequest(number, 30));
    await log.close();
    const [file = ""] = await segmentFiles(folder);
    const bytes = await readFile(file);
    for (let length = bytes.length - 1; length >= 0; length -= 7) {
      await writeFile(file, bytes.subarray(0, length));
      const { records, summary } = await replayed([folder]);
      expect(records.map(numberOf)).toEqual([0, 1].slice(0, records.length));
      expect(summary.problems).toEqual([]);
    }
  });

  test("strange files and folders in the log's folder are left alone", async () => {
    const folder = await temporaryFolder();
    const log = openTestLog({ folders: [folder] });
    await log.append(numberedRequest(1));
    await log.close();
    const [file = ""] = await segmentFiles(folder);
    await writeFile(join(folder, "notes.txt"), "mine");
    await writeFile(join(file, "..", "notes.txt"), "mine");
    const { records, summary } = await replayed([folder]);
    expect(records.map(numberOf)).toEqual([1]);
    expect(summary.problems).toEqual([]);
  });
});
