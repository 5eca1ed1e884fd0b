import type { TraceColumns } from "../../src/model/trace.ts";
import { parentIndex } from "./lanes.ts";
import { branchEndIndex } from "./span-walk.ts";

/** Where a span ends: for one that runs, where the trace's time stands. Never before its start. */
export function endOf(columns: TraceColumns, span: number, edgeNs: number): number {
  const end = columns.end[span] ?? Number.NaN;
  return Math.max(Number.isNaN(end) ? edgeNs : end, columns.start[span] ?? 0);
}

/**
 * Nanoseconds of a span during which none of its children ran: its duration less the union of theirs.
 * @param timeOf what is measured between moments, where it is not the wall time
 */
export function selfTimeNs(
  columns: TraceColumns,
  span: number,
  edgeNs: number,
  timeOf: (ns: number) => number = (ns) => ns,
): number {
  const start = columns.start[span] ?? 0;
  const end = endOf(columns, span, edgeNs);
  const stop = branchEndIndex(columns, span);
  let covered = 0;
  let coveredUntil = start;
  for (let child = span + 1; child < stop; child += 1) {
    if (parentIndex(columns, child) !== span) continue;
    const from = Math.max(columns.start[child] ?? 0, coveredUntil);
    const to = Math.min(endOf(columns, child, edgeNs), end);
    if (to > from) {
      covered += timeOf(to) - timeOf(from);
      coveredUntil = to;
    }
  }
  return timeOf(end) - timeOf(start) - covered;
}
