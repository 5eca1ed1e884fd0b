import { expect, test } from "vitest";
import { isGuess } from "../../../src/model/source-location.ts";

test.each([
  ["code-attributes", false],
  ["call-site", false],
  ["handler", false],
  ["function", false],
  ["exception-frame", false],
  ["stack-frame", false],
  ["route", true],
  ["name", true],
] as const)("a location by %s is a guess: %s", (evidence, guess) => {
  expect(isGuess(evidence)).toBe(guess);
});
