import { AttributeCursor, hasFlaggedPair } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import { CHUNK_ROWS, NAME_IN_RECORD, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { isNumeric, isWordInValue } from "./any-value-text.ts";
import { readAttribute, searchableText } from "./attribute-values.ts";
import { ByteScan } from "./byte-scan.ts";
import { digestOf, pairsOf } from "./chunk-digest.ts";
import { entryHits, originHits } from "./known-hits.ts";
import type { OpenRows } from "./open-rows.ts";
import type { RowTest } from "./row-test.ts";
import type { SpanCondition } from "./span-condition.ts";
import { TextFinder } from "./text-finder.ts";
import { chooseTextNeedles } from "./text-needles.ts";

/**
 * Spans with a word in their name, their service or an attribute's value, whatever its case. Each distinct name and pair
 * is looked at once; rows are told by these numbers. Values that are no pair are searched natively, many records at once.
 */
export function wordCondition(store: SpanStore, word: string): SpanCondition {
  const finder = new TextFinder(word);
  const { names, attributes } = store;
  const nameHits = entryHits(names, (bytes, start, end) => finder.isIn(bytes, start, end)).flags;
  const pairHits = entryHits(attributes.pairs, (bytes, start, end) =>
    isWordInValue(finder, bytes, start, end),
  );
  const services = originHits(store, ({ service }) => finder.isInText(service)).flags;
  const cursor = new AttributeCursor(attributes);

  const isInColumns: RowTest = (chunk, i) => {
    if (services[chunk.origin[i] ?? 0] === 1) return true;
    const name = chunk.name[i] ?? NAME_IN_RECORD;
    return name === NAME_IN_RECORD ? finder.isInText(store.nameAt(chunk, i)) : nameHits[name] === 1;
  };
  const isInValue = ({ key, bytes, start, end }: AttributeCursor): boolean => {
    if (key !== NOT_INTERNED) return isWordInValue(finder, bytes, start, end);
    return finder.isInText(searchableText(readAttribute(bytes, start, end).value) ?? "");
  };
  const isInAttributes: RowTest = (chunk, i) => {
    const parts = store.recordAt(chunk, i);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.step()) {
      if (cursor.pair !== NOT_INTERNED) {
        if (pairHits.flags[cursor.pair] === 1) return true;
      } else if (isInValue(cursor)) return true;
    }
    return false;
  };

  const isInPairs: RowTest = (chunk, i) => {
    const parts = store.recordAt(chunk, i);
    return hasFlaggedPair(parts.bytes, parts.attributesStart, parts.attributesEnd, pairHits.flags);
  };
  const isInNumbers: RowTest = (chunk, i) => {
    const parts = store.recordAt(chunk, i);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.step()) {
      if (cursor.pair === NOT_INTERNED && mayBeNumberAt(cursor) && isInValue(cursor)) return true;
    }
    return false;
  };
  const wantedPairs = pairsOf(pairHits.flags);
  const bytes = new ByteScan(store, (sample) => chooseTextNeedles(finder.forms, sample));

  const scan = (chunk: SpanChunk, rows: OpenRows): void => {
    rows.test(chunk, isInColumns);
    if (rows.openCount === 0) return;
    if (pairHits.any || finder.mayBeNumber) {
      const digest = digestOf(store, chunk);
      if (digest.pairs.meets(wantedPairs)) rows.test(chunk, isInPairs);
      if (finder.mayBeNumber && (digest.hasRawNumber || digest.hasWhole)) rows.test(chunk, isInNumbers);
    }
    if (hasOpenRow(chunk, rows)) bytes.scan(chunk, rows, isInAttributes);
  };
  return { test: (chunk, i) => isInColumns(chunk, i) || isInAttributes(chunk, i), cost: 300, scan };
}

function mayBeNumberAt({ key, bytes, start }: AttributeCursor): boolean {
  return key === NOT_INTERNED || isNumeric(bytes[start]);
}

function hasOpenRow(chunk: SpanChunk, rows: OpenRows): boolean {
  for (let i = 0; i < CHUNK_ROWS; i++) if (rows.isOpen(chunk, i)) return true;
  return false;
}
