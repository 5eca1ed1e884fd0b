import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";
import type { Attribute, AttributeValue } from "../../model/span.ts";

/** The attributes (KeyValue fields of this tag) of a message that lies between `start` and `end`. */
export function readAttributesOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  tag: number,
  depth = 0,
): Attribute[] {
  const attributes: Attribute[] = [];
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let field = reader.next(); field > END; field = reader.next()) {
    if (field !== tag) {
      if (!reader.skip(field)) break;
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) break;
    attributes.push(readAttribute(bytes, reader.position, inner, depth));
    reader.position = inner;
  }
  return attributes;
}

/** A KeyValue message. */
export function readAttribute(bytes: Uint8Array, start: number, end: number, depth = 0): Attribute {
  let key = "";
  let value: AttributeValue = EMPTY;
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (tag !== 0x0a && tag !== 0x12) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) break;
    if (tag === 0x0a) key = textOf(bytes, reader.position, inner);
    else value = readAnyValue(bytes, reader.position, inner, depth);
    reader.position = inner;
  }
  return { key, value };
}

/** An AnyValue message. Of several values the last one counts, as protobuf has it; without any it is the empty value. */
export function readAnyValue(bytes: Uint8Array, start: number, end: number, depth = 0): AttributeValue {
  let value: AttributeValue = EMPTY;
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if ((tag & 7) !== 2) {
      const at = reader.position;
      if (!reader.skip(tag)) break;
      if (tag === 0x10) value = reader.low !== 0 || reader.high !== 0;
      else if (tag === 0x18) value = integerOf(reader.low, reader.high);
      else if (tag === 0x21) value = doubleAt(bytes, at);
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) break;
    const at = reader.position;
    if (tag === 0x0a) value = textOf(bytes, at, inner);
    else if (tag === 0x2a) value = { list: readList(bytes, at, inner, depth + 1) };
    else if (tag === 0x32)
      value = { map: depth < MAX_ATTRIBUTE_DEPTH ? readAttributesOf(bytes, at, inner, 0x0a, depth + 1) : [] };
    else if (tag === 0x3a) value = { bytes: Buffer.from(bytes.subarray(at, inner)).toString("base64") };
    reader.position = inner;
  }
  return value;
}

/** A value as search compares it: text as it is, numbers in decimal, true and false; undefined for bytes, lists, maps and nothing. */
export function searchableText(value: AttributeValue): string | undefined {
  if (typeof value !== "object") return String(value);
  return "int" in value ? value.int : undefined;
}

/** Bytes as text, invalid UTF-8 replaced. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}

/** A signed 64-bit integer as a decimal string. */
export function signedText(low: number, high: number): string {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString();
}

export function doubleAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at, true);
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const EMPTY: AttributeValue = { empty: true };

/** Attributes of spans were checked when they came; those of resources and scopes are cut here. */
function readList(bytes: Uint8Array, start: number, end: number, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  if (depth > MAX_ATTRIBUTE_DEPTH) return values;
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (tag !== 0x0a) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) break;
    values.push(readAnyValue(bytes, reader.position, inner, depth));
    reader.position = inner;
  }
  return values;
}

function integerOf(low: number, high: number): AttributeValue {
  // Negative numbers down to -2^53 are those whose upper half is at least this.
  const value = high >= 0x8000_0000 ? (high - 2 ** 32) * 2 ** 32 + low : high * 2 ** 32 + low;
  return Number.isSafeInteger(value) ? value : { int: signedText(low, high) };
}
