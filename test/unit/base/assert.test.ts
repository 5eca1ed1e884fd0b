import { expect, test } from "vitest";
import { assert, unreachable } from "../../../src/base/assert.ts";

test("an invariant that holds passes, one that does not is named", () => {
  expect(() => assert(true, "always")).not.toThrow();
  expect(() => assert(false, "rows only grow")).toThrow("broken invariant: rows only grow");
});

test("a value that should be out of reach is named", () => {
  expect(() => unreachable("surprise" as never)).toThrow("unreachable value: surprise");
});
