import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeLogsProtobuf } from "../../../../src/engine/query/encode-logs-protobuf.ts";
import { ID_WORDS, indexInLogChunk } from "../../../../src/engine/store/log-chunk.ts";
import { LogStore, type LogRowTest } from "../../../../src/engine/store/log-store.ts";
import type { BatchOrigin } from "../../../../src/engine/store/origin-table.ts";
import type { RunNumber } from "../../../../src/model/ids.ts";
import {
  appendLogs,
  decodedLogs,
  logOf,
  logsBody,
  logsIn,
  storeOf,
  textsIn,
  type PlainLog,
} from "../otlp-logs-request.ts";

const traceId = (number: number): number[] => new Array<number>(16).fill(number);
const spanId = (number: number): number[] => new Array<number>(8).fill(number);
const hex = (number: number, bytes: number): string => number.toString(16).padStart(2, "0").repeat(bytes);
const filterOf = (trace: number, span?: number): object => ({
  traceId: hex(trace, 16),
  ...(span !== undefined && { spanId: hex(span, 8) }),
});

describe("a request that comes again", () => {
  const body = (): Uint8Array => logsBody([logOf("one"), logOf("one"), logOf("two")]);

  test("is dropped within its session, and equal records in one request are all kept", () => {
    const store = storeOf([]);
    expect(appendLogs(store, body(), "a")).toEqual({ addedCount: 3, duplicateCount: 0 });
    expect(appendLogs(store, body(), "a")).toEqual({ addedCount: 0, duplicateCount: 3 });
    expect(textsIn(store)).toEqual(["two", "one", "one"]);
  });

  test("is another one in another session, from another service, or with one more record", () => {
    const store = storeOf([]);
    appendLogs(store, body(), "a");
    appendLogs(store, body(), "b");
    appendLogs(store, logsBody([logOf("one"), logOf("one"), logOf("two")], "other"), "a");
    appendLogs(store, logsBody([logOf("one"), logOf("one")]), "a");
    expect(store.count).toBe(11);
  });

  test("is kept where a record tells no time: the line may be meant twice", () => {
    const store = storeOf([]);
    const timeless = logsBody([{ body: { stringValue: "tick" } }]);
    appendLogs(store, timeless);
    appendLogs(store, timeless);
    expect(store.count).toBe(2);
  });

  test("is kept after everything was cleared", () => {
    const store = storeOf([]);
    appendLogs(store, body());
    store.clear();
    expect(store.count).toBe(0);
    appendLogs(store, body());
    expect(store.count).toBe(3);
  });
});

test("records are found by trace and by span, however many others there are", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 40 }), (ids) => {
      const records = ids.map(([trace, span], n): PlainLog =>
        logOf(`line ${n}`, n, {
          ...(trace > 0 && { traceId: traceId(trace) }),
          ...(span > 0 && { spanId: spanId(span) }),
        }),
      );
      const store = storeOf(records);
      const linesWhere = (test: (trace: number, span: number) => boolean): string[] =>
        ids.flatMap(([trace, span], n) => (test(trace, span) ? [`line ${n}`] : [])).reverse();
      for (let trace = 1; trace <= 3; trace++) {
        expect(textsIn(store, filterOf(trace))).toEqual(linesWhere((of) => of === trace));
        for (let span = 1; span <= 3; span++) {
          const expected = linesWhere((of, in_) => of === trace && in_ === span);
          expect(textsIn(store, filterOf(trace, span))).toEqual(expected);
        }
      }
    }),
    { numRuns: 100 },
  );
});

describe("beyond its bound", () => {
  const LINE = "x".repeat(400);
  const request = (number: number): Uint8Array =>
    logsBody(
      Array.from({ length: 200 }, (_, n) =>
        logOf(`${number}:${n} ${LINE}`, number, { traceId: traceId((number % 200) + 1), spanId: spanId(1) }),
      ),
    );

  test("what arrived first leaves and is counted; what is left is whole and found", () => {
    const store = storeOf([], 4 << 20);
    for (let number = 140; number < 200; number++) appendLogs(store, request(number));
    expect(store.bytes).toBeLessThanOrEqual(4 << 20);
    expect(store.evictedCount + store.count).toBe(12_000);
    expect(store.count).toBeGreaterThan(2000);
    const texts = textsIn(store, {}, 10_000) as string[];
    expect(texts).toHaveLength(store.count);
    expect(texts[0]).toBe(`199:199 ${LINE}`);
    expect(textsIn(store, filterOf(200, 1), 1000)).toHaveLength(200);
    expect(textsIn(store, filterOf(141))).toEqual([]);
  });

  test("rows are not used twice, after all have left either", () => {
    const store = storeOf([logOf("first")]);
    const before = store.endRow;
    store.setMaxBytes(1);
    expect([store.count, store.evictedCount]).toEqual([0, 1]);
    store.setMaxBytes(64 << 20);
    appendLogs(store, logsBody([logOf("second", 1)]));
    expect(store.firstRow).toBeGreaterThanOrEqual(before);
    expect(textsIn(store)).toEqual(["second"]);
  });
});

describe("records that are spared", () => {
  const LINE = "x".repeat(400);
  const SPARED = 1;
  const isSpared: LogRowTest = ({ ids }, index) => ids[index * ID_WORDS] === 0x0101_0101 * SPARED;
  const request = (number: number, trace: number): Uint8Array =>
    logsBody(
      Array.from({ length: 200 }, (_, n) =>
        logOf(`${number}:${n} ${LINE}`, number, { traceId: traceId(trace), spanId: spanId(1) }),
      ),
    );

  test("stay while others leave, are found, and hold no memory of those", () => {
    const store = new LogStore({ maxBytes: 4 << 20, isSpared });
    appendLogs(store, request(0, SPARED));
    for (let number = 1; number < 150; number++)
      appendLogs(store, request(number, number === 60 ? SPARED : 2));
    expect(store.bytes).toBeLessThanOrEqual(4 << 20);
    expect(store.evictedCount + store.count).toBe(150 * 200);
    expect(textsIn(store, filterOf(SPARED), 1000)).toHaveLength(400);
    expect(textsIn(store, filterOf(SPARED, 1), 1000)).toHaveLength(400);
    // Some 6,000 lines fit where none is spared.
    expect(store.count).toBeGreaterThan(4000);
    expect(textsIn(store, {}, 10_000)).toHaveLength(store.count);
    expect(textsIn(store, filterOf(2), 10_000)).toHaveLength(store.count - 400);
    expect(encodeLogsProtobuf(store).recordCount).toBe(store.count);
  });

  test("leave, the oldest first, where they are more than half of all", () => {
    const store = new LogStore({ maxBytes: 2 << 20, isSpared });
    for (let number = 0; number < 60; number++) {
      appendLogs(store, request(2 * number, SPARED));
      appendLogs(store, request(2 * number + 1, 2));
    }
    expect(store.bytes).toBeLessThanOrEqual(2 << 20);
    const left = textsIn(store, filterOf(SPARED), 10_000) as string[];
    expect(left[0]).toBe(`118:199 ${LINE}`);
    expect(left.length).toBeGreaterThan(200);
    expect(left).not.toContain(`0:0 ${LINE}`);
    expect(textsIn(store, {}, 10_000)[0]).toBe(`119:199 ${LINE}`);
  });

  test("leave with the next record of their trace once they are spared no longer", () => {
    let sparing = true;
    const store = new LogStore({
      maxBytes: 4 << 20,
      isSpared: (chunk, i, row) => sparing && isSpared(chunk, i, row),
    });
    appendLogs(store, request(0, SPARED));
    for (let number = 1; number < 80; number++) appendLogs(store, request(number, 2));
    expect(textsIn(store, filterOf(SPARED), 1000)).toHaveLength(200);
    sparing = false;
    appendLogs(store, request(80, SPARED));
    for (let number = 81; number < 160; number++) appendLogs(store, request(number, 2));
    expect(textsIn(store, filterOf(SPARED), 1000)).toEqual([]);
    expect(textsIn(store, {}, 10_000)).toHaveLength(store.count);
  });
});

test("lists by trace and span are whole, whatever is cleared, spared and evicted in whatever order", () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        trace: fc.integer({ min: 1, max: 3 }),
        count: fc.integer({ min: 1, max: 3000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kept: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ maxKilobytes: fc.integer({ min: 300, max: 1500 }) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), fc.integer({ min: 1, max: 3 }), (steps, spared) => {
      const isOf =
        (trace: number): LogRowTest =>
        ({ ids }, index) =>
          ids[index * ID_WORDS] === 0x0101_0101 * trace;
      const store = new LogStore({ maxBytes: 1 << 20, isSpared: isOf(spared) });
      let atMs = 0;
      for (const one of steps) {
        if ("kept" in one) store.clear(isOf(one.kept));
        else if ("maxKilobytes" in one) store.setMaxBytes(one.maxKilobytes << 10);
        else {
          const { trace, count } = one;
          const ids = { traceId: traceId(trace), spanId: spanId(trace) };
          appendLogs(store, logsBody(Array.from({ length: count }, () => logOf("line", atMs++, ids))));
        }
      }
      const counts = [1, 2, 3].map((trace) => logsIn(store, filterOf(trace)).totalCount);
      expect(counts.reduce((sum, count) => sum + count)).toBe(store.count);
      expect([1, 2, 3].map((trace) => logsIn(store, filterOf(trace, trace)).totalCount)).toEqual(counts);
      expect(logsIn(store).totalCount).toBe(store.count);
    }),
    { numRuns: 15 },
  );
});

test("a copy of all that was logged of a trace stands for it, for its session and run alone", () => {
  const store = storeOf([]);
  const from = { session: "a", run: 1 as RunNumber, channel: "http" } as const;
  const ofTrace = (text: string, trace: number): PlainLog => logOf(text, 1, { traceId: traceId(trace) });
  const replay = (isCarried: boolean, origin: BatchOrigin, ...records: readonly PlainLog[]): void => {
    store.append(decodedLogs(logsBody(records)), origin, { isReplayed: true, isCarried });
  };
  const both = [ofTrace("one", 1), ofTrace("one", 1)];
  replay(false, from, ...both, ofTrace("other", 2));
  replay(false, { ...from, session: "b" }, ...both);
  appendLogs(store, logsBody([ofTrace("here", 1)]), "a", 1);
  // Byte for byte what was there, then with one more.
  replay(true, from, ...both);
  replay(true, from, ...both);
  replay(true, from, ...both, ofTrace("two", 1));
  expect([...textsIn(store)].sort()).toEqual(["here", "one", "one", "one", "one", "other", "two"]);
});

test("clearing spares what is asked for, and later arrivals join it", () => {
  const store = storeOf([
    logOf("gone", 1, { traceId: traceId(1) }),
    logOf("kept", 2, { traceId: traceId(2) }),
    logOf("gone too", 3, { traceId: traceId(2) }),
  ]);
  store.clear((chunk, index) => chunk.timeLow[index] === chunk.timeLow[indexInLogChunk(store.firstRow + 1)]);
  expect([store.count, store.evictedCount]).toEqual([1, 0]);
  appendLogs(store, logsBody([logOf("new", 4, { traceId: traceId(2) })]));
  expect(textsIn(store, filterOf(2))).toEqual(["new", "kept"]);
  expect(textsIn(store, filterOf(1))).toEqual([]);
  expect(textsIn(store)).toEqual(["new", "kept"]);
});

describe("a request from before a clearing that spared a trace", () => {
  const before = (): Uint8Array =>
    logsBody([
      logOf("spared", 1, { traceId: traceId(2) }),
      logOf("gone", 2, { traceId: traceId(1) }),
      logOf("spared", 1, { traceId: traceId(2) }),
      logOf("gone, of no trace", 3),
    ]);
  const all = ["gone", "gone, of no trace", "spared", "spared"];
  const cleared = (): LogStore => {
    const store = storeOf([]);
    appendLogs(store, before());
    store.clear((chunk, index) => chunk.ids[index * ID_WORDS] === 0x02020202);
    expect(textsIn(store)).toEqual(["spared", "spared"]);
    return store;
  };

  test("brings back, once, what was not spared of it", () => {
    const store = cleared();
    expect(appendLogs(store, before())).toEqual({ addedCount: 2, duplicateCount: 2 });
    expect(appendLogs(store, before())).toEqual({ addedCount: 0, duplicateCount: 4 });
    expect([...textsIn(store)].sort()).toEqual(all);
  });

  test("is known after another clearing, too", () => {
    const store = cleared();
    store.clear((chunk, index) => chunk.ids[index * ID_WORDS] === 0x02020202);
    appendLogs(store, before());
    expect([...textsIn(store)].sort()).toEqual(all);
  });

  test("brings all of it where nothing is spared any longer", () => {
    const store = cleared();
    store.clear(() => false);
    expect(appendLogs(store, before())).toEqual({ addedCount: 4, duplicateCount: 0 });
  });

  test("is taken whole where it was under way, and is taken again", () => {
    const store = cleared();
    const from = { session: undefined, run: 0 as RunNumber, channel: "http" } as const;
    store.append(decodedLogs(before()), from, { isRestarted: true });
    expect(store.count).toBe(6);
  });
});

test("the version grows with every change, and not with a resend", () => {
  const store = new LogStore({ maxBytes: 64 << 20 });
  const versions = [store.version];
  const note = (): number => versions.push(store.version);
  appendLogs(store, logsBody([logOf("one")]));
  note();
  appendLogs(store, logsBody([logOf("one")]));
  note();
  store.clear();
  note();
  expect(versions).toEqual([0, 1, 1, 2]);
});

test("of what was replayed and what arrived here, either may be cleared alone", () => {
  const store = storeOf([]);
  const from = { session: undefined, run: 0 as RunNumber, channel: "http" } as const;
  store.append(decodedLogs(logsBody([logOf("old")])), from, { isReplayed: true });
  appendLogs(store, logsBody([logOf("new", 1)]));
  store.append(decodedLogs(logsBody([logOf("older", -1)])), from, { isReplayed: true });
  store.clearReplayed();
  expect(textsIn(store)).toEqual(["new"]);
});

test.each<readonly [numbers: readonly number[], left: readonly number[]]>([
  [[98, 14], [14]],
  [[14, 98], [98]],
  [
    [98, 96],
    [98, 96],
  ],
])(
  "of severities that come more than once, %j, the last counts when the record is exported again",
  (numbers, left) => {
    const record = Buffer.from(numbers.flatMap((number) => [0x10, number]));
    const scope = Buffer.from([0x12, record.length, ...record]);
    const resource = Buffer.from([0x12, scope.length, ...scope]);
    const store = new LogStore({ maxBytes: 64 << 20 });
    appendLogs(store, Uint8Array.from([0x0a, resource.length, ...resource]));
    const exported = Buffer.from(encodeLogsProtobuf(store).protobuf);
    expect(exported.subarray(-2 * left.length)).toEqual(
      Buffer.from(left.flatMap((number) => [0x10, number])),
    );
    expect(exported.filter((byte) => byte === 0x10)).toHaveLength(left.length);
  },
);
