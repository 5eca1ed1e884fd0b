import type { RunNumber, TraceId } from "./ids.ts";
import type { PausePlace } from "./pause.ts";

/** One row of the list of traces. */
export interface TraceSummary {
  readonly traceId: TraceId;
  readonly run: RunNumber;
  /** The root span's name; where the root is missing, the earliest span's. */
  readonly name: string;
  /** What a request is about whose name is its HTTP method alone: its path; absent where the name tells. */
  readonly subject?: string | undefined;
  /** In the order in which their first span starts; the first is the root's. */
  readonly services: readonly string[];
  readonly spanCount: number;
  /** Failed spans, but those that failed because of a pause. */
  readonly errorCount: number;
  /** Spans that failed because somebody else was paused; absent for none. */
  readonly failedInPauseCount?: number | undefined;
  /** Spans that still run. */
  readonly runningCount: number;
  /** Spans whose process was gone before they ended. */
  readonly lostCount: number;
  /** Parents that spans name and that never arrived. */
  readonly missingParentCount: number;
  /** Milliseconds since the epoch, with a fraction. */
  readonly startMs: number;
  /** From the earliest start to the latest end. While spans run: up to the latest time known. */
  readonly durationNs: number;
  /** Nanoseconds during which the debugger let nothing of it go on; absent for none. The program's own time is the rest. */
  readonly stoodNs?: number | undefined;
  /** Since when the debugger holds it now, nanoseconds since its start. */
  readonly heldSinceNs?: number | undefined;
  readonly pinned: boolean;
}

/**
 * The spans of one trace as columns, one entry a span, in depth-first order: a parent stands before its children,
 * siblings are in the order of their start. Strings are numbers into `strings`.
 * All buffers are the receiver's own: they are transferred, never shared.
 */
export interface TraceColumns {
  readonly traceId: TraceId;
  readonly run: RunNumber;
  readonly pinned: boolean;
  /** Grows with every change of the trace. */
  readonly version: number;
  /** Nanoseconds since the epoch of the trace's earliest start, a decimal string. `start` and `end` count from here. */
  readonly startTimeUnixNano: string;
  /** Milliseconds since the epoch of the same moment. */
  readonly startMs: number;
  readonly durationNs: number;
  readonly spanCount: number;
  /** Spans of this trace that are not in the columns, because the trace is too large to be shown whole. */
  readonly omittedCount: number;
  readonly strings: readonly string[];
  /** {@link SpanRow} of each span. */
  readonly row: Float64Array;
  /** The parent's index in these columns, -1 for a root, -2 where the parent is named but missing. */
  readonly parent: Int32Array;
  readonly depth: Uint16Array;
  /** Nanoseconds since the trace's start. */
  readonly start: Float64Array;
  /** Nanoseconds since the trace's start; NaN while the span runs. */
  readonly end: Float64Array;
  readonly name: Uint32Array;
  readonly service: Uint32Array;
  /**
   * Index into `strings`: what a span is about whose name is its HTTP method alone, {@link NO_STRING} elsewhere. Of a
   * call the service or the host that it goes to, of a request its path. Absent where all names tell.
   */
  readonly subject?: Uint32Array | undefined;
  /** Index into SPAN_KINDS. */
  readonly kind: Uint8Array;
  /** Index into SPAN_STATUSES. */
  readonly status: Uint8Array;
  /** Index into SPAN_STATES. */
  readonly state: Uint8Array;
  /** Index into `strings` of the location's path, 0xffffffff where no location is known yet. */
  readonly path: Uint32Array;
  /** Line from 1, 0 where unknown. */
  readonly line: Uint32Array;
  /** What the debugger's pauses did to it; absent where none touched it. */
  readonly pauses?: TracePauses | undefined;
}

/**
 * The debugger's pauses in a trace. A span's program time is its wall time less `stood`, and for one that runs it is
 * counted to `heldSince` where that is a number. Times are nanoseconds since the trace's start.
 */
export interface TracePauses {
  /** Nanoseconds of each span during which it stood still (docs/pauses.md), without a standstill that lasts. */
  readonly stood: Float64Array;
  /** Since when each span stands still now, NaN where it does not. */
  readonly heldSince: Float64Array;
  /** Index into `strings`: whose pause made the span fail; {@link NO_STRING} where it was no pause. */
  readonly failedIn: Uint32Array;
  /** Starts and ends in turn of the stretches during which nothing of the trace went on; Infinity ends one that lasts. */
  readonly standstill: Float64Array;
  /** The pauses of its processes, by their start. */
  readonly bands: readonly PauseBand[];
}

/** One pause as a trace shows it. */
export interface PauseBand {
  /** Nanoseconds since the trace's start; may lie before it. */
  readonly start: number;
  /** Infinity while it lasts. */
  readonly end: number;
  /** The service whose process was held, else the debug session's name. */
  readonly who: string;
  readonly threadName: string | undefined;
  readonly place: PausePlace | undefined;
}

/** Stands in {@link TraceColumns.path} for "no location is known". */
export const NO_STRING = 0xffff_ffff;

/** Stands in {@link TraceColumns.parent}. */
export const PARENT_ROOT = -1;
export const PARENT_MISSING = -2;
