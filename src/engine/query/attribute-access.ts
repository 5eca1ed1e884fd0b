import type { Attribute } from "../../model/span.ts";
import { lineNumberOf } from "./code-place.ts";

/** The text of an attribute; undefined where it is absent or no text. */
export function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return typeof value === "string" ? value : undefined;
}

/** The first of these attributes that has a text. */
export function firstText(attributes: readonly Attribute[], keys: readonly string[]): string | undefined {
  return keys.map((key) => textOf(attributes, key)).find((text) => text !== undefined && text !== "");
}

/** The first of these attributes that is a line or a column number, from 1. */
export function positiveAt(attributes: readonly Attribute[], keys: readonly string[]): number | undefined {
  return keys
    .map((key) => lineNumberOf(attributes.find((attribute) => attribute.key === key)?.value))
    .find((line) => line !== undefined);
}
