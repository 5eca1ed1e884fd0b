import { SPAN_KINDS, SPAN_STATUSES } from "../../model/span.ts";

/**
 * How a field of OTLP's JSON is written as protobuf (specification.md, "JSON Protobuf Encoding"). Those of a value say
 * so when they are of a wrong type; others are then left out.
 */
type FieldKind =
  | { readonly is: "text" }
  | { readonly is: "texts" }
  | { readonly is: "count" | "flags" }
  /** Enums are integers in OTLP's JSON; some senders write protobuf's names, which say as much. */
  | { readonly is: "enum"; readonly names: readonly string[]; readonly prefix: string }
  | { readonly is: "id" | "time"; readonly fault: string }
  | { readonly is: "string value" | "bool value" | "int value" | "double value" | "bytes value" }
  /** A message; `nested` ones are levels of an attribute's value. */
  | { readonly is: "message" | "value" | "nested"; readonly schema: () => Schema }
  /** A list of messages, and what becomes of a bad one: it spoils what it is in, is left out, or is left out and counted. */
  | { readonly is: "messages"; readonly schema: () => Schema; readonly bad: "spoils" | "leave out" | "count" }
  /** The lists that lead to the spans: of another form, they make the request malformed. */
  | { readonly is: "envelopes"; readonly schema: () => Schema };

export type Field = FieldKind & {
  /** In UTF-8, for comparing it with the text. */
  readonly name: Uint8Array;
  /** Number × 8 + wire type. */
  readonly tag: number;
};

/** The fields of a message by the length of their names. */
export type Schema = readonly (readonly Field[] | undefined)[];

function schemaOf(fields: Readonly<Record<string, FieldKind & { readonly tag: number }>>): Schema {
  const byLength: Field[][] = [];
  for (const [name, field] of Object.entries(fields)) {
    (byLength[name.length] ??= []).push({ ...field, name: new TextEncoder().encode(name) });
  }
  return Array.from(byLength);
}

const text = (tag: number) => ({ is: "text", tag }) as const;
const count = (tag: number) => ({ is: "count", tag }) as const;
const attributes = (tag: number, bad: "spoils" | "leave out") =>
  ({ is: "messages", tag, schema: () => KEY_VALUE, bad }) as const;

const ANY_VALUE: Schema = schemaOf({
  stringValue: { is: "string value", tag: 0x0a },
  boolValue: { is: "bool value", tag: 0x10 },
  intValue: { is: "int value", tag: 0x18 },
  doubleValue: { is: "double value", tag: 0x21 },
  arrayValue: { is: "nested", tag: 0x2a, schema: () => ARRAY_VALUE },
  kvlistValue: { is: "nested", tag: 0x32, schema: () => KEY_VALUE_LIST },
  bytesValue: { is: "bytes value", tag: 0x3a },
});
const ARRAY_VALUE: Schema = schemaOf({
  values: { is: "messages", tag: 0x0a, schema: () => ANY_VALUE, bad: "spoils" },
});
const KEY_VALUE: Schema = schemaOf({
  key: text(0x0a),
  value: { is: "value", tag: 0x12, schema: () => ANY_VALUE },
});
const KEY_VALUE_LIST: Schema = schemaOf({ values: attributes(0x0a, "spoils") });

const EVENT = schemaOf({
  timeUnixNano: { is: "time", tag: 0x09, fault: "an event's time is not a 64-bit integer" },
  name: text(0x12),
  attributes: attributes(0x1a, "spoils"),
  droppedAttributesCount: count(0x20),
});
const LINK = schemaOf({
  traceId: { is: "id", tag: 0x0a, fault: "a link's trace id is not hexadecimal" },
  spanId: { is: "id", tag: 0x12, fault: "a link's span id is not hexadecimal" },
  traceState: text(0x1a),
  attributes: attributes(0x22, "spoils"),
  droppedAttributesCount: count(0x28),
  flags: { is: "flags", tag: 0x35 },
});
const STATUS = schemaOf({
  message: text(0x12),
  code: { is: "enum", tag: 0x18, names: SPAN_STATUSES, prefix: "STATUS_CODE_" },
});
const SPAN = schemaOf({
  traceId: { is: "id", tag: 0x0a, fault: "a trace id is not hexadecimal" },
  spanId: { is: "id", tag: 0x12, fault: "a span id is not hexadecimal" },
  traceState: text(0x1a),
  parentSpanId: { is: "id", tag: 0x22, fault: "a parent span id is not hexadecimal" },
  name: text(0x2a),
  kind: { is: "enum", tag: 0x30, names: SPAN_KINDS, prefix: "SPAN_KIND_" },
  startTimeUnixNano: { is: "time", tag: 0x39, fault: "a span's start is not a 64-bit integer" },
  endTimeUnixNano: { is: "time", tag: 0x41, fault: "a span's end is not a 64-bit integer" },
  attributes: attributes(0x4a, "spoils"),
  droppedAttributesCount: count(0x50),
  events: { is: "messages", tag: 0x5a, schema: () => EVENT, bad: "spoils" },
  droppedEventsCount: count(0x60),
  links: { is: "messages", tag: 0x6a, schema: () => LINK, bad: "spoils" },
  droppedLinksCount: count(0x70),
  status: { is: "message", tag: 0x7a, schema: () => STATUS },
  flags: { is: "flags", tag: 0x85 },
});
const ENTITY = schemaOf({
  schemaUrl: text(0x0a),
  type: text(0x12),
  idKeys: { is: "texts", tag: 0x1a },
  descriptionKeys: { is: "texts", tag: 0x22 },
});
const RESOURCE = schemaOf({
  attributes: attributes(0x0a, "leave out"),
  droppedAttributesCount: count(0x10),
  entityRefs: { is: "messages", tag: 0x1a, schema: () => ENTITY, bad: "leave out" },
});
const SCOPE = schemaOf({
  name: text(0x0a),
  version: text(0x12),
  attributes: attributes(0x1a, "leave out"),
  droppedAttributesCount: count(0x20),
});
const SCOPE_SPANS = schemaOf({
  scope: { is: "message", tag: 0x0a, schema: () => SCOPE },
  spans: { is: "messages", tag: 0x12, schema: () => SPAN, bad: "count" },
  schemaUrl: text(0x1a),
});
const RESOURCE_SPANS = schemaOf({
  resource: { is: "message", tag: 0x0a, schema: () => RESOURCE },
  scopeSpans: { is: "envelopes", tag: 0x12, schema: () => SCOPE_SPANS },
  schemaUrl: text(0x1a),
});

/** ExportTraceServiceRequest. */
export const TRACES_REQUEST: Schema = schemaOf({
  resourceSpans: { is: "envelopes", tag: 0x0a, schema: () => RESOURCE_SPANS },
});
