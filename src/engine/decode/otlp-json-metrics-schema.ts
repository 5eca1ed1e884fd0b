import {
  attributes,
  count,
  envelopes,
  items,
  parts,
  requestOf,
  schemaOf,
  text,
  type FieldSpec,
  type Schema,
} from "./otlp-json-schema.ts";

const NOT_AN_INTEGER = "is not an integer of 64 bits";

const start = { is: "fixed64", tag: 0x11, fault: `a data point's start ${NOT_AN_INTEGER}` } as const;
const time = { is: "fixed64", tag: 0x19, fault: `a data point's time ${NOT_AN_INTEGER}` } as const;
const pointCount = { is: "fixed64", tag: 0x21, fault: `a data point's count ${NOT_AN_INTEGER}` } as const;
const asInt = { is: "signed fixed64", tag: 0x31, fault: `a value asInt ${NOT_AN_INTEGER}` } as const;
const double = (tag: number, name: string) =>
  ({ is: "double", tag, fault: `a data point's ${name} is not a number` }) as const;
const temporality = {
  is: "enum",
  tag: 0x10,
  names: ["unspecified", "delta", "cumulative"],
  prefix: "AGGREGATION_TEMPORALITY_",
} as const;

const EXEMPLAR = schemaOf({
  filteredAttributes: attributes(0x3a),
  timeUnixNano: { is: "fixed64", tag: 0x11, fault: `an exemplar's time ${NOT_AN_INTEGER}` },
  asDouble: { is: "double", tag: 0x19, fault: "an exemplar's value is not a number" },
  asInt,
  // A data point is worth more than the link that an exemplar is.
  spanId: { is: "id", tag: 0x22 },
  traceId: { is: "id", tag: 0x2a },
});
const exemplars = (tag: number) => parts(tag, () => EXEMPLAR);

const NUMBER_POINT = schemaOf({
  attributes: attributes(0x3a),
  startTimeUnixNano: start,
  timeUnixNano: time,
  asDouble: double(0x21, "value"),
  asInt,
  exemplars: exemplars(0x2a),
  flags: count(0x40),
});
const HISTOGRAM_POINT = schemaOf({
  attributes: attributes(0x4a),
  startTimeUnixNano: start,
  timeUnixNano: time,
  count: pointCount,
  sum: double(0x29, "sum"),
  bucketCounts: { is: "fixed64s", tag: 0x32, fault: `a bucket's count ${NOT_AN_INTEGER}` },
  explicitBounds: { is: "doubles", tag: 0x3a, fault: "a bucket's bound is not a number" },
  exemplars: exemplars(0x42),
  flags: count(0x50),
  min: double(0x59, "min"),
  max: double(0x61, "max"),
});
const BUCKETS = schemaOf({
  offset: { is: "zigzag", tag: 0x08, fault: "an offset of buckets is not an integer of 32 bits" },
  bucketCounts: { is: "varints", tag: 0x12, fault: `a bucket's count ${NOT_AN_INTEGER}` },
});
const EXPONENTIAL_POINT = schemaOf({
  attributes: attributes(0x0a),
  startTimeUnixNano: start,
  timeUnixNano: time,
  count: pointCount,
  sum: double(0x29, "sum"),
  scale: { is: "zigzag", tag: 0x30, fault: "a data point's scale is not an integer of 32 bits" },
  zeroCount: { is: "fixed64", tag: 0x39, fault: `a data point's zero count ${NOT_AN_INTEGER}` },
  positive: { is: "message", tag: 0x42, schema: () => BUCKETS },
  negative: { is: "message", tag: 0x4a, schema: () => BUCKETS },
  flags: count(0x50),
  exemplars: exemplars(0x5a),
  min: double(0x61, "min"),
  max: double(0x69, "max"),
  zeroThreshold: double(0x71, "zero threshold"),
});
const QUANTILE = schemaOf({ quantile: double(0x09, "quantile"), value: double(0x11, "quantile's value") });
const SUMMARY_POINT = schemaOf({
  attributes: attributes(0x3a),
  startTimeUnixNano: start,
  timeUnixNano: time,
  count: pointCount,
  sum: double(0x29, "sum"),
  quantileValues: parts(0x32, () => QUANTILE),
  flags: count(0x40),
});

/** The kind of a metric: its message holds the data points, and what they have in common. */
const data = (tag: number, point: Schema, more: Record<string, FieldSpec> = {}) => {
  const schema = schemaOf({ dataPoints: items(0x0a, () => point), ...more });
  return { is: "envelope", tag, schema: () => schema } as const;
};
const METRIC = schemaOf({
  name: text(0x0a),
  description: text(0x12),
  unit: text(0x1a),
  gauge: data(0x2a, NUMBER_POINT),
  sum: data(0x3a, NUMBER_POINT, {
    aggregationTemporality: temporality,
    isMonotonic: { is: "flag", tag: 0x18 },
  }),
  histogram: data(0x4a, HISTOGRAM_POINT, { aggregationTemporality: temporality }),
  exponentialHistogram: data(0x52, EXPONENTIAL_POINT, { aggregationTemporality: temporality }),
  summary: data(0x5a, SUMMARY_POINT),
  metadata: attributes(0x62, "leave out"),
});

/** ExportMetricsServiceRequest. */
export const METRICS_REQUEST = requestOf(
  { resources: "resourceMetrics", scopes: "scopeMetrics", members: "metrics" },
  "a data point",
  envelopes(0x12, () => METRIC),
);
