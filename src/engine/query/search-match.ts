import { WireWriter } from "../../base/wire-writer.ts";
import { SPAN_KINDS, SPAN_STATES, SPAN_STATUSES } from "../../model/span.ts";
import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import { NAME_IN_RECORD, STATE_RUNNING, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAnyValue, readAttribute, readAttributesOf, searchableText } from "./attribute-values.ts";
import { CodePlaceReader, isSamePath } from "./code-place.ts";
import { keyNumber } from "./span-attributes.ts";
import type { SearchClause } from "./search-text.ts";
import { TextFinder } from "./text-finder.ts";

/** Whether the span at this index of a chunk meets a condition. */
export type RowTest = (chunk: SpanChunk, index: number) => boolean;

/**
 * Compiles a clause into a test of rows, its negation left aside. What the clause says of strings is worked out once
 * for each string that the store knows, so that a row is tested by numbers. The test holds until the store changes.
 */
export function compileClause(store: SpanStore, clause: SearchClause): RowTest {
  switch (clause.field) {
    case "word":
      return wordTest(store, clause.value);
    case "attribute":
      return attributeTest(store, clause);
    case "status":
      return columnTest("status", SPAN_STATUSES, clause);
    case "state":
      return columnTest("state", SPAN_STATES, clause);
    case "kind":
      return columnTest("kind", SPAN_KINDS, clause);
    case "service":
      return serviceTest(store, clause);
    case "name":
      return nameTest(store, clause);
    case "duration":
      return (chunk, i) => chunk.state[i] !== STATE_RUNNING && compare(durationNsAt(chunk, i), clause);
    case "run":
      return (chunk, i) => compare(store.originAt(chunk, i)?.run ?? 0, clause);
  }
}

/** A test for spans whose code lies in these lines of this file. */
export function placeTest(
  store: SpanStore,
  place: { readonly path: string; readonly firstLine: number; readonly lastLine: number },
): RowTest {
  const reader = new CodePlaceReader(store);
  const matches = new Map<string, boolean>();
  return (chunk, i) => {
    if (!reader.read(chunk, i) || reader.line < place.firstLine || reader.line > place.lastLine) return false;
    const known = matches.get(reader.path);
    if (known !== undefined) return known;
    const same = isSamePath(reader.path, place.path);
    if (matches.size < MAX_REMEMBERED) matches.set(reader.path, same);
    return same;
  };
}

const MAX_REMEMBERED = 10_000;

/** Whether a number meets an ordered comparison, or an equality. */
export function compare(value: number, clause: Pick<SearchClause, "operator" | "number">): boolean {
  switch (clause.operator) {
    case "=":
      return value === clause.number;
    case ">":
      return value > clause.number;
    case ">=":
      return value >= clause.number;
    case "<":
      return value < clause.number;
    case "<=":
      return value <= clause.number;
    case "exists":
      return true;
  }
}

export function durationNsAt(chunk: SpanChunk, i: number): number {
  return (
    ((chunk.endHigh[i] ?? 0) - (chunk.startHigh[i] ?? 0)) * 2 ** 32 +
    ((chunk.endLow[i] ?? 0) - (chunk.startLow[i] ?? 0))
  );
}

function columnTest(
  column: "status" | "state" | "kind",
  names: readonly string[],
  clause: SearchClause,
): RowTest {
  if (clause.operator === "exists") return () => true;
  const wanted = names.indexOf(clause.value.toLowerCase());
  return (chunk, i) => chunk[column][i] === wanted;
}

function serviceTest(store: SpanStore, clause: SearchClause): RowTest {
  if (clause.operator === "exists") return () => true;
  const hits = originHits(store, (service) => service === clause.value);
  return (chunk, i) => hits[chunk.origin[i] ?? 0] === 1;
}

function nameTest(store: SpanStore, clause: SearchClause): RowTest {
  if (clause.operator === "exists") return () => true;
  const bytes = utf8.encode(clause.value);
  const wanted = store.names.find(0, bytes, 0, bytes.length);
  return (chunk, i) => {
    const name = chunk.name[i] ?? NAME_IN_RECORD;
    return name === NAME_IN_RECORD ? store.nameAt(chunk, i) === clause.value : name === wanted;
  };
}

function wordTest(store: SpanStore, word: string): RowTest {
  const finder = new TextFinder(word);
  const { names } = store;
  const nameHits = new Uint8Array(names.count);
  for (let name = 0; name < nameHits.length; name++) {
    nameHits[name] = finder.isIn(names.bytes, names.startOf(name), names.endOf(name)) ? 1 : 0;
  }
  const { pairs } = store.attributes;
  const pairHits = new Uint8Array(pairs.count);
  let anyPair = false;
  for (let pair = 0; pair < pairHits.length; pair++) {
    if (!isWordInValue(finder, pairs.bytes, pairs.startOf(pair), pairs.endOf(pair))) continue;
    pairHits[pair] = 1;
    anyPair = true;
  }
  const services = originHits(store, (service) => finder.isInText(service));
  const cursor = new AttributeCursor(store.attributes);
  return (chunk, i) => {
    const name = chunk.name[i] ?? NAME_IN_RECORD;
    if (services[chunk.origin[i] ?? 0] === 1) return true;
    if (name === NAME_IN_RECORD ? finder.isInText(store.nameAt(chunk, i)) : nameHits[name] === 1) return true;
    const parts = store.recordAt(chunk, i);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.step()) {
      if (cursor.pair !== NOT_INTERNED) {
        if (anyPair && pairHits[cursor.pair] === 1) return true;
      } else if (cursor.key === NOT_INTERNED) {
        const value = readAttribute(cursor.bytes, cursor.start, cursor.end).value;
        if (finder.isInText(searchableText(value) ?? "")) return true;
      } else if (isWordInValue(finder, cursor.bytes, cursor.start, cursor.end)) return true;
    }
    return false;
  };
}

/** Looks into an AnyValue: strings, also those inside lists and maps, and numbers in decimal. */
function isWordInValue(finder: TextFinder, bytes: Uint8Array, start: number, end: number): boolean {
  const tag = bytes[start];
  if (tag === STRING_VALUE) return finder.isIn(bytes, afterVarint(bytes, start + 1), end);
  if (tag === ARRAY_VALUE || tag === MAP_VALUE) return finder.isIn(bytes, start, end);
  if (!finder.mayBeNumber || start === end) return false;
  return finder.isInText(searchableText(readAnyValue(bytes, start, end)) ?? "");
}

function afterVarint(bytes: Uint8Array, start: number): number {
  let at = start;
  while ((bytes[at] ?? 0) >= 0x80) at++;
  return at + 1;
}

const STRING_VALUE = 0x0a;
const ARRAY_VALUE = 0x2a;
const MAP_VALUE = 0x32;

/** An attribute of the span, or of its resource. */
function attributeTest(store: SpanStore, clause: SearchClause): RowTest {
  const meets = (value: string | undefined): boolean => {
    if (clause.operator === "exists") return true;
    if (clause.operator === "=") return value === clause.value;
    return value !== undefined && value.trim() !== "" && compare(Number(value), clause);
  };
  const origins = Uint8Array.from(store.origins.all, (origin) => {
    if (origin === undefined) return 0;
    const { resource } = origin;
    const attributes = readAttributesOf(resource, 0, resource.length, 0x0a);
    return attributes.some(({ key, value }) => key === clause.key && meets(searchableText(value))) ? 1 : 0;
  });
  const key = keyNumber(store, clause.key);
  const { pairs } = store.attributes;
  const pairHits = new Uint8Array(pairs.count);
  for (let pair = 0; pair < pairHits.length && key !== NOT_INTERNED; pair++) {
    if (pairs.tagOf(pair) !== key) continue;
    const value = readAnyValue(pairs.bytes, pairs.startOf(pair), pairs.endOf(pair));
    pairHits[pair] = meets(searchableText(value)) ? 1 : 0;
  }
  const cursor = new AttributeCursor(store.attributes);
  const wanted = stringValue(clause.value);
  return (chunk, i) => {
    if (origins[chunk.origin[i] ?? 0] === 1) return true;
    const parts = store.recordAt(chunk, i);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.step()) {
      if (cursor.pair !== NOT_INTERNED) {
        if (pairHits[cursor.pair] === 1) return true;
      } else if (cursor.key === NOT_INTERNED) {
        const attribute = readAttribute(cursor.bytes, cursor.start, cursor.end);
        if (attribute.key === clause.key && meets(searchableText(attribute.value))) return true;
      } else if (cursor.key === key) {
        const isText = cursor.bytes[cursor.start] === STRING_VALUE;
        if (isText && clause.operator === "=") {
          // Bytes are compared, from the end, where ids and URLs differ: no string is made of a value.
          if (wanted.length === cursor.end - cursor.start && isSame(cursor, wanted)) return true;
        } else if (meets(searchableText(readAnyValue(cursor.bytes, cursor.start, cursor.end)))) return true;
      }
    }
    return false;
  };
}

/** A text as an AnyValue message. */
function stringValue(text: string): Uint8Array {
  const writer = new WireWriter();
  writer.stringField(STRING_VALUE, text);
  return writer.written;
}

function isSame(cursor: AttributeCursor, wanted: Uint8Array): boolean {
  const { bytes, start } = cursor;
  for (let n = wanted.length - 1; n >= 0; n--) if (bytes[start + n] !== wanted[n]) return false;
  return true;
}

function originHits(store: SpanStore, isHit: (service: string) => boolean): Uint8Array {
  return Uint8Array.from(store.origins.all, (origin) =>
    origin !== undefined && isHit(origin.service) ? 1 : 0,
  );
}

const utf8 = new TextEncoder();
