import type { Attribute, AttributeValue } from "../../src/model/span.ts";

/** An attribute's value as text; lists and maps as JSON. */
export function valueText(value: AttributeValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if ("int" in value) return value.int;
  if ("bytes" in value) return value.bytes;
  if ("empty" in value) return "";
  return JSON.stringify(plainValue(value));
}

/** Whether a search for `key=value` can find it: lists and maps have no such form. */
export function isSearchable(value: AttributeValue): boolean {
  return typeof value !== "object" || "int" in value;
}

/** The value of an attribute of this key as text; undefined where there is none. */
export function attributeText(attributes: readonly Attribute[], key: string): string | undefined {
  const found = attributes.find((attribute) => attribute.key === key);
  return found === undefined ? undefined : valueText(found.value);
}

/** The attributes whose key or value has the text in it, whatever its case. */
export function filterAttributes(attributes: readonly Attribute[], text: string): readonly Attribute[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return attributes;
  return attributes.filter(
    ({ key, value }) => key.toLowerCase().includes(wanted) || valueText(value).toLowerCase().includes(wanted),
  );
}

function plainValue(value: AttributeValue): unknown {
  if (typeof value !== "object") return value;
  if ("int" in value) return value.int;
  if ("bytes" in value) return value.bytes;
  if ("empty" in value) return undefined;
  if ("list" in value) return value.list.map(plainValue);
  // A map with a null prototype: a key named "__proto__" is a key like any other.
  const map = Object.create(null) as Record<string, unknown>;
  for (const entry of value.map) map[entry.key] = plainValue(entry.value);
  return map;
}
