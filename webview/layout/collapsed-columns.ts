import type { TraceColumns } from "../../src/model/trace.ts";
import type { CollapsedAxis } from "./collapsed-axis.ts";

const NO_STANDSTILL = new Float64Array(0);

/**
 * The same trace on its collapsed axis: all times are program times, so that bars, ticks and gestures need not know of
 * it. What a span stood still while others went on stays; program times of spans are the same on both axes.
 */
export function collapseColumns(columns: TraceColumns, axis: CollapsedAxis): TraceColumns {
  const { pauses } = columns;
  if (pauses === undefined) return columns;
  const to = (ns: number): number => axis.toProgram(ns);
  const start = columns.start.map(to);
  const end = columns.end.map((ns) => (Number.isNaN(ns) ? ns : to(ns)));
  const stood = pauses.stood.map((ns, span) => {
    const wallStart = columns.start[span] ?? 0;
    // A span that runs is reckoned up to a moment after which nothing is known to stand still, or all is.
    const wallEnd = columns.end[span] ?? Number.NaN;
    const until = Number.isNaN(wallEnd)
      ? lastBound(pauses.standstill, wallStart)
      : Math.max(wallEnd, wallStart);
    return ns - (until - wallStart - (to(until) - to(wallStart)));
  });
  return {
    ...columns,
    start,
    end,
    durationNs: to(columns.durationNs),
    pauses: {
      ...pauses,
      stood,
      heldSince: pauses.heldSince.map((ns) => (Number.isNaN(ns) ? ns : to(ns))),
      standstill: NO_STANDSTILL,
      bands: pauses.bands.map((band) => ({
        ...band,
        start: to(band.start),
        end: band.end === Infinity ? Infinity : to(band.end),
      })),
    },
  };
}

function lastBound(standstill: Float64Array, start: number): number {
  const bound = standstill.findLast((ns) => ns < Infinity) ?? start;
  return Math.max(bound, start);
}
