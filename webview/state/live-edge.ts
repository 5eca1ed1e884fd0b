import { NANOS_PER_MILLI } from "../../src/base/time.ts";
import { OUTSIDE_ANY_RUN } from "../../src/model/ids.ts";
import { SILENCE_MS } from "../../src/model/silence.ts";
import type { Run } from "../../src/model/session.ts";
import type { TraceColumns } from "../../src/model/trace.ts";

/** What columns and summaries of a trace have in common. */
type TraceTimes = Pick<TraceColumns, "run" | "startMs" | "durationNs">;

/** Whether a trace that has running spans may still grow: its run goes on, or it was heard of lately. */
export function mayGrow(trace: TraceTimes, runs: readonly Run[], nowMs: number): boolean {
  if (trace.run !== OUTSIDE_ANY_RUN) {
    const run = runs.find((one) => one.number === trace.run);
    if (run !== undefined) return run.endMs === undefined;
  }
  return nowMs - (trace.startMs + trace.durationNs / NANOS_PER_MILLI) < SILENCE_MS;
}

/** How far running spans reach now, in nanoseconds since the trace's start. */
export function liveEdgeNs(trace: TraceTimes, growing: boolean, nowMs: number): number {
  if (!growing) return trace.durationNs;
  return Math.max(trace.durationNs, (nowMs - trace.startMs) * NANOS_PER_MILLI);
}
