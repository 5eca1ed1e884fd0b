import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonScanner, NO_BYTE } from "../../../../src/engine/decode/json-scanner.ts";

/** Whether the whole text is one value. */
function isJson(text: string | Uint8Array): boolean {
  const json = new JsonScanner(Buffer.from(text));
  return json.skipValue() && json.peek() === NO_BYTE;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("skipValue", () => {
  it("steps over everything that JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2, "\t"), (text, space) => {
        expect(isJson(JSON.stringify(JSON.parse(text), undefined, space))).toBe(true);
      }),
    );
  });

  it("agrees with JSON.parse on texts of JSON's characters", () => {
    const piece = fc.constantFrom(
      ...Array.from('{}[],:"\\ue-+.0159tfn \n'),
      "true",
      "false",
      "null",
      '"a"',
      "\\u00e4",
      "\u0001",
      "\u00a0",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        expect([text, isJson(text)]).toEqual([text, parses(text)]);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    "01",
    "-",
    "1.",
    ".5",
    "1e",
    "+1",
    "0x1",
    "tru",
    "nul",
    '"\\u12"',
    '"\\x"',
    '"\n"',
    "[1,]",
    '{"a":1,}',
    "{1:1}",
    "'a'",
    "[",
    '{"a"',
    "\v1",
  ])("refuses %j", (text) => {
    expect(isJson(text)).toBe(false);
    expect(parses(text)).toBe(false);
  });

  it("takes any depth", () => {
    expect(isJson("[".repeat(1_000_000) + "]".repeat(1_000_000))).toBe(true);
    expect(isJson('{"a":'.repeat(300_000) + "1" + "}".repeat(300_000))).toBe(true);
  });
});

describe("string", () => {
  function textOf(json: string): string | undefined {
    const scanner = new JsonScanner(Buffer.from(json));
    if (!scanner.string()) return undefined;
    return Buffer.from(scanner.text.slice(scanner.textStart, scanner.textEnd)).toString();
  }

  const escapeOf = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;

  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, escaped) => {
        const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
        const json = escaped ? `"${units.map(escapeOf).join("")}"` : JSON.stringify(text);
        // A buffer has no lone surrogates either.
        expect(textOf(json)).toBe(Buffer.from(JSON.parse(json) as string).toString());
      }),
    );
  });

  it.each([
    ['"\\ud800"', "\ufffd"],
    ['"\\udc00\\ud800x"', "\ufffd\ufffdx"],
    ['"\\ud800\\u0041"', "\ufffdA"],
    ['"\\/\\b\\f\\n\\r\\t\\"\\\\"', '/\b\f\n\r\t"\\'],
  ])("reads %s", (json, text) => expect(textOf(json)).toBe(text));
});
