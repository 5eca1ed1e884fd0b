import { expect, test } from "vitest";
import { err, messageOf, ok } from "../../../src/base/result.ts";

test("a result is its value or its error", () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  expect(err("no")).toEqual({ ok: false, error: "no" });
});

test.each([
  [new TypeError("bad type"), "bad type"],
  ["text", "text"],
  [undefined, "undefined"],
  [null, "null"],
  [7, "7"],
])("the message of %o is %s", (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
