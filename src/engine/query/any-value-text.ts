import { readAnyValue, searchableText } from "./attribute-values.ts";
import type { TextFinder } from "./text-finder.ts";

/** Tags of the fields of an AnyValue message, which is a string, or else. */
export const STRING_VALUE = 0x0a;
const ARRAY_VALUE = 0x2a;
const MAP_VALUE = 0x32;
const BOOL_VALUE = 0x10;
const INT_VALUE = 0x18;
const DOUBLE_VALUE = 0x21;

/** Whether an AnyValue that begins with this byte has a text that does not stand among its bytes. */
export function isNumeric(tag: number | undefined): boolean {
  return tag === BOOL_VALUE || tag === INT_VALUE || tag === DOUBLE_VALUE;
}

/** Looks into an AnyValue: strings, also those inside lists and maps, and numbers in decimal. */
export function isWordInValue(finder: TextFinder, bytes: Uint8Array, start: number, end: number): boolean {
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
