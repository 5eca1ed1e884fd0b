/** The kinds of metrics of OTLP (opentelemetry-proto, metrics/v1), by the number that columns hold. */
export const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

export const GAUGE = 0;
export const SUM = 1;
export const HISTOGRAM = 2;
export const EXPONENTIAL_HISTOGRAM = 3;
export const SUMMARY = 4;

/** Aggregation temporalities by their number in OTLP. Gauges and summaries have none. */
export const TEMPORALITIES = ["unspecified", "delta", "cumulative"] as const;
export type Temporality = (typeof TEMPORALITIES)[number];

export const CUMULATIVE = 2;

/** The bit of a data point's flags that says: nothing was recorded, the series has ended or pauses. */
export const NO_RECORDED_VALUE = 1;
