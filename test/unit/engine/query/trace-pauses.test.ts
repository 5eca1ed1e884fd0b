import { expect, test } from "vitest";
import { findSpans } from "../../../../src/engine/query/find-spans.ts";
import { listTraces } from "../../../../src/engine/query/list-traces.ts";
import { buffersOf, openTrace } from "../../../../src/engine/query/open-trace.ts";
import { operationStatistics } from "../../../../src/engine/query/operations.ts";
import type { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { Pause } from "../../../../src/model/pause.ts";
import { NO_STRING, type TraceColumns } from "../../../../src/model/trace.ts";
import { idOf, NOW_MS } from "./filled-store.ts";
import { CLIENT, pause, storeOf, type Sketch } from "./paused-store.ts";

function open(store: SpanStore): TraceColumns {
  const columns = openTrace(store, idOf(1));
  if (columns === undefined) throw new Error("the trace is not held");
  return columns;
}

const stoodMs = (store: SpanStore): readonly number[] =>
  [...(open(store).pauses?.stood ?? [])].map((ns) => ns / 1e6);

/** An api (process 1) calls a cart (process 2). */
const call: readonly [Sketch, Sketch, Sketch] = [
  { id: 1, service: "api", pid: 1, startMs: 0, endMs: 100 },
  { id: 2, parent: 1, service: "api", pid: 1, kind: CLIENT, startMs: 10, endMs: 95 },
  { id: 3, parent: 2, service: "cart", pid: 2, startMs: 15, endMs: 90 },
];

test("without a pause nothing is said of pauses", () => {
  const store = storeOf(call, []);
  expect(open(store).pauses).toBeUndefined();
  expect(listTraces(store, { filter: { text: "" }, limit: 1 }, NOW_MS).traces[0]).not.toHaveProperty(
    "stoodNs",
  );
  expect(open(storeOf(call, [pause(2, 200, 300)])).pauses).toBeUndefined();
});

test("a paused process stops its spans and those who call it, with band, place and standstill", () => {
  const place = { path: "/shop/cart.ts", line: 12 };
  const store = storeOf(call, [pause(2, 20, 60, { place })]);
  const { pauses } = open(store);
  expect([...(pauses?.stood ?? [])]).toEqual([40e6, 40e6, 40e6]);
  expect([...(pauses?.standstill ?? [])]).toEqual([20e6, 60e6]);
  expect(pauses?.bands).toEqual([{ start: 20e6, end: 60e6, who: "cart", threadName: undefined, place }]);
  const [row] = listTraces(store, { filter: { text: "" }, limit: 1 }, NOW_MS).traces;
  expect([row?.durationNs, row?.stoodNs]).toEqual([100e6, 40e6]);
  const columns = open(store);
  expect(buffersOf(columns)).toContain(columns.pauses?.stood.buffer);
});

test.each<[title: string, spans: readonly Sketch[], pauses: readonly Pause[], stood: readonly number[]]>([
  [
    "two debug sessions on one process hold it once",
    call,
    [pause(2, 20, 60), pause(2, 40, 70, { sessionId: undefined })],
    [50, 50, 50],
  ],
  [
    "a process of another machine may have the same number",
    call.map((span) => ({ ...span, host: "server" })),
    [pause(2, 20, 60, { sessionId: undefined })],
    [],
  ],
  [
    "without a process id the session counts, if it has one process",
    call.slice(0, 1).map((span) => ({ ...span, pid: undefined })),
    [pause(9, 20, 60)],
    [40],
  ],
  [
    "without a process id nothing is known of a session with several",
    [...call.slice(1), { id: 1, service: "api", startMs: 0, endMs: 100 }],
    [pause(2, 20, 60), pause(1, 0, 5)],
    [40, 40, 40],
  ],
  [
    "a debug session that does not know its process holds the whole session",
    call,
    [pause(undefined, 20, 60)],
    [40, 40, 40],
  ],
  [
    "a thread's pause is that of the spans on it",
    call.map((span) => ({ ...span, thread: span.service === "cart" ? "exec-2" : "exec-1" })),
    [pause(2, 20, 60, { threadName: "exec-2" })],
    [40, 40, 40],
  ],
  [
    "and of no others",
    call.map((span) => ({ ...span, thread: "exec-1" })),
    [pause(2, 20, 60, { threadName: "exec-2" })],
    [],
  ],
])("%s", (_title, spans, pauses, stood) => {
  expect(stoodMs(storeOf(spans, pauses))).toEqual(stood);
});

test("a later word on a pause replaces the first, and the trace counts as changed", () => {
  const store = storeOf(call, [pause(2, 20, undefined, { id: "x" })]);
  expect(stoodMs(store)).toEqual([70, 70, 70]);
  const { version } = open(store);
  store.recordPause(pause(2, 20, 30, { id: "x" }));
  expect(openTrace(store, idOf(1), version)).toBeDefined();
  expect(stoodMs(store)).toEqual([10, 10, 10]);
});

test("spans that run are held while the debugger holds their process", () => {
  const running = call.map(({ endMs: _, ...span }) => span);
  const { pauses } = open(storeOf(running, [pause(2, 20, 30), pause(2, 50)]));
  expect([...(pauses?.stood ?? [])]).toEqual([10e6, 10e6, 10e6]);
  expect([...(pauses?.heldSince ?? [])]).toEqual([50e6, 50e6, 50e6]);
});

const failedIn = (store: SpanStore): readonly (string | undefined)[] => {
  const { pauses, strings } = open(store);
  return [...(pauses?.failedIn ?? [])].map((number) => (number === NO_STRING ? undefined : strings[number]));
};

test.each<[title: string, spans: readonly Sketch[], who: readonly (string | undefined)[]]>([
  [
    "a client that gave up waiting, and its caller",
    [
      { ...call[0], endMs: 52, failed: true },
      { ...call[1], endMs: 50, failed: true },
      { ...call[2], endMs: 90 },
    ],
    ["cart", "cart", undefined],
  ],
  [
    "a client that was not answered at all",
    [
      { ...call[0], endMs: 100 },
      { ...call[1], endMs: 50, failed: true },
      { id: 4, parent: 1, service: "cart", pid: 2, startMs: 90, endMs: 95 },
    ],
    [undefined, "cart", undefined],
  ],
  [
    "not a failure of the paused process itself",
    [
      { ...call[0], failed: true },
      { ...call[1], failed: true },
      { ...call[2], failed: true },
    ],
    [undefined, undefined, undefined],
  ],
  [
    "not what failed long before",
    [call[0], { ...call[1], endMs: 18, failed: true }, call[2]],
    [undefined, undefined, undefined],
  ],
])("failed during a pause: %s", (_title, spans, who) => {
  expect(failedIn(storeOf(spans, [pause(2, 20, 60)]))).toEqual(who);
});

test("statistics speak of the program: without pauses, and without what failed in one unless asked for", () => {
  const [root, client, server] = call;
  const store = storeOf([root, { ...client, endMs: 50, failed: true }, server], [pause(2, 20, 60)]);
  const told = (options?: { withFailedInPause: boolean }): readonly string[] =>
    operationStatistics(store, options).map(({ name, totalNs }) => `${name} ${totalNs / 1e6}`);
  expect(told()).toEqual(["span 1 70", "span 3 35"]);
  expect(told({ withFailedInPause: true })).toEqual(["span 1 70", "span 3 35", "span 2 10"]);
});

test("search and the histogram go by the program's own time", () => {
  const store = storeOf(call, [pause(2, 20, 60)]);
  const count = (text: string): number =>
    listTraces(store, { filter: { text }, limit: 1 }, NOW_MS).matchingCount;
  expect([count("duration>80ms"), count("duration<80ms")]).toEqual([0, 1]);
});

test("a list counts as errors what failed for a reason of the program's own, and tells the others apart", () => {
  const [root, client, server] = call;
  const listed = (kept: Sketch): readonly (number | undefined)[] => {
    const spans = [root, { ...kept, failed: true }, server];
    const { traces, histogram } = listTraces(
      storeOf(spans, [pause(2, 20, 60)]),
      {
        filter: { text: "" },
        limit: 1,
      },
      NOW_MS,
    );
    const errors = histogram.errorCounts.reduce((sum, count) => sum + count, 0);
    return [traces[0]?.errorCount, traces[0]?.failedInPauseCount, errors];
  };
  expect(listed({ ...client, endMs: 50 })).toEqual([0, 1, 0]);
  expect(listed({ ...client, endMs: 18 })).toEqual([1, undefined, 1]);
});

test("so does the search for spans within a trace", () => {
  const store = storeOf(call, [pause(2, 20, 60)]);
  const [trace] = listTraces(store, { filter: { text: "" }, limit: 1 }, NOW_MS).traces;
  const found = (text: string): number =>
    trace === undefined ? -1 : findSpans(store, trace.traceId, text, NOW_MS).rows.length;
  expect([found("duration>70ms"), found("duration<=70ms")]).toEqual([0, 3]);
  expect(found("duration>34ms")).toBeGreaterThan(0);
});
