import type { RunNumber } from "./ids.ts";
import type { TraceSummary } from "./trace.ts";

/**
 * A filter over traces; what is left out does not restrict. `text` is the search box's: words that have to be in a
 * span's name, service or attribute values, and clauses: `status=error`, `service=api`, `duration>100ms`, `time>-5m`,
 * `run=2`, `http.route=/cart`, quoted values.
 */
export interface TraceFilter {
  readonly text: string;
  readonly minDurationNs?: number | undefined;
  readonly maxDurationNs?: number | undefined;
  readonly run?: RunNumber | undefined;
  /** Only traces with a span whose location lies in these lines of this file. */
  readonly place?:
    { readonly path: string; readonly firstLine: number; readonly lastLine: number } | undefined;
}

/** The traces that match a {@link TraceFilter}. */
export interface TraceList {
  /** Newest first, at most as many as were asked for. */
  readonly traces: readonly TraceSummary[];
  readonly matchingCount: number;
  readonly totalCount: number;
  readonly spanCount: number;
  /** Grows with every change of the store. */
  readonly version: number;
  readonly histogram: DurationHistogram;
  /** Where nothing matches: the clause of the text that removed the last traces, as it was typed. */
  readonly emptiedBy?: string | undefined;
  /** What is wrong with the text, with the offsets of the bad part. */
  readonly textProblem?:
    { readonly message: string; readonly start: number; readonly end: number } | undefined;
}

/** Durations of the traces that match, in buckets of equal width on a logarithmic scale. */
export interface DurationHistogram {
  /** Lower bounds of the buckets in nanoseconds, with the last one's upper bound at the end. */
  readonly boundsNs: readonly number[];
  readonly counts: readonly number[];
  /** Those of them that had an error. */
  readonly errorCounts: readonly number[];
}
