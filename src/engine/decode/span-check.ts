import { END, MALFORMED, type WireReader } from "../../base/wire-reader.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";
import { MAX_ITEM_VALUES } from "../../model/item-limits.ts";

/**
 * Whether a span's attribute, event or link (the field with this tag) from the reader's position to `end` is well
 * formed, whatever it nests. Leaves the reader's limit as it was; the position is the caller's to set. Since `nestedCount` of
 * the reader was set to 0, no more than {@link MAX_ITEM_VALUES} values are gone into.
 */
export function isWellFormedSpanBody(reader: WireReader, tag: number, end: number): boolean {
  const outer = reader.limit;
  reader.limit = end;
  const wellFormed = tag === SPAN_ATTRIBUTE ? checkKeyValue(reader, 0) : checkEventOrLink(reader, tag);
  reader.limit = outer;
  return wellFormed;
}

/**
 * Whether a KeyValue message of fewer than 128 bytes is a key and then a value that is one text, as most are: it is
 * well formed, then.
 */
export function isShortTextAttribute(bytes: Uint8Array, start: number, end: number): boolean {
  const keyEnd = start + 2 + (bytes[start + 1] ?? 0);
  return bytes[start] === KEY && bytes[keyEnd] === VALUE && isShortText(bytes, keyEnd, end);
}

/** Whether from here to the end there is a value, its field's tag included, that is one text of at most 125 bytes. */
export function isShortText(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start - 4;
  return (
    length >= 0 &&
    length < 0x7e &&
    bytes[start + 1] === length + 2 &&
    bytes[start + 2] === STRING_VALUE &&
    bytes[start + 3] === length
  );
}

const KEY = 0x0a;
const STRING_VALUE = 0x0a;

/** {@link isWellFormedSpanBody} for a KeyValue message, of any signal. */
export function isWellFormedKeyValue(reader: WireReader, end: number): boolean {
  return isWellFormed(reader, end, checkKeyValue);
}

/** The same for an AnyValue message. */
export function isWellFormedValue(reader: WireReader, end: number): boolean {
  return isWellFormed(reader, end, checkAnyValue);
}

function isWellFormed(
  reader: WireReader,
  end: number,
  check: (reader: WireReader, depth: number) => boolean,
): boolean {
  const outer = reader.limit;
  reader.limit = end;
  const wellFormed = check(reader, 0);
  reader.limit = outer;
  return wellFormed;
}

const SPAN_ATTRIBUTE = 0x4a;
const EVENT = 0x5a;
const EVENT_ATTRIBUTE = 0x1a;
const LINK_ATTRIBUTE = 0x22;

function checkEventOrLink(reader: WireReader, kind: number): boolean {
  const attribute = kind === EVENT ? EVENT_ATTRIBUTE : LINK_ATTRIBUTE;
  for (;;) {
    const tag = reader.next();
    if (tag === END) return true;
    if (tag === attribute) {
      if (!checkNested(reader, checkKeyValue, 0)) return false;
    } else if (!reader.skip(tag)) return false;
  }
}

function checkNested(
  reader: WireReader,
  check: (reader: WireReader, depth: number) => boolean,
  depth: number,
): boolean {
  const end = reader.enter();
  if (end === MALFORMED || ++reader.nestedCount > MAX_ITEM_VALUES) return false;
  const outer = reader.limit;
  reader.limit = end;
  if (!check(reader, depth)) return false;
  reader.limit = outer;
  reader.position = end;
  return true;
}

function checkKeyValue(reader: WireReader, depth: number): boolean {
  for (;;) {
    const tag = reader.next();
    if (tag === END) return true;
    if (tag === VALUE) {
      if (!checkNested(reader, checkAnyValue, depth)) return false;
    } else if (!reader.skip(tag)) return false;
  }
}

const VALUE = 0x12;

function checkAnyValue(reader: WireReader, depth: number): boolean {
  for (;;) {
    const tag = reader.next();
    if (tag === END) return true;
    if (tag === ARRAY_VALUE || tag === MAP_VALUE) {
      if (depth >= MAX_ATTRIBUTE_DEPTH) return false;
      if (!checkNested(reader, tag === ARRAY_VALUE ? checkArray : checkMap, depth + 1)) return false;
    } else if (!reader.skip(tag)) return false;
  }
}

const ARRAY_VALUE = 0x2a;
const MAP_VALUE = 0x32;

function checkArray(reader: WireReader, depth: number): boolean {
  for (;;) {
    const tag = reader.next();
    if (tag === END) return true;
    if (tag === ELEMENT) {
      if (!checkNested(reader, checkAnyValue, depth)) return false;
    } else if (!reader.skip(tag)) return false;
  }
}

function checkMap(reader: WireReader, depth: number): boolean {
  for (;;) {
    const tag = reader.next();
    if (tag === END) return true;
    if (tag === ELEMENT) {
      if (!checkNested(reader, checkKeyValue, depth)) return false;
    } else if (!reader.skip(tag)) return false;
  }
}

const ELEMENT = 0x0a;
