import { expect, test } from "vitest";
import { excerptAround } from "../../../../src/host/source/excerpt.ts";

test.each<[string, number, unknown]>([
  ["1\n2\n3\n4\n5\n6", 3, { firstLine: 1, lines: ["1", "2", "3", "4", "5"] }],
  ["1\r\n2\r\n3", 1, { firstLine: 1, lines: ["1", "2", "3"] }],
  ["1\n2\n3", 3, { firstLine: 1, lines: ["1", "2", "3"] }],
  ["1\n2", 3, undefined],
])("excerptAround(%j, %d)", (text, line, excerpt) => {
  expect(excerptAround(text, line)).toEqual(excerpt);
});

test("cuts a minified line", () => {
  expect(excerptAround("x".repeat(1_000_000), 1)?.lines[0]?.length).toBeLessThan(500);
});
