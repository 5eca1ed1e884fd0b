import fc from "fast-check";
import { expect, test } from "vitest";
import { IntervalBuffer } from "../../../../src/engine/pause/interval-buffer.ts";
import { IntervalSet } from "../../../../src/engine/pause/interval-set.ts";
import { difference, lengthOf, type Intervals } from "../../../../src/engine/pause/intervals.ts";
import { holds, pairs } from "./arbitrary-pauses.ts";

const moments = Array.from({ length: 140 }, (_, moment) => moment);
const has = (intervals: Intervals, moment: number): boolean =>
  intervals.some((start, i) => i % 2 === 0 && start <= moment && moment < (intervals[i + 1] ?? 0));

function unionOf(pairs: readonly (readonly [number, number])[]): Intervals {
  const buffer = new IntervalBuffer();
  for (const [start, end] of pairs) buffer.add(start, end);
  return buffer.union();
}

test("a union of more than it keeps apart is the same", () => {
  const buffer = new IntervalBuffer();
  for (let n = 0; n < 20_000; n++) buffer.add((n * 7919) % 10_000, ((n * 7919) % 10_000) + 0.5);
  expect(buffer.union()).toEqual(Array.from({ length: 20_000 }, (_, n) => n / 2));
});

test("a union has the moments of each interval, ascending, and no two that touch", () => {
  fc.assert(
    fc.property(pairs(), (intervals) => {
      const union = unionOf(intervals);
      expect(union.every((bound, i) => i === 0 || bound > (union[i - 1] ?? 0))).toBe(true);
      expect(moments.filter((moment) => has(union, moment))).toEqual(
        moments.filter((moment) => holds(intervals, moment)),
      );
    }),
    { numRuns: 100 },
  );
});

test("a difference has the moments of the one that are not the other's", () => {
  fc.assert(
    fc.property(pairs(), pairs(), (a, b) => {
      const rest = difference(unionOf(a), unionOf(b));
      expect(moments.filter((moment) => has(rest, moment))).toEqual(
        moments.filter((moment) => holds(a, moment) && !holds(b, moment)),
      );
    }),
    { numRuns: 100 },
  );
});

test("a set answers as counting moment by moment would", () => {
  fc.assert(
    fc.property(pairs(), fc.nat(140), fc.nat(140), (intervals, a, b) => {
      const set = new IntervalSet(intervals);
      const [start, end] = a < b ? [a, b] : [b, a];
      const inside = moments.filter((moment) => start <= moment && moment < end && holds(intervals, moment));
      expect(set.within(start, end)).toBe(inside.length);
      expect(lengthOf(set.clip(start, end))).toBe(inside.length);
      expect(set.meets(start, end)).toBe(inside.length > 0);
      expect(set.has(a)).toBe(holds(intervals, a));
    }),
    { numRuns: 200 },
  );
});

test("an interval without an end reaches over everything after its start", () => {
  const set = new IntervalSet([
    [10, 20],
    [30, Infinity],
  ]);
  expect(set.within(0, 1000)).toBe(980);
  expect(set.clip(15, Infinity)).toEqual([15, 20, 30, Infinity]);
  expect(set.meets(500, Infinity)).toBe(true);
});
