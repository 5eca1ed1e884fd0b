import { WireWriter } from "../../base/wire-writer.ts";
import { AttributeCursor, hasFlaggedPair, rawForm } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import type { SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { STRING_VALUE } from "./any-value-text.ts";
import { readAnyValue, readAttribute, readAttributesOf, searchableText } from "./attribute-values.ts";
import { ByteScan } from "./byte-scan.ts";
import { digestOf, pairsOf } from "./chunk-digest.ts";
import { compare } from "./compare.ts";
import { entryHits, originHits } from "./known-hits.ts";
import type { OpenRows } from "./open-rows.ts";
import type { RowTest } from "./row-test.ts";
import type { SpanCondition } from "./span-condition.ts";
import { keyNumber } from "./span-attributes.ts";
import type { SearchClause } from "./search-text.ts";

/**
 * Spans with an attribute, of their own or of their resource. What the clause says is worked out once for each distinct
 * pair; a text that is no pair is looked for natively, by the very bytes that a record would have.
 */
export function attributeCondition(store: SpanStore, clause: SearchClause): SpanCondition {
  const meets = (value: string | undefined): boolean => {
    if (clause.operator === "exists") return true;
    if (clause.operator === "=") return value === clause.value;
    return value !== undefined && value.trim() !== "" && compare(Number(value), clause);
  };
  const resources = originHits(store, ({ resource }) => {
    const attributes = readAttributesOf(resource, 0, resource.length, 0x0a);
    return attributes.some(({ key, value }) => key === clause.key && meets(searchableText(value)));
  });
  const key = keyNumber(store, clause.key);
  const pairHits = entryHits(store.attributes.pairs, (bytes, start, end, tag) =>
    tag === key ? meets(searchableText(readAnyValue(bytes, start, end))) : false,
  );
  const cursor = new AttributeCursor(store.attributes);
  const wanted = stringValue(clause.value);

  const isInResource: RowTest = (chunk, i) => resources.flags[chunk.origin[i] ?? 0] === 1;
  const isInPairs: RowTest = (chunk, i) => {
    const parts = store.recordAt(chunk, i);
    return hasFlaggedPair(parts.bytes, parts.attributesStart, parts.attributesEnd, pairHits.flags);
  };
  const isInAttributes: RowTest = (chunk, i) => {
    const parts = store.recordAt(chunk, i);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.step()) {
      if (cursor.pair !== NOT_INTERNED) {
        if (pairHits.flags[cursor.pair] === 1) return true;
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

  const wantedPairs = pairsOf(pairHits.flags);
  const bytes = new ByteScan(store, () => [
    { bytes: Buffer.from(rawForm(key, wanted)), isWanted: () => true },
  ]);
  const isEquality = clause.operator === "=";

  const scan = (chunk: SpanChunk, rows: OpenRows): void => {
    if (resources.any) rows.test(chunk, isInResource);
    if (rows.openCount === 0) return;
    const digest = digestOf(store, chunk);
    const isRaw = key !== NOT_INTERNED && digest.rawKeys.has(key);
    if (digest.hasWhole || (isRaw && (!isEquality || digest.hasRawNumber))) rows.test(chunk, isInAttributes);
    else {
      if (digest.pairs.meets(wantedPairs)) rows.test(chunk, isInPairs);
      if (isRaw) bytes.scan(chunk, rows, isInAttributes);
    }
  };
  return { test: (chunk, i) => isInResource(chunk, i) || isInAttributes(chunk, i), cost: 100, scan };
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
