import type { TraceColumns } from "../../src/model/trace.ts";
import { CollapsedAxis } from "./collapsed-axis.ts";
import { endOf, selfTimeNs } from "./self-time.ts";

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

/**
 * How long the program worked on a span while none of its children ran, in nanoseconds. Never more than {@link programNs}: a
 * span may stand still while others of its trace go on, which the axis of the trace knows nothing of.
 */
export function selfProgramNs(columns: TraceColumns, span: number, edgeNs: number): number {
  if (columns.pauses === undefined) return selfTimeNs(columns, span, edgeNs);
  const axis = new CollapsedAxis(columns.pauses.standstill);
  const selfNs = selfTimeNs(columns, span, edgeNs, (ns) => axis.toProgram(ns));
  return Math.min(selfNs, programNs(columns, span, edgeNs));
}

function wallNs(columns: TraceColumns, span: number, edgeNs: number): number {
  return endOf(columns, span, edgeNs) - (columns.start[span] ?? 0);
}
