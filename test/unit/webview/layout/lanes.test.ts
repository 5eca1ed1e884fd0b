import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PARENT_MISSING, type TraceColumns } from "../../../../src/model/trace.ts";
import { layoutLanes, parentIndex, type LaneLayout } from "../../../../webview/layout/lanes.ts";
import { buildColumns, type SpanSpec } from "../../../webview/harness/columns.ts";
import { largeTrace, traceIdOf } from "../../../webview/harness/sample-traces.ts";

/** Trees of spans as clocks of several machines leave them: children before parents, ends before starts, no end at all. */
const spans: fc.Arbitrary<readonly SpanSpec[]> = fc.letrec<{ span: SpanSpec; spans: SpanSpec[] }>((tie) => ({
  spans: fc.array(tie("span"), { maxLength: 6, depthIdentifier: "spans" }),
  span: fc
    .record({
      startMs: fc.integer({ min: 0, max: 40 }),
      lengthMs: fc.oneof(fc.integer({ min: -5, max: 20 }), fc.constant(undefined)),
      orphan: fc.boolean(),
      children: fc.oneof({ depthIdentifier: "spans", maxDepth: 4 }, fc.constant([]), tie("spans")),
    })
    .map(({ startMs, lengthMs, orphan, children }) => ({
      name: "span",
      startMs,
      endMs: lengthMs === undefined ? undefined : startMs + lengthMs,
      orphan,
      children,
    })),
})).spans;

function columnsOf(roots: readonly SpanSpec[]): TraceColumns {
  return buildColumns({ traceId: traceIdOf(1), startMs: 0, roots });
}

/** The time that a span takes in its lane: at least a nanosecond, everything to come while it runs. */
function occupied(columns: TraceColumns, span: number): readonly [number, number] {
  const start = columns.start[span] ?? 0;
  const end = columns.end[span] ?? Number.NaN;
  return [start, Number.isNaN(end) ? Infinity : Math.max(end, start + 1)];
}

function overlaps(columns: TraceColumns, lanes: LaneLayout): readonly string[] {
  const found: string[] = [];
  for (let lane = 0; lane < lanes.laneCount; lane += 1) {
    const bars = [...lanes.order.subarray(lanes.laneStart[lane], lanes.laneStart[lane + 1])];
    for (let i = 1; i < bars.length; i += 1) {
      const [before, after] = [bars[i - 1] ?? 0, bars[i] ?? 0];
      if (occupied(columns, before)[1] > occupied(columns, after)[0]) found.push(`${before} and ${after}`);
    }
  }
  return found;
}

function lanesOf(roots: readonly SpanSpec[]): readonly number[] {
  return [...layoutLanes(columnsOf(roots)).lane];
}

const span = (startMs: number, endMs: number | undefined, ...children: readonly SpanSpec[]): SpanSpec => ({
  name: `${startMs}`,
  startMs,
  endMs,
  children,
});

describe("layoutLanes", () => {
  it.each<[string, readonly SpanSpec[], readonly number[]]>([
    ["puts children that follow one another into one lane", [span(0, 10, span(0, 4), span(4, 9))], [0, 1, 1]],
    ["gives concurrent children lanes of their own", [span(0, 10, span(0, 6), span(4, 9))], [0, 1, 2]],
    [
      "puts a concurrent branch below all of the branch before it",
      [span(0, 20, span(0, 9, span(1, 8)), span(4, 12))],
      [0, 1, 2, 3],
    ],
    [
      "uses the topmost lane that is free again",
      [span(0, 20, span(0, 6), span(4, 15), span(7, 9))],
      [0, 1, 2, 1],
    ],
    [
      "keeps the lane of a running span to it",
      [span(0, undefined, span(0, undefined), span(5, 6))],
      [0, 1, 2],
    ],
    ["lets roots that follow one another share a lane", [span(0, 5), span(6, 9)], [0, 0]],
    ["leaves the lane over a span whose parent is missing free", [{ ...span(0, 5), orphan: true }], [1]],
    ["keeps spans of no length at the same moment apart", [span(0, 5, span(2, 2), span(2, 2))], [0, 1, 2]],
    ["lays out a trace without spans", [], []],
  ])("%s", (_, roots, expected) => {
    expect(lanesOf(roots)).toEqual(expected);
  });

  it("never lets bars of a lane overlap, whatever the clocks say", () => {
    fc.assert(
      fc.property(spans, (roots) => {
        const columns = columnsOf(roots);
        expect(overlaps(columns, layoutLanes(columns))).toEqual([]);
      }),
    );
  });

  it("places every span exactly once, children below their parents, missing parents above", () => {
    fc.assert(
      fc.property(spans, (roots) => {
        const columns = columnsOf(roots);
        const lanes = layoutLanes(columns);
        expect([...lanes.order].sort((a, b) => a - b)).toEqual([...columns.row.keys()]);
        for (let span = 0; span < columns.spanCount; span += 1) {
          const parent = parentIndex(columns, span);
          const above =
            parent >= 0 ? (lanes.lane[parent] ?? 0) + 1 : columns.parent[span] === PARENT_MISSING ? 1 : 0;
          expect(lanes.lane[span]).toBeGreaterThanOrEqual(above);
        }
      }),
    );
  });

  it("takes a parent that does not stand before its child for none", () => {
    const columns = { ...columnsOf([span(0, 5), span(6, 9)]), parent: Int32Array.from([1, 7]) };
    expect([...layoutLanes(columns).lane]).toEqual([0, 0]);
  });

  it("lays out 20,000 siblings that all run at once", () => {
    const columns = columnsOf([span(0, 10, ...Array.from({ length: 20_000 }, () => span(1, 9)))]);
    const lanes = layoutLanes(columns);
    expect(lanes.laneCount).toBe(20_001);
    expect(overlaps(columns, lanes)).toEqual([]);
  });

  it("lays out a trace of 100,000 spans without overlaps", () => {
    const columns = buildColumns(largeTrace(1, 0, 100_000));
    expect(columns.spanCount).toBe(100_000);
    expect(overlaps(columns, layoutLanes(columns))).toEqual([]);
  });
});
