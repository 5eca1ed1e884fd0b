import type { TraceSummary } from "../../src/model/trace.ts";

/** How long the program worked on a trace that reaches up to `edgeNs`: without what it stood still in the debugger. */
export function traceProgramNs(trace: TraceSummary, edgeNs: number): number {
  return Math.max(0, (trace.heldSinceNs ?? edgeNs) - (trace.stoodNs ?? 0));
}
