import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntervalSet } from "../../../../src/engine/pause/interval-set.ts";
import { CollapsedAxis } from "../../../../webview/layout/collapsed-axis.ts";
import { collapseColumns } from "../../../../webview/layout/collapsed-columns.ts";
import { programNs, stoodNs } from "../../../../webview/layout/program-time.ts";
import { buildColumns } from "../../../webview/harness/columns.ts";
import { pausedTrace } from "../../../webview/harness/paused-trace.ts";
import { pairs } from "../../engine/pause/arbitrary-pauses.ts";

const standstill = pairs(8).map((intervals) =>
  Float64Array.from(new IntervalSet(intervals).clip(0, Infinity)),
);
const moment = fc.integer({ min: -20, max: 160 });

describe("the collapsed axis", () => {
  it("is monotone, and leaves out nothing but the standstill", () => {
    fc.assert(
      fc.property(standstill, moment, moment, (bounds, a, b) => {
        const axis = new CollapsedAxis(bounds);
        const [from, to] = a < b ? [a, b] : [b, a];
        let stood = 0;
        for (let i = 0; i < bounds.length; i += 2)
          stood += Math.max(0, Math.min(bounds[i + 1] ?? 0, to) - Math.max(bounds[i] ?? 0, from));
        expect(axis.toProgram(to) - axis.toProgram(from)).toBe(to - from - stood);
      }),
      { numRuns: 200 },
    );
  });

  it("leads back: to the same program time, and to the same wall time outside of a standstill", () => {
    fc.assert(
      fc.property(standstill, moment, (bounds, ns) => {
        const axis = new CollapsedAxis(bounds);
        expect(axis.toProgram(axis.toWall(ns))).toBe(ns);
        const isInside = [...bounds].some(
          (start, i) => i % 2 === 0 && start < ns && ns <= (bounds[i + 1] ?? 0),
        );
        if (!isInside) expect(axis.toWall(axis.toProgram(ns))).toBe(ns);
      }),
      { numRuns: 200 },
    );
  });

  it("ends where a standstill lasts", () => {
    const axis = new CollapsedAxis(Float64Array.of(10, 20, 30, Infinity));
    expect([25, 30, 1000].map((ns) => axis.toProgram(ns))).toEqual([15, 20, 20]);
    expect(axis.toWall(1000)).toBe(30);
    expect(axis.heldSinceNs).toBe(30);
    expect(new CollapsedAxis(Float64Array.of(10, 20)).heldSinceNs).toBeUndefined();
  });
});

describe.each([
  ["a trace that was paused", false],
  ["a trace that is", true],
])("the collapsed columns of %s", (_, lasting) => {
  it("give each span the same program time", () => {
    const columns = buildColumns(pausedTrace(1, 0, lasting));
    const axis = new CollapsedAxis(columns.pauses?.standstill ?? new Float64Array());
    const collapsed = collapseColumns(columns, axis);
    const edgeNs = axis.heldSinceNs ?? columns.durationNs;
    const times = (of: typeof columns, edge: number): readonly number[] =>
      [...of.start.keys()].map((span) => programNs(of, span, edge));
    expect(times(collapsed, axis.toProgram(edgeNs))).toEqual(times(columns, edgeNs));
    expect([...collapsed.start.keys()].every((span) => stoodNs(collapsed, span, edgeNs) >= 0)).toBe(true);
    expect(collapsed.durationNs).toBe(lasting ? axis.toProgram(columns.durationNs) : 318e6);
  });
});
