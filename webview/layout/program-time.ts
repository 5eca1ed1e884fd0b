import type { TraceColumns } from "../../src/model/trace.ts";
import { endOf } from "./self-time.ts";

/** How long the program worked on a span, in nanoseconds: its wall time without what it stood still in the debugger. */
export function programNs(columns: TraceColumns, span: number, edgeNs: number): number {
  return wallNs(columns, span, edgeNs) - stoodNs(columns, span, edgeNs);
}

/** How long a span stood still in the debugger, in nanoseconds, a standstill that lasts included. */
export function stoodNs(columns: TraceColumns, span: number, edgeNs: number): number {
  const { pauses } = columns;
  if (pauses === undefined) return 0;
  const heldSince = pauses.heldSince[span] ?? Number.NaN;
  const now = Number.isNaN(heldSince) ? 0 : Math.max(0, endOf(columns, span, edgeNs) - heldSince);
  return (pauses.stood[span] ?? 0) + now;
}

function wallNs(columns: TraceColumns, span: number, edgeNs: number): number {
  return endOf(columns, span, edgeNs) - (columns.start[span] ?? 0);
}
