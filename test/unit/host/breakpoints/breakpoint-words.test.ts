import { expect, test } from "vitest";
import {
  momentWords,
  parseSpanCondition,
  placeText,
  slowWords,
  spanConditionText,
  unsupportedWords,
  waitingWords,
} from "../../../../src/host/breakpoints/breakpoint-words.ts";
import { compileSpanMatch } from "../../../../src/protocol/span-breakpoint.ts";

test.each([
  ["", {}],
  ["*", {}],
  ["GET /cart*", { name: "GET /cart*" }],
  ["http.route=/cart", { attribute: { key: "http.route", value: "/cart" } }],
  ["status=ERROR", { status: "error" }],
  ["status=unset", { status: "unset" }],
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

test.each(["status=error", "job=7", "read & write", "a=1 & & b"])(
  "a span that is called “%s” is met by what is written for its name",
  (name) => {
    const parsed = parseSpanCondition(spanConditionText({ name, status: "error" }));
    expect(parsed).toEqual({ name: expect.any(String) as string, status: "error" });
    const matches = typeof parsed === "string" ? undefined : compileSpanMatch(parsed);
    expect(matches?.({ name, status: "error", attribute: () => undefined })).toBe(true);
  },
);

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

test.each([
  ["starts", ["go", "debugpy"], true],
  ["starts", ["go", "pwa-node"], false],
  ["fails", [], false],
  ["slow", ["go"], false],
] as const)("one that stops at “%s” says, with %j running, that it cannot: %s", (moment, types, expected) => {
  const words = unsupportedWords({ id: "1", enabled: true, moment }, types);
  expect(words !== undefined).toBe(expected);
});

test("a pause says where the span hangs, if that is known", () => {
  expect(slowWords("GET", 512, undefined)).toBe("Paused: span GET has been running for 512 ms");
  const place = placeText({ path: "C:\\shop\\app.py", line: 7 });
  expect(slowWords("GET", 512, place)).toBe("Paused: span GET has been running for 512 ms, at app.py:7");
  expect(waitingWords("GET", 512, place)).toMatch(/stops when the call at app\.py:7 returns\.$/);
  expect(waitingWords("GET", 512, undefined)).toMatch(/stops when what it waits for returns\.$/);
});
