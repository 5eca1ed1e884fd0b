import type { TraceFilter } from "../../model/trace-list.ts";
import { AttributeCursor, hasFlaggedPair } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import type { SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAnyValue } from "./attribute-values.ts";
import { digestOf, pairsOf } from "./chunk-digest.ts";
import { isSamePath, LINE_KEYS, lineNumberOf, PATH_KEYS } from "./code-place.ts";
import { entryHits } from "./known-hits.ts";
import type { OpenRows } from "./open-rows.ts";
import type { RowTest } from "./row-test.ts";
import type { SpanCondition } from "./span-condition.ts";
import { keyNumber } from "./span-attributes.ts";

/** Spans whose code lies in these lines of this file: of several paths the first counts, of several lines the last. */
export function placeCondition(store: SpanStore, place: NonNullable<TraceFilter["place"]>): SpanCondition {
  const known = (keys: readonly string[]): ReadonlySet<number> =>
    new Set(keys.map((key) => keyNumber(store, key)).filter((key) => key !== NOT_INTERNED));
  const pathKeys = known(PATH_KEYS);
  const lineKeys = known(LINE_KEYS);
  const isPathHere = (bytes: Uint8Array, start: number, end: number): boolean => {
    const value = readAnyValue(bytes, start, end);
    return typeof value === "string" && value !== "" && isSamePath(value, place.path);
  };
  const isLineHere = (bytes: Uint8Array, start: number, end: number): boolean => {
    const line = lineNumberOf(readAnyValue(bytes, start, end)) ?? 0;
    return line >= place.firstLine && line <= place.lastLine;
  };
  const { pairs } = store.attributes;
  const isPath = entryHits(
    pairs,
    (bytes, start, end, tag) => pathKeys.has(tag) && isPathAt(bytes, start, end),
  ).flags;
  const pathHits = entryHits(
    pairs,
    (bytes, start, end, tag) => pathKeys.has(tag) && isPathHere(bytes, start, end),
  ).flags;
  const isLine = entryHits(pairs, (_bytes, _start, _end, tag) => lineKeys.has(tag)).flags;
  const lineHits = entryHits(
    pairs,
    (bytes, start, end, tag) => lineKeys.has(tag) && isLineHere(bytes, start, end),
  ).flags;

  const cursor = new AttributeCursor(store.attributes);
  const test: RowTest = (chunk, i) => {
    let path: boolean | undefined;
    let line = place.firstLine <= 0 && place.lastLine >= 0;
    const parts = store.recordAt(chunk, i);
    cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
    while (cursor.step()) {
      const { pair, key } = cursor;
      if (pair !== NOT_INTERNED) {
        if (isPath[pair] === 1) path ??= pathHits[pair] === 1;
        else if (isLine[pair] === 1) line = lineHits[pair] === 1;
      } else if (pathKeys.has(key)) {
        if (isPathAt(cursor.bytes, cursor.start, cursor.end))
          path ??= isPathHere(cursor.bytes, cursor.start, cursor.end);
      } else if (lineKeys.has(key)) line = isLineHere(cursor.bytes, cursor.start, cursor.end);
      if (path === false) return false;
    }
    return path === true && line;
  };

  const isPathInPairs: RowTest = (chunk, i) => {
    const parts = store.recordAt(chunk, i);
    return hasFlaggedPair(parts.bytes, parts.attributesStart, parts.attributesEnd, pathHits);
  };
  const wantedPairs = pairsOf(pathHits);
  const scan = (chunk: SpanChunk, rows: OpenRows): void => {
    const digest = digestOf(store, chunk);
    const isRaw = [...pathKeys].some((key) => digest.rawKeys.has(key));
    if (isRaw) rows.test(chunk, test);
    else if (digest.pairs.meets(wantedPairs))
      rows.test(chunk, (_, i) => isPathInPairs(chunk, i) && test(chunk, i));
  };
  return { test, cost: 100, scan };
}

/** Whether an AnyValue is a path at all. */
function isPathAt(bytes: Uint8Array, start: number, end: number): boolean {
  const value = readAnyValue(bytes, start, end);
  return typeof value === "string" && value !== "";
}
