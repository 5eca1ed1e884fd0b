import { EXPONENTIAL_HISTOGRAM, GAUGE, HISTOGRAM, SUM, SUMMARY } from "../../model/metric.ts";
import { attributesField, type Field, type Schema } from "./otlp-json-schema.ts";

/** A Metric message without its data. */
export const METRIC_HEADER: Schema = new Map<number, Field>([
  [0x0a, { name: "name", type: "text" }],
  [0x12, { name: "description", type: "text" }],
  [0x1a, { name: "unit", type: "text" }],
  [0x62, { ...attributesField, name: "metadata" }],
]);

const START: readonly [number, Field] = [0x11, { name: "startTimeUnixNano", type: "fixed64" }];
const TIME: readonly [number, Field] = [0x19, { name: "timeUnixNano", type: "fixed64" }];
const COUNT: readonly [number, Field] = [0x21, { name: "count", type: "fixed64" }];
const OPTIONAL_SUM: readonly [number, Field] = [0x29, { name: "sum", type: "double" }];

const EXEMPLAR: Schema = new Map<number, Field>([
  [0x11, { name: "timeUnixNano", type: "fixed64" }],
  [0x19, { name: "asDouble", type: "double" }],
  [0x22, { name: "spanId", type: "hex" }],
  [0x2a, { name: "traceId", type: "hex" }],
  [0x31, { name: "asInt", type: "sfixed64" }],
  [0x3a, { ...attributesField, name: "filteredAttributes" }],
]);
const exemplarsField: Field = { name: "exemplars", type: "message", repeated: true, schema: () => EXEMPLAR };
const flagsField: Field = { name: "flags", type: "uint32" };

const NUMBER_POINT: Schema = new Map<number, Field>([
  START,
  TIME,
  [0x21, { name: "asDouble", type: "double" }],
  [0x2a, exemplarsField],
  [0x31, { name: "asInt", type: "sfixed64" }],
  [0x3a, attributesField],
  [0x40, flagsField],
]);

const HISTOGRAM_POINT: Schema = new Map<number, Field>([
  START,
  TIME,
  COUNT,
  OPTIONAL_SUM,
  [0x32, { name: "bucketCounts", type: "fixed64s" }],
  [0x3a, { name: "explicitBounds", type: "doubles" }],
  [0x42, exemplarsField],
  [0x4a, attributesField],
  [0x50, flagsField],
  [0x59, { name: "min", type: "double" }],
  [0x61, { name: "max", type: "double" }],
]);

const BUCKETS: Schema = new Map<number, Field>([
  [0x08, { name: "offset", type: "sint32" }],
  [0x12, { name: "bucketCounts", type: "uint64s" }],
]);

const EXPONENTIAL_HISTOGRAM_POINT: Schema = new Map<number, Field>([
  START,
  TIME,
  COUNT,
  OPTIONAL_SUM,
  [0x0a, attributesField],
  [0x30, { name: "scale", type: "sint32" }],
  [0x39, { name: "zeroCount", type: "fixed64" }],
  [0x42, { name: "positive", type: "message", schema: () => BUCKETS }],
  [0x4a, { name: "negative", type: "message", schema: () => BUCKETS }],
  [0x50, flagsField],
  [0x5a, exemplarsField],
  [0x61, { name: "min", type: "double" }],
  [0x69, { name: "max", type: "double" }],
  [0x71, { name: "zeroThreshold", type: "double" }],
]);

const QUANTILE: Schema = new Map<number, Field>([
  [0x09, { name: "quantile", type: "double" }],
  [0x11, { name: "value", type: "double" }],
]);

const SUMMARY_POINT: Schema = new Map<number, Field>([
  START,
  TIME,
  COUNT,
  [0x29, { name: "sum", type: "double" }],
  [0x32, { name: "quantileValues", type: "message", repeated: true, schema: () => QUANTILE }],
  [0x3a, attributesField],
  [0x40, flagsField],
]);

/** A metric's data points by the number of its kind. */
export const POINT_SCHEMAS: Readonly<Record<number, Schema>> = {
  [GAUGE]: NUMBER_POINT,
  [SUM]: NUMBER_POINT,
  [HISTOGRAM]: HISTOGRAM_POINT,
  [EXPONENTIAL_HISTOGRAM]: EXPONENTIAL_HISTOGRAM_POINT,
  [SUMMARY]: SUMMARY_POINT,
};
