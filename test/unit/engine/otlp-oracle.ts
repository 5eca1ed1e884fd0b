import fc from "fast-check";
import protobuf from "protobufjs";

/** OTLP's trace messages for protobufjs, the second opinion of these tests. */
export const OTLP_SCHEMA = `
syntax = "proto3";
message Request { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; repeated EntityRef entity_refs = 3; }
message EntityRef { string schema_url = 1; string type = 2; repeated string id_keys = 3; repeated string description_keys = 4; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
  uint32 dropped_attributes_count = 5; fixed32 flags = 6;
}
message Status { string message = 2; int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value {
  string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
`;

const root = protobuf.parse(OTLP_SCHEMA).root;
const Request = root.lookupType("Request");

/** A request as protobufjs takes it: field names in camelCase, bytes as arrays, 64-bit integers as decimal strings. */
export type PlainRequest = Record<string, unknown>;

export function encodeRequest(request: PlainRequest): Uint8Array {
  // A copy, since protobufjs hands out a piece of a pool.
  return Uint8Array.from(Request.encode(Request.fromObject(request)).finish());
}

/** A span as protobufjs reads it: what is absent equals its default. */
export interface OracleSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly status?: { readonly code?: number };
}

export interface OracleRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly { readonly spans?: readonly OracleSpan[] }[];
  }[];
}

/** All spans of a request. */
export function spansIn(request: OracleRequest): OracleSpan[] {
  return (request.resourceSpans ?? []).flatMap(({ scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ spans }) => spans ?? []),
  );
}

/** The request as plain data that two readings can be compared by: defaults left out, bytes as base64. */
export function decodeRequest(bytes: Uint8Array): OracleRequest {
  return Request.toObject(Request.decode(bytes), { longs: String, bytes: String });
}

/** A request of one resource and scope. */
export function requestOf(spans: readonly object[], service = "shop"): PlainRequest {
  const name = { key: "service.name", value: { stringValue: service } };
  return {
    resourceSpans: [{ resource: { attributes: [name] }, scopeSpans: [{ scope: { name: "lib" }, spans }] }],
  };
}

/** Bytes of an id that repeats one number. */
export function traceId(number: number): number[] {
  return new Array<number>(16).fill(number);
}

export function spanId(number: number): number[] {
  return new Array<number>(8).fill(number);
}

/** A span that lacks nothing, overridden in part. */
export function spanOf(id: number, more: object = {}): object {
  return {
    traceId: traceId(1),
    spanId: spanId(id),
    name: `span ${id}`,
    kind: 1,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000000005000000",
    ...more,
  };
}

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ stringValue: fc.string({ unit: "grapheme" }) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: fc.array(fc.nat(255)) }),
    fc.constant({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie("value"), { maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie("pair"), { maxLength: 3 }) }) }),
  ),
  pair: fc.record({ key: fc.string({ maxLength: 5 }), value: tie("value") }),
}));

const attributes = fc.array(anyValue.pair, { maxLength: 4 });
const id = (length: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.nat(255), { minLength: length, maxLength: length })
    .filter((bytes) => bytes.some((byte) => byte !== 0));
const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const count = fc.nat(0xffff_ffff);
const text = fc.string({ unit: "grapheme", maxLength: 10 });

const event = fc.record({ timeUnixNano: time, name: text, attributes, droppedAttributesCount: count });
const link = fc.record({
  traceId: id(16),
  spanId: id(8),
  traceState: text,
  attributes,
  droppedAttributesCount: count,
  flags: count,
});

const span = fc.record(
  {
    traceId: id(16),
    spanId: id(8),
    traceState: text,
    parentSpanId: id(8),
    name: text,
    kind: fc.nat(5),
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes,
    droppedAttributesCount: count,
    events: fc.array(event, { maxLength: 2 }),
    droppedEventsCount: count,
    links: fc.array(link, { maxLength: 2 }),
    droppedLinksCount: count,
    status: fc.record({ message: text, code: fc.nat(2) }),
    flags: count,
  },
  { requiredKeys: ["traceId", "spanId"] },
);

const entity = fc.record({
  schemaUrl: text,
  type: text,
  idKeys: fc.array(text, { maxLength: 2 }),
  descriptionKeys: fc.array(text, { maxLength: 2 }),
});
const resource = fc.record({
  attributes,
  droppedAttributesCount: count,
  entityRefs: fc.array(entity, { maxLength: 2 }),
});
const scope = fc.record({ name: text, version: text, attributes, droppedAttributesCount: count });
const scopeSpans = fc.record({ scope, spans: fc.array(span, { maxLength: 4 }), schemaUrl: text });

/** Requests of every shape that the schema allows, all of whose spans are acceptable. */
export const anyRequest: fc.Arbitrary<PlainRequest> = fc.record({
  resourceSpans: fc.array(
    fc.record({ resource, scopeSpans: fc.array(scopeSpans, { maxLength: 2 }), schemaUrl: text }),
    { maxLength: 2 },
  ),
});
