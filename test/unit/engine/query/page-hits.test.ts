import { expect, test } from "vitest";
import { PageHits } from "../../../../src/engine/query/page-hits.ts";

const page = new TextEncoder().encode("7f3 is no 7F3A; 3a 7f 3a f3a |7f3a");
const at = (text: string): number => Buffer.from(page).indexOf(text);

test.each([
  ["the text, in whatever case", "7f3a", at("7F3A"), at("; 3a"), true],
  ["the text at the page's end", "7f3a", at("|7f3a"), page.length, true],
  ["pieces of it at the page's beginning", "7f3a", 0, at("7F3A"), false],
  ["pieces of it between", "7f3a", at("; 3a"), at("|7f3a"), false],
  ["a text before whose piece the page begins", "x7f", 0, page.length, false],
  ["a text behind whose piece the page ends", "7f3a0", 0, page.length, false],
  ["a single byte", "|", at("|7f3a"), page.length, true],
])("a range with %s", (_what, text, start, end, expected) => {
  const hits = new PageHits([new TextEncoder().encode(text)]);
  expect(hits.mayHold(page, start, end)).toBe(expected);
});
