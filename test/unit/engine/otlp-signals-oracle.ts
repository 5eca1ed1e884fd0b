import fc from "fast-check";
import protobuf from "protobufjs";
import { OTLP_SCHEMA } from "./otlp-oracle.ts";

const SIGNALS = `
message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; Summary summary = 11; }
  repeated KeyValue metadata = 12;
}
enum Temporality { UNSPECIFIED = 0; DELTA = 1; CUMULATIVE = 2; }
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; Temporality aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; Temporality aggregation_temporality = 2; }
message ExponentialHistogram { repeated ExponentialPoint data_points = 1; Temporality aggregation_temporality = 2; }
message Summary { repeated SummaryPoint data_points = 1; }
message NumberPoint {
  repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated Exemplar exemplars = 5; uint32 flags = 8;
}
message HistogramPoint {
  repeated KeyValue attributes = 9; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  optional double sum = 5; repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7;
  repeated Exemplar exemplars = 8; uint32 flags = 10; optional double min = 11; optional double max = 12;
}
message ExponentialPoint {
  repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9;
  uint32 flags = 10; repeated Exemplar exemplars = 11; optional double min = 12; optional double max = 13; double zero_threshold = 14;
}
message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
message SummaryPoint {
  repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  double sum = 5; repeated Quantile quantile_values = 6; uint32 flags = 8;
}
message Quantile { double quantile = 1; double value = 2; }
message Exemplar {
  repeated KeyValue filtered_attributes = 7; fixed64 time_unix_nano = 2;
  oneof value { double as_double = 3; sfixed64 as_int = 6; }
  bytes span_id = 4; bytes trace_id = 5;
}
message LogsRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; fixed64 observed_time_unix_nano = 11; int32 severity_number = 2; string severity_text = 3;
  AnyValue body = 5; repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8;
  bytes trace_id = 9; bytes span_id = 10; string event_name = 12;
}
`;

const root = protobuf.parse(OTLP_SCHEMA + SIGNALS).root.resolveAll();

export type RequestName = "Request" | "MetricsRequest" | "LogsRequest";

/** The request's message as protobufjs knows it. */
export function requestType(name: RequestName): protobuf.Type {
  return root.lookupType(name);
}

/** A request as protobufjs takes it, and gives it: bytes as arrays, 64-bit integers as decimal strings. */
export type Plain = Record<string, unknown>;

/** The bytes, read and written by protobufjs. */
export function asRead(name: RequestName, bytes: Uint8Array): unknown {
  const type = root.lookupType(name);
  return withoutDefaults(type, type.toObject(type.decode(bytes), { longs: String, bytes: Array }));
}

/** What a request is after a journey through protobuf. */
export function asSent(name: RequestName, request: Plain): unknown {
  return asRead(name, encodeAs(name, request));
}

/** The request in protobuf. */
export function encodeAs(name: RequestName, request: Plain): Uint8Array {
  const type = root.lookupType(name);
  // A copy, since protobufjs hands out a piece of a pool.
  return Uint8Array.from(type.encode(type.fromObject(request)).finish());
}

/** Requests of every shape that the schema allows. */
export function anyRequestOf(name: RequestName): fc.Arbitrary<Plain> {
  return anyMessage(root.lookupType(name), 0);
}

/** The request in OTLP's JSON (specification.md, "JSON Protobuf Encoding"). */
export function toJson(name: RequestName, request: Plain): unknown {
  return jsonOf(root.lookupType(name), request);
}

/** Deeper attribute values tell no more. */
const MAX_DEPTH = 9;

function anyMessage(type: protobuf.Type, depth: number): fc.Arbitrary<Plain> {
  const inOneof = new Set(realOneofs(type).flatMap(({ oneof }) => oneof));
  const plain = type.fieldsArray.filter(({ name }) => !inOneof.has(name) && !tooDeep(name, depth));
  const fields = fc.record(Object.fromEntries(plain.map((field) => [field.name, anyField(field, depth)])), {
    requiredKeys: [],
  });
  const choices = realOneofs(type).map(({ fieldsArray }) =>
    fc.oneof(
      fc.constant({}),
      ...fieldsArray
        .filter(({ name }) => !tooDeep(name, depth))
        .map((field) => anyField(field, depth).map((value) => ({ [field.name]: value }))),
    ),
  );
  return fc.tuple(fields, ...choices).map((parts) => Object.assign({}, ...parts) as Plain);
}

function tooDeep(name: string, depth: number): boolean {
  return depth > MAX_DEPTH && (name === "arrayValue" || name === "kvlistValue");
}

/** Without those that only say that a field may be absent. */
function realOneofs(type: protobuf.Type): protobuf.OneOf[] {
  return type.oneofsArray.filter(({ name }) => !name.startsWith("_"));
}

function anyField(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const one = anyScalar(field) ?? fc.constant(0);
  const { resolvedType } = field;
  const value = resolvedType instanceof protobuf.Type ? anyMessage(resolvedType, depth + 1) : one;
  return field.repeated ? fc.array(value, { maxLength: 2 }) : value;
}

function anyScalar({ type, name, resolvedType }: protobuf.Field): fc.Arbitrary<unknown> | undefined {
  if (resolvedType instanceof protobuf.Enum) return fc.nat(2);
  switch (type) {
    case "string":
      return fc.string({ unit: "grapheme", maxLength: 10 });
    case "bool":
      return fc.boolean();
    case "double":
      return fc.double();
    case "int32":
      return fc.nat(name === "code" ? 2 : 5);
    case "uint32":
    case "fixed32":
      return fc.nat(0xffff_ffff);
    case "sint32":
      return fc.integer();
    case "fixed64":
    case "uint64":
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    case "sfixed64":
    case "int64":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case "bytes":
      return isId(name) ? bytesOf(name === "traceId" ? 16 : 8) : fc.array(fc.nat(255), { maxLength: 16 });
    default:
      return undefined;
  }
}

function bytesOf(length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(255), { minLength: length, maxLength: length });
}

function isId(name: string): boolean {
  return name.endsWith("Id");
}

function jsonOf(type: protobuf.Type, message: Plain): Plain {
  return mapFields(type, message, (field, value) => {
    if (field.resolvedType instanceof protobuf.Type) return jsonOf(field.resolvedType, value as Plain);
    if (field.type === "bytes")
      return Buffer.from(value as number[]).toString(isId(field.name) ? "hex" : "base64");
    if (typeof value === "number" && Object.is(value, -0)) return "-0";
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}

/** Leaves out what protobuf's JSON need not write: zeros, empty texts and empty lists. */
function withoutDefaults(type: protobuf.Type, message: Plain): Plain {
  const result = mapFields(type, message, ({ resolvedType }, value) =>
    resolvedType instanceof protobuf.Type ? withoutDefaults(resolvedType, value as Plain) : value,
  );
  return Object.fromEntries(
    Object.entries(result).filter(([name, value]) => {
      const field = type.fields[name];
      return field?.partOf !== undefined && field.partOf !== null ? true : !isDefault(value);
    }),
  );
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === "" || value === "0" || value === false || Object.is(value, 0);
}

function mapFields(
  type: protobuf.Type,
  message: Plain,
  map: (field: protobuf.Field, value: unknown) => unknown,
): Plain {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => {
      const field = type.fields[name];
      if (field === undefined) return [name, value];
      return [
        name,
        field.repeated ? (value as unknown[]).map((item) => map(field, item)) : map(field, value),
      ];
    }),
  );
}
