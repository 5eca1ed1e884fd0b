import type { Attribute } from "../../model/span.ts";
import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import type { SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAnyValue, readAttribute } from "./attribute-values.ts";

/** All attributes of a row. */
export function attributesOfRow(store: SpanStore, chunk: SpanChunk, index: number): Attribute[] {
  const attributes: Attribute[] = [];
  const cursor = new AttributeCursor(store.attributes);
  const parts = store.recordAt(chunk, index);
  cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
  while (cursor.next()) attributes.push(attributeAt(store, cursor));
  return attributes;
}

/** The attribute that a cursor stands on. */
function attributeAt(store: SpanStore, cursor: AttributeCursor): Attribute {
  const { bytes, start, end } = cursor;
  if (cursor.key === NOT_INTERNED) return readAttribute(bytes, start, end);
  return { key: store.attributes.keys.textOf(cursor.key), value: readAnyValue(bytes, start, end) };
}

/** The number of a key, {@link NOT_INTERNED} where no span has it. */
export function keyNumber(store: SpanStore, key: string): number {
  const bytes = utf8.encode(key);
  return store.attributes.keys.find(0, bytes, 0, bytes.length);
}

const utf8 = new TextEncoder();
