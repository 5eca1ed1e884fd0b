import type { AppendOutcome } from "../../../../src/engine/store/append-outcome.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTracesProtobuf } from "../../../../src/engine/decode/otlp-protobuf.ts";
import type { BatchOrigin } from "../../../../src/engine/store/origin-table.ts";
import { SpanStore } from "../../../../src/engine/store/span-store.ts";
import { traceIdsIn } from "../../../../src/engine/store/trace-ids-in.ts";
import { openTrace } from "../../../../src/engine/query/open-trace.ts";
import { readSpan } from "../../../../src/engine/query/read-span.ts";
import type { RunNumber, SpanRow, TraceId } from "../../../../src/model/ids.ts";
import { SpanBatch } from "../../../../src/model/span-batch.ts";
import type { Span } from "../../../../src/model/span.ts";
import { encodeRequest, requestOf, spanId, spanOf, traceId } from "../otlp-oracle.ts";

const RUN = 1 as RunNumber;
const HTTP: BatchOrigin = { session: "session-a", run: RUN, channel: "http" };
const AGENT: BatchOrigin = { session: "session-a", run: RUN, channel: "agent", connection: 7 };
const PLENTY = 1e9;

function append(
  store: SpanStore,
  spans: readonly object[],
  from: BatchOrigin = HTTP,
  service?: string,
): AppendOutcome {
  const batch = new SpanBatch();
  decodeTracesProtobuf(encodeRequest(requestOf(spans, service)), batch);
  return store.append(batch, from);
}

function idOf(number: number): TraceId {
  return Buffer.from(traceId(number)).toString("hex") as TraceId;
}

/** The spans of a trace in the order of their rows. */
function spansOf(store: SpanStore, trace = 1): Span[] {
  const columns = openTrace(store, idOf(trace));
  return [...(columns?.row ?? [])]
    .sort((a, b) => a - b)
    .flatMap((row) => readSpan(store, row as SpanRow) ?? []);
}

const open = { endTimeUnixNano: "0" };
const withKey = (key: string): object => ({ attributes: [{ key, value: { boolValue: true } }] });

describe("SpanStore: the same span twice", () => {
  const cases: readonly {
    readonly title: string;
    readonly first: readonly [object, BatchOrigin];
    readonly second: readonly [object, BatchOrigin];
    readonly outcome: Partial<AppendOutcome>;
    readonly states: readonly string[];
  }[] = [
    {
      title: "a byte-equal resend is dropped",
      first: [{}, HTTP],
      second: [{}, HTTP],
      outcome: { duplicateCount: 1 },
      states: ["ended"],
    },
    {
      title: "an end completes the row of its start",
      first: [open, AGENT],
      second: [{}, AGENT],
      outcome: { completedCount: 1 },
      states: ["ended"],
    },
    {
      title: "an end over another channel completes it too",
      first: [open, AGENT],
      second: [{}, HTTP],
      outcome: { completedCount: 1 },
      states: ["ended"],
    },
    {
      title: "a start behind its end opens nothing",
      first: [{}, AGENT],
      second: [open, AGENT],
      outcome: { duplicateCount: 1 },
      states: ["ended"],
    },
    {
      title: "a later form of a running span takes its row",
      first: [open, AGENT],
      second: [{ ...open, ...withKey("more") }, AGENT],
      outcome: { completedCount: 1 },
      states: ["running"],
    },
    {
      title: "the fuller of agent and exporter remains",
      first: [{}, AGENT],
      second: [withKey("more"), HTTP],
      outcome: { completedCount: 1 },
      states: ["ended"],
    },
    {
      title: "the poorer of agent and exporter is dropped",
      first: [withKey("more"), HTTP],
      second: [{}, AGENT],
      outcome: { duplicateCount: 1 },
      states: ["ended"],
    },
    {
      title: "another end over the same channel is another span",
      first: [{}, HTTP],
      second: [{ endTimeUnixNano: "1700000000009000000" }, HTTP],
      outcome: { addedCount: 1 },
      states: ["ended", "ended"],
    },
    {
      title: "other attributes over the same channel are another span",
      first: [{}, HTTP],
      second: [withKey("more"), HTTP],
      outcome: { addedCount: 1 },
      states: ["ended", "ended"],
    },
    {
      title: "another kind is another span",
      first: [{ kind: 2 }, HTTP],
      second: [{ kind: 3 }, HTTP],
      outcome: { addedCount: 1 },
      states: ["ended", "ended"],
    },
    {
      title: "another start is another span",
      first: [{}, HTTP],
      second: [{ startTimeUnixNano: "1700000000000000001" }, HTTP],
      outcome: { addedCount: 1 },
      states: ["ended", "ended"],
    },
    {
      title: "another session is another span",
      first: [{}, HTTP],
      second: [{}, { ...HTTP, session: "session-b" }],
      outcome: { addedCount: 1 },
      states: ["ended", "ended"],
    },
    {
      title: "an end of another session completes nothing",
      first: [open, AGENT],
      second: [{}, { ...HTTP, session: undefined }],
      outcome: { addedCount: 1 },
      states: ["running", "ended"],
    },
  ];
  it.each(cases)("$title", ({ first, second, outcome, states }) => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1, first[0])], first[1]);
    const rows = [...(openTrace(store, idOf(1))?.row ?? [])];
    expect(append(store, [spanOf(1, second[0])], second[1])).toMatchObject(outcome);
    expect(spansOf(store).map(({ state }) => state)).toEqual(states);
    expect(openTrace(store, idOf(1))?.row[0]).toBe(rows[0]);
  });

  it("keeps the fuller span's attributes", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1)], AGENT);
    append(store, [spanOf(1, withKey("more"))], HTTP);
    expect(spansOf(store)[0]?.attributes).toEqual([{ key: "more", value: true }]);
  });

  it("is found within one batch as well", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    expect(append(store, [spanOf(1, open), spanOf(1), spanOf(1)])).toEqual({
      addedCount: 1,
      completedCount: 1,
      duplicateCount: 1,
    });
  });

  it.each([1, 23, 24, 25, 26, 200])("is found in a trace of %i spans, which leaves whole again", (count) => {
    const store = new SpanStore({ maxBytes: PLENTY });
    const numbers = Array.from({ length: count }, (_, n) => n + 1);
    for (const n of numbers) append(store, [spanOf(n, open)]);
    expect(
      append(
        store,
        numbers.map((n) => spanOf(n)),
      ).completedCount,
    ).toBe(count);
    expect(
      append(
        store,
        numbers.map((n) => spanOf(n)),
      ).duplicateCount,
    ).toBe(count);
    store.clear(false);
    expect(
      append(
        store,
        numbers.map((n) => spanOf(n)),
      ).addedCount,
    ).toBe(count);
  });

  it("stays quick where 20,000 spans share their ids", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    const spans = Array.from({ length: 20_000 }, (_, n) => spanOf(1, { startTimeUnixNano: String(n + 1) }));
    expect(append(store, spans).addedCount).toBe(20_000);
    store.clear(false);
    expect(store.spanCount).toBe(0);
  });
});

describe("SpanStore: a process that is gone", () => {
  it("ends the open spans of its connection only, marked as lost", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1, open), spanOf(2)], AGENT);
    append(store, [spanOf(3, open)], { ...AGENT, connection: 8 });
    expect(store.endOpenSpansOf(7, 1_700_000_000_500_000_000n)).toBe(1);
    expect(spansOf(store).map(({ state, durationNs }) => [state, durationNs])).toEqual([
      ["lost", 500_000_000],
      ["ended", 5_000_000],
      ["running", undefined],
    ]);
    expect(store.endOpenSpansOf(7, 1n)).toBe(0);
  });

  it("lets a late end complete a lost span, and a late start not", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1, open)], AGENT);
    store.endOpenSpansOf(7, 1_700_000_000_500_000_000n);
    append(store, [spanOf(1, { ...open, ...withKey("late") })], AGENT);
    expect(spansOf(store)[0]?.state).toBe("lost");
    append(store, [spanOf(1)], HTTP);
    expect(spansOf(store)).toMatchObject([{ state: "ended", durationNs: 5_000_000 }]);
  });
});

describe("SpanStore: what leaves", () => {
  /** A trace of some weight: values that no other span has. */
  const heavy = (trace: number): object[] =>
    Array.from({ length: 40 }, (_, n) =>
      spanOf(n + 1, {
        traceId: traceId(trace),
        attributes: [{ key: "body", value: { stringValue: `${trace} ${n} `.repeat(200) } }],
      }),
    );

  it("lets whole traces leave, the one without news for longest first", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    for (let trace = 1; trace <= 60; trace++) append(store, heavy(trace));
    // News for the first one, which makes it the last to leave.
    append(store, [spanOf(99, { traceId: traceId(1) })]);
    const full = store.bytes;
    store.setMaxBytes(Math.floor(full / 2));
    const held = Array.from({ length: 60 }, (_, n) => n + 1).filter(
      (trace) => openTrace(store, idOf(trace)) !== undefined,
    );
    expect(store.bytes).toBeLessThanOrEqual(full / 2);
    expect(held).toContain(1);
    expect(held).not.toContain(2);
    expect(held.slice(1)).toEqual(
      Array.from({ length: held.length - 1 }, (_, n) => 60 - held.length + 2 + n),
    );
    expect(held.length).toBe(60 - store.evictedCount);
    expect(store.traceCount).toBe(held.length);
    expect(store.spanCount).toBe(held.length * 40 + 1);
    expect(store.evictedUntilMs).toBe(1_700_000_000_005);
  });

  /** With an id of its own, however many there are. */
  const numbered = (n: number): object =>
    spanOf(n, { spanId: [0, 0, 0, 1, 0, n >> 16, (n >> 8) & 255, n & 255] });

  it("lets a large trace leave a part at a time, with what arrives for it meanwhile", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    for (let part = 0; part < 5; part++)
      append(
        store,
        Array.from({ length: 8000 }, (_, n) => numbered(part * 8000 + n)),
      );
    append(store, heavy(2));
    store.setMaxBytes(store.bytes - 1);
    const counts = [40_040, store.spanCount];
    expect(store.pin(idOf(1), true)).toBe(false);
    expect(append(store, [numbered(0), numbered(50_000)])).toMatchObject({
      addedCount: 1,
      duplicateCount: 1,
    });
    while (store.isOverfull) {
      store.evictPart();
      counts.push(store.spanCount);
      expect(openTrace(store, idOf(1))?.spanCount ?? 0).toBe(store.spanCount - 40);
    }
    // Two of them left with what was appended, one before and one after the last count.
    expect(counts.length).toBeGreaterThan(2);
    for (const [part, count] of counts.slice(1).entries())
      expect((counts[part] ?? 0) - count).toBeLessThan(2 * 17_000);
    expect([store.spanCount, store.traceCount, store.evictedCount]).toEqual([40, 1, 1]);
    append(store, [spanOf(1)]);
    expect(openTrace(store, idOf(1))?.spanCount).toBe(1);
  });

  it("finds resends of a large trace that has left and came again", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    const spans = Array.from({ length: 3000 }, (_, n) => numbered(n));
    append(store, spans);
    append(store, heavy(2));
    store.setMaxBytes(store.bytes - 1);
    expect([store.traceCount, store.spanCount]).toEqual([1, 40]);
    store.setMaxBytes(PLENTY);
    expect(append(store, spans).addedCount).toBe(3000);
    expect(append(store, spans).duplicateCount).toBe(3000);
  });

  it("never lets a pinned trace leave", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, heavy(1));
    expect(store.pin(idOf(1), true)).toBe(true);
    for (let trace = 2; trace <= 30; trace++) append(store, heavy(trace));
    store.setMaxBytes(1);
    expect(store.traceCount).toBe(1);
    expect(openTrace(store, idOf(1))?.spanCount).toBe(40);
    store.pin(idOf(1), false);
    expect(store.traceCount).toBe(0);
  });

  it("stays within its bytes however much arrives", () => {
    const maxBytes = 3_000_000;
    const store = new SpanStore({ maxBytes });
    for (let trace = 1; trace <= 250; trace++) {
      append(store, heavy(trace));
      expect(store.bytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(store.traceCount).toBeGreaterThan(5);
  });

  it("does not give a row's number to another span", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1)]);
    const [row] = openTrace(store, idOf(1))?.row ?? [];
    store.clear(false);
    append(store, [spanOf(2)]);
    expect(openTrace(store, idOf(1))?.row[0]).not.toBe(row);
    expect(readSpan(store, (row ?? 0) as SpanRow)).toBeUndefined();
  });

  it("keeps pinned traces when it is cleared that way", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1), spanOf(2, { traceId: traceId(2) })]);
    store.pin(idOf(2), true);
    store.clear(true);
    expect([openTrace(store, idOf(1)), openTrace(store, idOf(2))?.spanCount]).toEqual([undefined, 1]);
    store.clear(false);
    expect([store.traceCount, store.spanCount, store.evictedCount]).toEqual([0, 0, 0]);
  });

  it("takes more memory for nothing that left", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, heavy(1));
    store.clear(false);
    const empty = store.bytes;
    for (let round = 0; round < 20; round++) {
      append(store, heavy(round + 1));
      store.clear(false);
    }
    expect(store.bytes).toBe(empty);
  });
});

describe("SpanStore: changes", () => {
  it("tells which traces changed, once", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    expect(store.takeChangedTraces(10)).toBeUndefined();
    append(store, [spanOf(1), spanOf(2, { traceId: traceId(2) }), spanOf(3)]);
    expect(store.takeChangedTraces(10)).toEqual({ traceIds: [idOf(1), idOf(2)], more: false });
    expect(store.takeChangedTraces(10)).toBeUndefined();
    append(store, [spanOf(4), spanOf(5, { traceId: traceId(2) })]);
    expect(store.takeChangedTraces(1)).toEqual({ traceIds: [idOf(1)], more: true });
  });

  it("grows a trace's version with every change of it, and of it alone", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1)]);
    append(store, [spanOf(1, { traceId: traceId(2) })]);
    const before = openTrace(store, idOf(1))?.version;
    append(store, [spanOf(2, { traceId: traceId(2) })]);
    expect(openTrace(store, idOf(1), before)).toBeUndefined();
    append(store, [spanOf(3)]);
    expect(openTrace(store, idOf(1), before)?.version).toBeGreaterThan(before ?? 0);
  });

  it("names the traces of a batch", () => {
    const batch = new SpanBatch();
    const spans = [spanOf(1), spanOf(2, { traceId: traceId(2) }), spanOf(3)];
    decodeTracesProtobuf(encodeRequest(requestOf(spans)), batch);
    expect(traceIdsIn(batch, 10)).toEqual([idOf(1), idOf(2)]);
    expect(traceIdsIn(batch, 1)).toEqual([idOf(1)]);
  });
});

describe("SpanStore: any sequence of batches", () => {
  const span = fc.record({
    trace: fc.integer({ min: 1, max: 4 }),
    id: fc.integer({ min: 1, max: 5 }),
    running: fc.boolean(),
    error: fc.boolean(),
    agent: fc.boolean(),
  });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant("append" as const), spans: fc.array(span, { maxLength: 6 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("gone" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("pin" as const),
        trace: fc.integer({ min: 1, max: 4 }),
        pinned: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("shrink" as const) }) },
  );

  it("leaves counts that agree with the rows", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const store = new SpanStore({ maxBytes: PLENTY });
        for (const action of steps) {
          if (action.do === "append") {
            for (const { trace, id, running, error, agent } of action.spans) {
              const more = { traceId: traceId(trace), ...(running && open), status: { code: error ? 2 : 0 } };
              append(store, [spanOf(id, more)], agent ? AGENT : HTTP);
            }
          } else if (action.do === "gone") store.endOpenSpansOf(7, 1_700_000_000_100_000_000n);
          else if (action.do === "pin") store.pin(idOf(action.trace), action.pinned);
          else {
            store.setMaxBytes(1);
            store.setMaxBytes(PLENTY);
          }
        }
        let total = 0;
        for (const trace of [1, 2, 3, 4]) {
          const slot = store.traces.slotOf(idOf(trace));
          const spans = spansOf(store, trace);
          total += spans.length;
          if (spans.length === 0) continue;
          const count = (isOne: (one: Span) => boolean): number => spans.filter(isOne).length;
          expect(store.traces.spanCount[slot]).toBe(spans.length);
          expect(store.traces.errorCount[slot]).toBe(count(({ status }) => status === "error"));
          expect(store.traces.runningCount[slot]).toBe(count(({ state }) => state === "running"));
          expect(store.traces.lostCount[slot]).toBe(count(({ state }) => state === "lost"));
        }
        expect(store.spanCount).toBe(total);
      }),
      { numRuns: 60 },
    );
  });
});

describe("SpanStore: hostile spans", () => {
  it("keeps a span whose clock ran backwards, with a negative duration", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1, { endTimeUnixNano: "1699999999999999000" })]);
    expect(spansOf(store)[0]).toMatchObject({ durationNs: -1000, state: "ended" });
  });

  it("keeps times at both ends of 64 bits", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    append(store, [spanOf(1, { startTimeUnixNano: "1", endTimeUnixNano: "18446744073709551615" })]);
    expect(spansOf(store)[0]).toMatchObject({ startTimeUnixNano: "1", durationNs: 2 ** 64 });
  });

  it("keeps a megabyte of value, and names of any kind", () => {
    const store = new SpanStore({ maxBytes: PLENTY });
    const name = "<img src=x onerror=alert(1)>";
    const value = "x".repeat(1 << 20);
    append(store, [
      spanOf(1, { name, attributes: [{ key: "huge", value: { stringValue: value } }] }),
      spanOf(2, { spanId: spanId(2) }),
    ]);
    expect(spansOf(store).map((span) => span.name)).toEqual([name, "span 2"]);
    expect(spansOf(store)[0]?.attributes[0]?.value).toBe(value);
  });
});
