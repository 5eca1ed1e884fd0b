import { expect, test } from "vitest";
import { isSessionId, isSpanId, isTraceId } from "../../../src/model/ids.ts";

test.each([
  ["0123456789abcdef0123456789abcdef", true],
  ["0123456789ABCDEF0123456789ABCDEF", false],
  ["0123456789abcdef", false],
  ["0123456789abcdef0123456789abcdef0", false],
  ["0123456789abcdef0123456789abcdeg", false],
  ["0123456789abcdef0123456789abcdef\n", false],
  ["", false],
  [7, false],
  [undefined, false],
])("%j is a trace id: %s", (text, expected) => {
  expect(isTraceId(text)).toBe(expected);
});

test.each([
  ["0123456789abcdef", true],
  ["0123456789ABCDEF", false],
  ["0123456789abcde", false],
  ["0123456789abcdef\n", false],
  [null, false],
])("%j is a span id: %s", (text, expected) => {
  expect(isSpanId(text)).toBe(expected);
});

test.each([
  ["abcdefghijklmnopqrstuv", true],
  ["A-Z_0-9-abcdefghijklmnop", true],
  ["x".repeat(64), true],
  ["x".repeat(65), false],
  ["x".repeat(21), false],
  ["abcdefghijklmnopqrstu/", false],
  ["..%2f..%2fabcdefghijklmnop", false],
  ["abcdefghijklmnopqrstuv\n", false],
  [["abcdefghijklmnopqrstuv"], false],
])("%j is a session id: %s", (text, expected) => {
  expect(isSessionId(text)).toBe(expected);
});
