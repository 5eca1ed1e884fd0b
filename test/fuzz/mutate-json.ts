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

interface Range {
  readonly start: number;
  readonly end: number;
}

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
export function breakJson(text: string, random: Random): string {
  return replaceValue(text, random, () => random.pick(BROKEN));
}

function nestedText(value: string, random: Random): string {
  const levels = random.pick([1, 49, 51, 200, 3000]);
  return random.chance(0.5)
    ? "[".repeat(levels) + value + "]".repeat(levels)
    : '{"arrayValue":{"values":['.repeat(levels) + value + "]}}".repeat(levels);
}

function replaceValue(text: string, random: Random, replace: (value: string) => string): string {
  const { start, end } = random.pick(valuesOf(text));
  return text.slice(0, start) + replace(text.slice(start, end)) + text.slice(end);
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** The ranges of all values of a JSON text, keys aside. */
function valuesOf(text: string): Range[] {
  const values: Range[] = [];
  const open: number[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match;
    const end = match.index + token.length;
    if (token === "{" || token === "[") open.push(match.index);
    else if (token === "}" || token === "]") values.push({ start: open.pop() ?? 0, end });
    else if (token !== "," && token !== ":" && !/^\s*:/.test(text.slice(end, end + 4)))
      values.push({ start: match.index, end });
  }
  return values.length > 0 ? values : [{ start: 0, end: text.length }];
}
