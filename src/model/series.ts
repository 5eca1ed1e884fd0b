import type { RunNumber, SpanId, TraceId } from "./ids.ts";
import type { MetricKind, Temporality } from "./metric.ts";
import type { Attribute } from "./span.ts";

/** What a label of a series has to be, as in PromQL. A label that is absent is an empty text. Patterns match the whole text. */
export interface LabelMatcher {
  /** The key of an attribute; with `resource.` or `scope.` before it, one of these; `scope.name`, `scope.version`. */
  readonly label: string;
  readonly operator: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** Which series are meant; those of all names, runs and sessions where these are left out. */
export interface SeriesSelector {
  /** The metric's name. */
  readonly name?: string | undefined;
  readonly matchers: readonly LabelMatcher[];
  readonly run?: RunNumber | undefined;
  readonly session?: string | undefined;
}

/** A series without its samples. */
export interface SeriesInfo {
  /** A number that no other series of the engine ever has. */
  readonly number: number;
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  readonly description: string;
  readonly temporality: Temporality;
  readonly monotonic: boolean;
  readonly run: RunNumber;
  readonly service: string;
  /** By name, its own and those of its resource and scope; see {@link LabelMatcher.label}. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly sampleCount: number;
  /** Milliseconds since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** A measurement that a data point has as an example, and the span in which it was made. */
export interface Exemplar {
  /** The index of the sample. */
  readonly sample: number;
  /** Nanoseconds since the epoch, in decimal. */
  readonly timeUnixNano: string;
  readonly value: number;
  readonly traceId: TraceId | undefined;
  readonly spanId: SpanId | undefined;
  readonly attributes: readonly Attribute[];
}

/** A sample does not continue the one before it: bits of {@link SampleColumns.breaks}. */
export const BREAK_RESET = 1;
export const BREAK_GAP = 2;

/** What samples of all kinds have, one element each, by their time. */
export interface SampleColumns {
  readonly count: number;
  /** Nanoseconds since the epoch, exact. */
  readonly timeNs: BigUint64Array;
  /** Where the sample's interval begins; 0 where that was not told. */
  readonly startNs: BigUint64Array;
  readonly flags: Uint32Array;
  /**
   * {@link BREAK_RESET}: what is counted began anew (another start, or less than before). {@link BREAK_GAP}: an interval
   * begins later than the one before it ended, or nothing was recorded before.
   */
  readonly breaks: Uint8Array;
  readonly exemplars: readonly Exemplar[];
}

export interface NumberSamples extends SampleColumns {
  readonly kind: "gauge" | "sum";
  /** NaN where there is none. */
  readonly value: Float64Array;
  /** The exact values; there only where one of them is an integer that a double does not hold. */
  readonly integers: BigInt64Array | undefined;
}

/** What histograms and summaries share. Counts beyond 2^53 are rounded; what is absent is NaN. */
interface DistributionColumns extends SampleColumns {
  readonly observations: Float64Array;
  readonly sum: Float64Array;
}

export interface HistogramSamples extends DistributionColumns {
  readonly kind: "histogram";
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Counts of sample i are those from `bucketStart[i]` to `bucketStart[i + 1]`; the last bucket has no upper bound. */
  readonly bucketStart: Uint32Array;
  readonly bucketCounts: Float64Array;
  /** The upper bounds of sample i's buckets are `bounds[boundsOf[i]]`. */
  readonly boundsOf: Uint32Array;
  readonly bounds: readonly Float64Array[];
}

/** Buckets of an exponential histogram on one side of zero: bucket n of sample i holds values up to base^(offset[i] + n + 1). */
export interface ExponentialBuckets {
  readonly offset: Int32Array;
  readonly start: Uint32Array;
  readonly counts: Float64Array;
}

export interface ExponentialHistogramSamples extends DistributionColumns {
  readonly kind: "exponentialHistogram";
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly zeroCount: Float64Array;
  readonly zeroThreshold: Float64Array;
  /** The base is 2^(2^-scale). */
  readonly scale: Int32Array;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

export interface SummarySamples extends DistributionColumns {
  readonly kind: "summary";
  /** Quantiles and their values of sample i are those from `quantileStart[i]` to `quantileStart[i + 1]`. */
  readonly quantileStart: Uint32Array;
  readonly quantiles: Float64Array;
  readonly values: Float64Array;
}

export type SeriesSamples = NumberSamples | HistogramSamples | ExponentialHistogramSamples | SummarySamples;
