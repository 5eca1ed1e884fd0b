import { END, WireReader } from "../../base/wire-reader.ts";
import { AttributeCursor, hasFlaggedPair } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import type { LogChunk } from "../store/log-chunk.ts";
import type { LogStore } from "../store/log-store.ts";
import { partsOfRecord, type RecordParts } from "../store/span-record.ts";
import { isWordInValue } from "./any-value-text.ts";
import { readAnyValue, readAttribute, readAttributesOf, searchableText } from "./attribute-values.ts";
import { compare } from "./compare.ts";
import { entryHits, originHits } from "./known-hits.ts";
import { PageHits } from "./page-hits.ts";
import type { SearchClause } from "./search-text.ts";
import { TextFinder } from "./text-finder.ts";

/** Whether the record at this index of a chunk meets a condition. */
export type LogTest = (chunk: LogChunk, index: number) => boolean;

/**
 * Compiles a clause of a search text into a test of log records, its negation left aside. Fields of spans that records
 * have not (name, status, ...) are taken for attributes. The test holds for the rows that are there when it is made.
 */
export function logCondition(store: LogStore, clause: SearchClause): LogTest {
  switch (clause.field) {
    case "word":
      return wordTest(store, clause.value);
    case "service": {
      const isHit = (service: string): boolean => clause.operator === "exists" || service === clause.value;
      const { flags } = originHits(store, ({ service }) => isHit(service));
      return (chunk, i) => flags[chunk.origin[i] ?? 0] === 1;
    }
    case "time":
      return (chunk, i) => compare((chunk.timeHigh[i] ?? 0) * 2 ** 32 + (chunk.timeLow[i] ?? 0), clause);
    case "run":
      return (chunk, i) => compare(store.originAt(chunk, i)?.run ?? 0, clause);
    default:
      return attributeTest(store, clause);
  }
}

/**
 * Records with a word in their body, an attribute's value, their event's name or their service, whatever its case. Each
 * distinct body, pair and name is looked at once; what is in the records' bytes is searched natively first.
 */
function wordTest(store: LogStore, word: string): LogTest {
  const finder = new TextFinder(word);
  const { labels, attributes, records } = store;
  const isInValue = (bytes: Uint8Array, start: number, end: number): boolean =>
    isWordInValue(finder, bytes, start, end);
  const bodies = entryHits(store.bodies.interner, isInValue).flags;
  const names = entryHits(labels, (bytes, start, end) => finder.isIn(bytes, start, end)).flags;
  const pairs = entryHits(attributes.pairs, isInValue);
  const services = originHits(store, ({ service }) => finder.isInText(service)).flags;
  const hits = new PageHits(finder.forms);
  const cursor = new AttributeCursor(attributes);
  const isInAttributes = ({ bytes, attributesStart, attributesEnd }: RecordParts): boolean => {
    cursor.reset(bytes, attributesStart, attributesEnd);
    while (cursor.step()) {
      if (cursor.pair !== NOT_INTERNED) continue;
      if (cursor.key === NOT_INTERNED) {
        const { value } = readAttribute(cursor.bytes, cursor.start, cursor.end);
        if (finder.isInText(searchableText(value) ?? "")) return true;
      } else if (isInValue(cursor.bytes, cursor.start, cursor.end)) return true;
    }
    return false;
  };
  return (chunk, i) => {
    if (services[chunk.origin[i] ?? 0] === 1) return true;
    if (bodies[chunk.body[i] ?? 0] === 1 || names[chunk.eventName[i] ?? 0] === 1) return true;
    const address = chunk.record[i] ?? 0;
    const bytes = records.bytesAt(address);
    const start = records.startAt(address);
    const end = records.endAt(address);
    if (!pairs.any && !finder.mayBeNumber && !hits.mayHold(bytes, start, end)) return false;
    const parts = partsOfRecord(bytes, start, end);
    if (pairs.any && hasFlaggedPair(bytes, parts.attributesStart, parts.attributesEnd, pairs.flags))
      return true;
    return (
      (finder.mayBeNumber || hits.mayHold(bytes, start, end)) &&
      (isInRest(finder, parts) || isInAttributes(parts))
    );
  };
}

/** Looks into the body and the event's name, where a record holds them. */
function isInRest(finder: TextFinder, { bytes, attributesEnd, end }: RecordParts): boolean {
  reader.reset(bytes, attributesEnd, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    const at = reader.position;
    if (!reader.skip(tag)) return false;
    if (tag !== BODY && tag !== EVENT_NAME) continue;
    const fieldEnd = reader.position;
    reader.position = at;
    reader.enter();
    const start = reader.position;
    reader.position = fieldEnd;
    const isIn =
      tag === BODY ? isWordInValue(finder, bytes, start, fieldEnd) : finder.isIn(bytes, start, fieldEnd);
    if (isIn) return true;
  }
  return false;
}

const reader = new WireReader();
const BODY = 0x2a;
const EVENT_NAME = 0x62;

/** An attribute of the record, or of its resource. */
function attributeTest(store: LogStore, clause: SearchClause): LogTest {
  const meets = (value: string | undefined): boolean => {
    if (clause.operator === "exists") return true;
    if (clause.operator === "=") return value === clause.value;
    return value !== undefined && value.trim() !== "" && compare(Number(value), clause);
  };
  const resources = originHits(store, ({ resource }) =>
    readAttributesOf(resource, 0, resource.length, 0x0a).some(
      ({ key, value }) => key === clause.key && meets(searchableText(value)),
    ),
  ).flags;
  const { keys } = store.attributes;
  const name = new TextEncoder().encode(clause.key);
  const key = keys.find(0, name, 0, name.length);
  const pairs = entryHits(
    store.attributes.pairs,
    (bytes, start, end, tag) => tag === key && meets(searchableText(readAnyValue(bytes, start, end))),
  ).flags;
  const cursor = new AttributeCursor(store.attributes);
  return (chunk, i) => {
    if (resources[chunk.origin[i] ?? 0] === 1) return true;
    const { bytes, attributesStart, attributesEnd } = store.recordAt(chunk, i);
    cursor.reset(bytes, attributesStart, attributesEnd);
    while (cursor.step()) {
      if (cursor.pair !== NOT_INTERNED) {
        if (pairs[cursor.pair] === 1) return true;
      } else if (cursor.key === NOT_INTERNED) {
        const attribute = readAttribute(cursor.bytes, cursor.start, cursor.end);
        if (attribute.key === clause.key && meets(searchableText(attribute.value))) return true;
      } else if (
        cursor.key === key &&
        meets(searchableText(readAnyValue(cursor.bytes, cursor.start, cursor.end)))
      )
        return true;
    }
    return false;
  };
}
