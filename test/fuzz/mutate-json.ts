import { mutateBytes } from "./mutate-bytes.ts";
import type { Random } from "./random.ts";

/** Every kind of value where another one belongs, and texts at which readers of numbers, ids and escapes stumble. */
const VALUES: readonly string[] = [
  "null",
  "true",
  "0",
  "-0",
  "1e999",
  "-1e-999",
  "1.5",
  "18446744073709551615",
  "18446744073709551616",
  "-9223372036854775809",
  '"18446744073709551616"',
  '"1e3"',
  '"+5"',
  '""',
  '"x"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83d\\ude00"',
  '"\\/\\b\\f\\n\\r\\t\\"\\\\"',
  '"AP8="',
  '"_-8"',
  '"0"',
  '"NaN"',
  '"-Infinity"',
  '"STATUS_CODE_ERROR"',
  "[]",
  "{}",
  "[[]]",
  '{"":[]}',
  '{"stringValue":"a","intValue":"1"}',
  '{"__proto__":{"stringValue":"a"}}',
];

/** Texts that are no JSON. */
const BROKEN: readonly string[] = [
  "",
  "{",
  "]",
  ",",
  '"',
  "01",
  "1.",
  "NaN",
  "tru",
  '"\\x"',
  '"\\u12"',
  "{,}",
  "[1,]",
  "\u0001",
];

/** The bytes of a JSON text that is changed at up to three places, and now and then no JSON any more. */
export function mutatedJson(text: string, random: Random, others: readonly string[] = [text]): Uint8Array {
  let result = text;
  for (let n = random.below(3); n >= 0; n--) result = mutateJson(result, random);
  if (random.chance(0.15)) result = breakJson(result, random);
  const body = utf8.encode(result);
  return random.chance(0.2) ? mutateBytes(body, random, utf8.encode(random.pick(others))) : body;
}

const utf8 = new TextEncoder();

/** Changes one value of a JSON text; the result is JSON again. */
export function mutateJson(text: string, random: Random): string {
  return replaceValue(text, random, (value) => {
    switch (random.below(6)) {
      case 0:
        return nestedText(value, random);
      case 1:
        return value.startsWith("{") && value.length > 2
          ? `{"unknown":${random.pick(VALUES)},${value.slice(1)}`
          : random.pick(VALUES);
      case 2: // the same keys again: the last ones count
        return value.startsWith("{") && value.length > 2
          ? `${value.slice(0, -1)},${value.slice(1)}`
          : random.pick(VALUES);
      case 3:
        return value.startsWith("[") && value.length > 2
          ? `${value.slice(0, -1)},${random.pick(VALUES)},${value.slice(1)}`
          : random.pick(VALUES);
      case 4:
        return ` \n\t\r${value} `;
      default:
        return random.pick(VALUES);
    }
  });
}

/** Changes one value of a JSON text into something that is none. */
function breakJson(text: string, random: Random): string {
  return replaceValue(text, random, () => random.pick(BROKEN));
}

function nestedText(value: string, random: Random): string {
  const levels = random.pick([1, 49, 51, 200, 3000]);
  return random.chance(0.5)
    ? "[".repeat(levels) + value + "]".repeat(levels)
    : '{"arrayValue":{"values":['.repeat(levels) + value + "]}}".repeat(levels);
}

function replaceValue(text: string, random: Random, replace: (value: string) => string): string {
  const values = valuesOf(text);
  if (values.length === 0) return replace(text);
  const pair = random.below(values.length / 2) * 2;
  const [start = 0, end = 0] = values.slice(pair, pair + 2);
  return text.slice(0, start) + replace(text.slice(start, end)) + text.slice(end);
}

/** Where each value of a JSON text starts and ends, keys aside. A scanner of its own, since most of an input's time was spent here. */
function valuesOf(text: string): number[] {
  const values: number[] = [];
  const open: number[] = [];
  for (let at = 0; at < text.length;) {
    const start = at++;
    const first = text[start] ?? "";
    if (first === "{" || first === "[") open.push(start);
    else if (first === "}" || first === "]") values.push(open.pop() ?? 0, at);
    else if (first === '"') {
      at = endOfString(text, at);
      if (text[at] !== ":") values.push(start, at);
    } else if (!SEPARATORS.has(first)) {
      while (at < text.length && !DELIMITERS.has(text[at] ?? "")) at++;
      values.push(start, at);
    }
  }
  return values;
}

const SEPARATORS = new Set(", :\n\t\r");
const DELIMITERS = new Set(', :\n\t\r{}[]"');

/** Behind the quote that ends the string whose content begins at `at`. */
function endOfString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = quote;
    while (slashes > at && text[slashes - 1] === "\\") slashes--;
    if ((quote - slashes) % 2 === 0) return quote + 1;
  }
  return text.length;
}
