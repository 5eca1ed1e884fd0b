import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";
import { doubleAt, signedText, textOf } from "./attribute-values.ts";
import { hexOfBytes } from "../store/hex.ts";

/** How a field's value is written in OTLP's JSON. */
type FieldType =
  | "text"
  | "hex"
  | "base64"
  | "bool"
  | "int64"
  | "fixed64"
  | "sfixed64"
  | "uint32"
  | "sint32"
  | "fixed32"
  | "double"
  | "message"
  | PackedType;

/** Lists of numbers that are one field. */
type PackedType = "fixed64s" | "doubles" | "uint64s";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated?: boolean;
  /** Of a nested message; a function, since values contain values. */
  readonly schema?: () => Schema;
}

/** The fields of a message by their whole tag (number × 8 + wire type). */
export type Schema = ReadonlyMap<number, Field>;

export type Json = string | number | boolean | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

/** A protobuf message in OTLP's JSON. Unknown fields, and everything behind a malformed one, are left out. */
export function jsonOfMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  schema: Schema,
  depth = 0,
): JsonObject {
  const json: Record<string, Json> = {};
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    const field = schema.get(tag);
    const from = reader.position;
    let contentEnd = from;
    if ((tag & 7) === 2) {
      contentEnd = reader.enter();
      if (contentEnd === MALFORMED) break;
    } else if (!reader.skip(tag)) break;
    const at = (tag & 7) === 2 ? reader.position : from;
    if ((tag & 7) === 2) reader.position = contentEnd;
    // Attributes of spans were checked when they came; those of resources and scopes are cut here.
    if (field === undefined || depth > MAX_DEPTH) continue;
    const value = valueOf(field, reader, at, contentEnd, depth);
    if (field.repeated !== true) json[field.name] = merged(json[field.name], value);
    else {
      const list = json[field.name];
      if (Array.isArray(list)) (list as Json[]).push(value);
      else json[field.name] = [value];
    }
  }
  return json;
}

/** Messages, of which an attribute's level takes three. */
const MAX_DEPTH = 4 * MAX_ATTRIBUTE_DEPTH;

/** A message that comes twice is one, as protobuf has it; of anything else the last counts. */
function merged(before: Json | undefined, value: Json): Json {
  return isObject(before) && isObject(value) ? { ...before, ...value } : value;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && !Array.isArray(value);
}

/** A value that the reader has just stepped over: in `bytes` between `start` and `end`, or in its two halves. */
function valueOf(field: Field, reader: WireReader, start: number, end: number, depth: number): Json {
  const { bytes, low, high } = reader;
  switch (field.type) {
    case "text":
      return textOf(bytes, start, end);
    case "hex":
      return hexOfBytes(bytes, start, end);
    case "base64":
      return Buffer.from(bytes.subarray(start, end)).toString("base64");
    case "bool":
      return low !== 0 || high !== 0;
    case "int64":
      return signedText(low, high);
    case "fixed64":
      reader.position = start;
      reader.fixed64();
      return ((BigInt(reader.high) << 32n) | BigInt(reader.low)).toString();
    case "uint32":
      return low;
    case "fixed32":
      reader.position = start;
      reader.fixed32();
      return reader.low;
    case "sfixed64":
      reader.position = start;
      reader.fixed64();
      return signedText(reader.low, reader.high);
    case "sint32":
      return (low >>> 1) ^ -(low & 1);
    case "double":
      return jsonNumber(doubleAt(bytes, start));
    case "fixed64s":
    case "doubles":
    case "uint64s":
      return packedList(field.type, reader, start, end);
    case "message":
      return jsonOfMessage(bytes, start, end, field.schema?.() ?? NO_FIELDS, depth + 1);
  }
}

/** Leaves the reader at `end`. */
function packedList(type: PackedType, reader: WireReader, start: number, end: number): Json[] {
  const list: Json[] = [];
  reader.position = start;
  while (reader.position < end) {
    const at = reader.position;
    if (!(type === "uint64s" ? reader.varint() : reader.fixed64())) break;
    const isDouble = type === "doubles";
    list.push(
      isDouble
        ? jsonNumber(doubleAt(reader.bytes, at))
        : ((BigInt(reader.high) << 32n) | BigInt(reader.low)).toString(),
    );
  }
  reader.position = end;
  return list;
}

const NO_FIELDS: Schema = new Map();

/** Protobuf's JSON has the numbers that JSON has not as strings. */
function jsonNumber(value: number): Json {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "Infinity";
  if (value === Number.NEGATIVE_INFINITY) return "-Infinity";
  // JSON.stringify drops the sign of zero; a string keeps it.
  return Object.is(value, -0) ? "-0" : value;
}

const ANY_VALUE: Schema = new Map<number, Field>([
  [0x0a, { name: "stringValue", type: "text" }],
  [0x10, { name: "boolValue", type: "bool" }],
  [0x18, { name: "intValue", type: "int64" }],
  [0x21, { name: "doubleValue", type: "double" }],
  [0x2a, { name: "arrayValue", type: "message", schema: () => ARRAY_VALUE }],
  [0x32, { name: "kvlistValue", type: "message", schema: () => KEY_VALUE_LIST }],
  [0x3a, { name: "bytesValue", type: "base64" }],
]);

const ARRAY_VALUE: Schema = new Map<number, Field>([
  [0x0a, { name: "values", type: "message", repeated: true, schema: () => ANY_VALUE }],
]);

const KEY_VALUE: Schema = new Map<number, Field>([
  [0x0a, { name: "key", type: "text" }],
  [0x12, { name: "value", type: "message", schema: () => ANY_VALUE }],
]);

const KEY_VALUE_LIST: Schema = new Map<number, Field>([
  [0x0a, { name: "values", type: "message", repeated: true, schema: () => KEY_VALUE }],
]);

export const attributesField: Field = {
  name: "attributes",
  type: "message",
  repeated: true,
  schema: () => KEY_VALUE,
};

const ENTITY_REF: Schema = new Map<number, Field>([
  [0x0a, { name: "schemaUrl", type: "text" }],
  [0x12, { name: "type", type: "text" }],
  [0x1a, { name: "idKeys", type: "text", repeated: true }],
  [0x22, { name: "descriptionKeys", type: "text", repeated: true }],
]);

export const RESOURCE: Schema = new Map<number, Field>([
  [0x0a, attributesField],
  [0x10, { name: "droppedAttributesCount", type: "uint32" }],
  [0x1a, { name: "entityRefs", type: "message", repeated: true, schema: () => ENTITY_REF }],
]);

export const SCOPE: Schema = new Map<number, Field>([
  [0x0a, { name: "name", type: "text" }],
  [0x12, { name: "version", type: "text" }],
  [0x1a, attributesField],
  [0x20, { name: "droppedAttributesCount", type: "uint32" }],
]);

const EVENT: Schema = new Map<number, Field>([
  [0x09, { name: "timeUnixNano", type: "fixed64" }],
  [0x12, { name: "name", type: "text" }],
  [0x1a, attributesField],
  [0x20, { name: "droppedAttributesCount", type: "uint32" }],
]);

const LINK: Schema = new Map<number, Field>([
  [0x0a, { name: "traceId", type: "hex" }],
  [0x12, { name: "spanId", type: "hex" }],
  [0x1a, { name: "traceState", type: "text" }],
  [0x22, attributesField],
  [0x28, { name: "droppedAttributesCount", type: "uint32" }],
  [0x35, { name: "flags", type: "fixed32" }],
]);

const STATUS: Schema = new Map<number, Field>([
  [0x12, { name: "message", type: "text" }],
  [0x18, { name: "code", type: "uint32" }],
]);

export const SPAN: Schema = new Map<number, Field>([
  [0x0a, { name: "traceId", type: "hex" }],
  [0x12, { name: "spanId", type: "hex" }],
  [0x1a, { name: "traceState", type: "text" }],
  [0x22, { name: "parentSpanId", type: "hex" }],
  [0x2a, { name: "name", type: "text" }],
  [0x30, { name: "kind", type: "uint32" }],
  [0x39, { name: "startTimeUnixNano", type: "fixed64" }],
  [0x41, { name: "endTimeUnixNano", type: "fixed64" }],
  [0x4a, attributesField],
  [0x50, { name: "droppedAttributesCount", type: "uint32" }],
  [0x5a, { name: "events", type: "message", repeated: true, schema: () => EVENT }],
  [0x60, { name: "droppedEventsCount", type: "uint32" }],
  [0x6a, { name: "links", type: "message", repeated: true, schema: () => LINK }],
  [0x70, { name: "droppedLinksCount", type: "uint32" }],
  [0x7a, { name: "status", type: "message", schema: () => STATUS }],
  [0x85, { name: "flags", type: "fixed32" }],
]);

export const LOG_RECORD: Schema = new Map<number, Field>([
  [0x09, { name: "timeUnixNano", type: "fixed64" }],
  [0x10, { name: "severityNumber", type: "uint32" }],
  [0x1a, { name: "severityText", type: "text" }],
  [0x2a, { name: "body", type: "message", schema: () => ANY_VALUE }],
  [0x32, attributesField],
  [0x38, { name: "droppedAttributesCount", type: "uint32" }],
  [0x45, { name: "flags", type: "fixed32" }],
  [0x4a, { name: "traceId", type: "hex" }],
  [0x52, { name: "spanId", type: "hex" }],
  [0x59, { name: "observedTimeUnixNano", type: "fixed64" }],
  [0x62, { name: "eventName", type: "text" }],
]);
