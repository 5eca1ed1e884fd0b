import { describe, expect, test } from "vitest";
import {
  isArrayOf,
  isNothing,
  isNumber,
  isObject,
  isOneOf,
  isOptional,
  isRecord,
  isString,
} from "../../../src/protocol/guard.ts";

describe("objects", () => {
  const isPlace = isObject({ path: isString, line: isOptional(isNumber) });

  test.each([
    [{ path: "a.ts" }, true],
    [{ path: "a.ts", line: 3 }, true],
    [{ path: "a.ts", line: undefined }, true],
    [{ path: "a.ts", newer: "field" }, true],
    [{ path: "a.ts", line: "3" }, false],
    [{ path: "a.ts", line: null }, false],
    [{ line: 3 }, false],
    [{}, false],
    [[], false],
    [null, false],
    ["a.ts", false],
  ])("%j passes: %s", (value, passes) => expect(isPlace(value)).toBe(passes));
});

describe("lists", () => {
  const isNames = isArrayOf(isString);
  test.each([
    [[], true],
    [["a", "b"], true],
    [["a", 1], false],
    [{ length: 0 }, false],
    ["ab", false],
  ])("%j passes: %s", (value, passes) => expect(isNames(value)).toBe(passes));
});

describe("choices", () => {
  const isFruit = isOneOf("apple", "pear");
  test.each([
    ["apple", true],
    ["Apple", false],
    ["toString", false],
    [undefined, false],
  ])("%j passes: %s", (value, passes) => expect(isFruit(value)).toBe(passes));
});

test("nothing is undefined or null", () => {
  expect([undefined, null, 0, "", false].map((value) => isNothing(value))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("a record is an object that is no list", () => {
  expect([{}, new Map(), [], null, "x"].map((value) => isRecord(value))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
