import { expect, test } from "vitest";
import { enclosingFunction, type FunctionSymbol } from "../../../../src/host/editor/enclosing-function.ts";

const FUNCTION = 11;
const CLASS = 4;
const symbol = (
  name: string,
  kind: number,
  [start, end]: readonly [number, number],
  children: readonly FunctionSymbol[] = [],
): FunctionSymbol => ({ name, kind, range: { start: { line: start }, end: { line: end } }, children });

const file = [
  symbol(
    "Cart",
    CLASS,
    [0, 20],
    [
      symbol("add", FUNCTION, [2, 6]),
      symbol(
        "check",
        FUNCTION,
        [8, 18],
        [symbol("callback", FUNCTION, [10, 12]), symbol("Inner", CLASS, [14, 16])],
      ),
    ],
  ),
  symbol("top", FUNCTION, [22, 22]),
];

test.each<[number, string | undefined]>([
  [3, "add"],
  [6, "add"],
  [9, "check"],
  [11, "callback"],
  [15, "check"],
  [22, "top"],
  [1, undefined],
  [30, undefined],
])("around line %d stands %s", (line, name) => {
  expect(enclosingFunction(file, line, new Set([FUNCTION]))?.name).toBe(name);
});
