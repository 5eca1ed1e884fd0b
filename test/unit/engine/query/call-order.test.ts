import fc from "fast-check";
import { expect, test } from "vitest";
import { openTrace } from "../../../../src/engine/query/open-trace.ts";
import type { SpanStore } from "../../../../src/engine/store/span-store.ts";
import type { SessionId } from "../../../../src/model/ids.ts";
import type { TraceColumns } from "../../../../src/model/trace.ts";
import { tree } from "../pause/arbitrary-pauses.ts";
import { idOf } from "./filled-store.ts";
import { CLIENT, pause, SERVER, storeOf, type Sketch } from "./paused-store.ts";

const [WEB, PRICING, STOCK] = ["web", "pricing", "stock"].map((name) => name.padEnd(22, "x") as SessionId);

/** Node calls Python, which calls Go; nobody has ended. */
const web: readonly Sketch[] = [
  { id: 1, service: "web", session: WEB, pid: 1, kind: SERVER, startMs: 0, channel: "agent" },
  {
    id: 2,
    parent: 1,
    service: "web",
    session: WEB,
    pid: 1,
    kind: CLIENT,
    startMs: 10,
    channel: "agent",
    port: 81,
  },
];
const pricing: Sketch = { id: 3, parent: 2, service: "pricing", session: PRICING, pid: 2, startMs: 15 };
const pricingCalls: Sketch = {
  id: 4,
  parent: 3,
  service: "pricing",
  session: PRICING,
  pid: 2,
  kind: CLIENT,
  startMs: 20,
};
const stock: readonly Sketch[] = [
  { id: 5, parent: 4, service: "stock", session: STOCK, pid: 3, kind: SERVER, startMs: 25, port: 82 },
  { id: 6, parent: 5, service: "stock", session: STOCK, pid: 3, startMs: 30 },
];
const stopInStock = pause(3, 40, undefined, { sessionId: STOCK });

const columnsOf = (store: SpanStore): TraceColumns => {
  const columns = openTrace(store, idOf(1));
  if (columns === undefined) throw new Error("the trace is not held");
  return columns;
};

test.each<readonly [what: string, spans: readonly Sketch[]]>([
  ["nothing", [...web, pricing, pricingCalls, ...stock]],
  ["the call of the second process", [...web, pricing, ...stock]],
  ["the whole second process", [...web, ...stock]],
  ["the whole second process and the first one's call", [...web.slice(0, 1), ...stock]],
  ["the spans between, in the process that stands", [...web, pricing, ...stock.slice(1)]],
])("all that wait for a process that stands are held, though %s has not arrived", (_, spans) => {
  const { pauses, spanCount } = columnsOf(storeOf(spans, [stopInStock]));
  expect([...(pauses?.heldSince ?? [])]).toEqual(Array(spanCount).fill(40e6));
  expect([...(pauses?.standstill ?? [])]).toEqual([40e6, Infinity]);
});

test("what does not wait goes on", () => {
  const other: Sketch = { id: 9, parent: 1, service: "web", session: WEB, pid: 1, startMs: 12, endMs: 60 };
  const { pauses, ...columns } = columnsOf(storeOf([...web, ...stock, other], [stopInStock]));
  const heldMs = [...columns.name].map((name, n) => [
    columns.strings[name],
    (pauses?.heldSince[n] ?? 0) / 1e6,
    (pauses?.stood[n] ?? 0) / 1e6,
  ]);
  expect(heldMs).toEqual([
    ["span 1", 60, 0],
    ["span 2", 40, 0],
    ["span 9", NaN, 0],
    ["span 5", 40, 0],
    ["span 6", 40, 0],
  ]);
});

test("callers that have ended stood still, too, where the call between never arrives", () => {
  const ended = [...web, ...stock].map((span) => ({ ...span, endMs: 100 - span.id }));
  const { pauses } = columnsOf(storeOf(ended, [pause(3, 40, 70, { sessionId: STOCK })]));
  expect([...(pauses?.stood ?? [])]).toEqual([30e6, 30e6, 30e6, 30e6]);
});

const SESSIONS = [WEB, PRICING, STOCK] as const;

test("whatever is missing, program time is neither negative nor more than wall time nor than that of the parent around", () => {
  fc.assert(
    fc.property(tree, fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), (given, isMissing) => {
      const spans = [...given.parent].flatMap((parent, n): Sketch[] => {
        const process = given.process[n] ?? 0;
        const end = given.end[n] ?? 0;
        const span: Sketch = {
          id: n + 1,
          ...(parent >= 0 && { parent: parent + 1 }),
          service: `service ${process}`,
          session: SESSIONS[process],
          pid: process + 1,
          kind: n % 4,
          startMs: given.start[n] ?? 0,
          ...(end < Infinity && { endMs: end }),
        };
        return isMissing[n] === true ? [] : [span];
      });
      if (spans.length === 0) return;
      const pauses = given.pauses.flatMap((intervals, process) =>
        intervals.map(([start, end]) => pause(process + 1, start, end, { sessionId: SESSIONS[process] })),
      );
      const columns = columnsOf(storeOf(spans, pauses));
      const NOW = 200e6;
      const wall = [...columns.start].map((start, n) => {
        const end = columns.end[n] ?? 0;
        return (Number.isNaN(end) ? NOW : end) - start;
      });
      const program = wall.map((ns, n) => ns - (columns.pauses?.stood[n] ?? 0));
      for (const [n, ns] of program.entries()) {
        expect(ns).toBeGreaterThanOrEqual(0);
        expect(ns).toBeLessThanOrEqual(wall[n] ?? 0);
        const parent = columns.parent[n] ?? -1;
        if (parent < 0) continue;
        const endOf = (span: number): number => (columns.start[span] ?? 0) + (wall[span] ?? 0);
        const isInside = (columns.start[n] ?? 0) >= (columns.start[parent] ?? 0) && endOf(n) <= endOf(parent);
        if (isInside) expect(ns).toBeLessThanOrEqual(program[parent] ?? 0);
      }
      if (pauses.length === 0) expect(program).toEqual(wall);
    }),
    { numRuns: 150 },
  );
});
