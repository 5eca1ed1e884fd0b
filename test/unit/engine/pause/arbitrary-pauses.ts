import fc from "fast-check";
import { IntervalSet } from "../../../../src/engine/pause/interval-set.ts";

/** Intervals in any order, on a scale on which they meet each other. */
export const pairs = (max = 12): fc.Arbitrary<(readonly [number, number])[]> =>
  fc.array(
    fc.tuple(fc.nat(100), fc.nat(30)).map(([start, length]) => [start, start + length] as const),
    { maxLength: max },
  );

/** Whether any of the intervals has the moment. */
export const holds = (intervals: readonly (readonly [number, number])[], moment: number): boolean =>
  intervals.some(([start, end]) => start <= moment && moment < end);

/** A tree of spans through three processes, each with pauses of its own. */
export interface Tree {
  readonly parent: Int32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly process: readonly number[];
  readonly pauses: readonly (readonly (readonly [number, number])[])[];
}

export const tree: fc.Arbitrary<Tree> = fc
  .record({
    spans: fc.array(
      fc.record({
        parent: fc.double({ min: -0.2, max: 1, maxExcluded: true, noNaN: true }),
        start: fc.nat(100),
        length: fc.oneof(
          { weight: 6, arbitrary: fc.nat(60) },
          { weight: 1, arbitrary: fc.constant(Infinity) },
        ),
        process: fc.nat(2),
      }),
      { minLength: 1, maxLength: 25 },
    ),
    pauses: fc.tuple(pairs(4), pairs(4), fc.oneof(pairs(2), fc.constant([]))),
  })
  .map(({ spans, pauses }) => ({
    parent: Int32Array.from(spans, ({ parent }, n) => (parent < 0 || n === 0 ? -1 : Math.floor(parent * n))),
    start: Float64Array.from(spans, ({ start }) => start),
    end: Float64Array.from(spans, ({ start, length }) => start + length),
    process: spans.map(({ process }) => process),
    pauses,
  }));

/** The tree as findStandstill takes it. */
export function pausable({ parent, start, end, process, pauses }: Tree): {
  readonly parent: Int32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly pausesOf: (index: number) => IntervalSet | undefined;
  readonly anyPause: IntervalSet;
} {
  const sets = pauses.map((intervals) => (intervals.length === 0 ? undefined : new IntervalSet(intervals)));
  return {
    parent,
    start,
    end,
    pausesOf: (index) => sets[process[index] ?? 0],
    anyPause: new IntervalSet(pauses.flat()),
  };
}
