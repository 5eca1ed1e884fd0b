import { expect, test } from "vitest";
import {
  momentWords,
  parseSpanCondition,
  spanConditionText,
} from "../../../../src/host/breakpoints/breakpoint-words.ts";

test.each([
  ["", {}],
  ["*", {}],
  ["GET /cart*", { name: "GET /cart*" }],
  ["http.route=/cart", { attribute: { key: "http.route", value: "/cart" } }],
  ["status=ERROR", { status: "error" }],
  [
    "SELECT product & db.rows=1 & status=ok",
    { name: "SELECT product", attribute: { key: "db.rows", value: "1" }, status: "ok" },
  ],
  ["POST /a?b=c", { name: "POST /a?b=c" }],
  ["query=a=b", { attribute: { key: "query", value: "a=b" } }],
])("“%s” is read, and written again so that it reads the same", (text, condition) => {
  const parsed = parseSpanCondition(text);
  expect(parsed).toEqual(condition);
  expect(typeof parsed === "string" ? parsed : parseSpanCondition(spanConditionText(parsed))).toEqual(
    condition,
  );
});

test.each([
  ["a & b", "There can be one name only."],
  ["a=1 & b=2", "There can be one attribute only."],
  ["status=bad", "A status is unset, ok or error."],
])("“%s” is refused: %s", (text, why) => {
  expect(parseSpanCondition(text)).toBe(why);
});

test("a slow one says how slow", () => {
  expect(momentWords({ id: "1", enabled: true, moment: "slow", overMs: 500 })).toBe(
    "when it runs longer than 500 ms",
  );
});
