import { expect, test } from "vitest";
import { formatAge, formatDuration } from "../../../src/base/time.ts";

test.each([
  [0, "0 ns"],
  [0.4, "0.4 ns"],
  [412, "412 ns"],
  [999.4, "999 ns"],
  [999.6, "1 µs"],
  [1_234, "1.23 µs"],
  [9_994, "9.99 µs"],
  [9_996, "10 µs"],
  [99_960, "100 µs"],
  [999_499, "999 µs"],
  [999_600, "1 ms"],
  [12_400_000, "12.4 ms"],
  [1_940_000_000, "1.94 s"],
  [59_949_000_000, "59.9 s"],
  [59_960_000_000, "1 m 00 s"],
  [125_000_000_000, "2 m 05 s"],
  [3_599_400_000_000, "59 m 59 s"],
  [3_599_600_000_000, "1 h 00 m"],
  [11_220_000_000_000, "3 h 07 m"],
  [-12_400_000, "−12.4 ms"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "–"],
])("%d ns reads %s", (durationNs, text) => {
  expect(formatDuration(durationNs)).toBe(text);
});

test.each([
  [-5_000, "now"],
  [999, "now"],
  [1_000, "1 s ago"],
  [59_999, "59 s ago"],
  [60_000, "1 m ago"],
  [3_599_999, "59 m ago"],
  [3_600_000, "1 h ago"],
  [86_399_999, "23 h ago"],
  [86_400_000, "1 d ago"],
])("%d ms ago reads %s", (ageMs, text) => {
  expect(formatAge(ageMs)).toBe(text);
});
