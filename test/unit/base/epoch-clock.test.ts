import { expect, test } from "vitest";
import { EpochClock } from "../../../src/base/epoch-clock.ts";

test("tells the wall clock's time, finer than its millisecond", () => {
  let monotonic = 10;
  const clock = new EpochClock(
    () => Math.floor(1_000_000.25 + monotonic),
    () => monotonic,
    1_000_000.25,
  );
  expect(clock.now()).toBe(1_000_010_250_000n);
  monotonic = 10.5;
  expect(clock.now()).toBe(1_000_010_750_000n);
});

test("follows a wall clock that is set", () => {
  let ahead = 0;
  const clock = new EpochClock(
    () => 1_000_000 + ahead,
    () => 0,
    1_000_000,
  );
  expect(clock.now()).toBe(1_000_000_000_000n);
  ahead = 60_000;
  expect(clock.now()).toBe(1_060_000_500_000n);
  ahead = -60_000;
  expect(clock.now()).toBe(940_000_500_000n);
});
