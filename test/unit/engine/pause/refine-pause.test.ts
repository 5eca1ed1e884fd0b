import fc from "fast-check";
import { expect, test } from "vitest";
import { refinePause, type Hold } from "../../../../src/engine/pause/refine-pause.ts";
import type { Pause } from "../../../../src/model/pause.ts";

const ORIGIN = 1_700_000_000_000_000_000n;
const ns = (ms: number): bigint => ORIGIN + BigInt(Math.round(ms * 1e6));
const ms = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(BigInt(text) - ORIGIN) / 1e6;

const hold = (from: number, to?: number): Hold => ({
  startNs: ns(from),
  endNs: to === undefined ? undefined : ns(to),
});
const pause = (from: number, to?: number): Pause => ({
  id: "1",
  sessionId: undefined,
  processId: 7,
  name: "cart",
  startTimeUnixNano: ns(from).toString(),
  endTimeUnixNano: to === undefined ? undefined : ns(to).toString(),
});
const refined = (told: Pause, holds: readonly Hold[]): readonly (number | undefined)[] => {
  const { startTimeUnixNano, endTimeUnixNano } = refinePause(told, holds);
  return [ms(startTimeUnixNano), ms(endTimeUnixNano)];
};

test.each<[string, Pause, readonly Hold[], readonly (number | undefined)[]]>([
  ["takes both moments of its hold", pause(110, 210), [hold(100, 200)], [100, 200]],
  ["knows the beginning while it lasts", pause(110), [hold(100)], [100, undefined]],
  [
    "lasts as long as the debugger says, though V8 has let go",
    pause(110),
    [hold(100, 200)],
    [100, undefined],
  ],
  ["ends as told where V8's word on the end is missing", pause(110, 210), [hold(100)], [100, 210]],
  ["was confirmed a moment before it ended", pause(110, 198), [hold(100, 200)], [100, 200]],
  [
    "is one of several holds where it was led",
    pause(110, 410),
    [hold(100, 200), hold(200.1, 300), hold(300.1, 400)],
    [100, 400],
  ],
  ["leaves the next step to the next pause", pause(110, 210), [hold(100, 200), hold(205, 300)], [100, 200]],
  [
    "leaves out holds that nobody called a stop",
    pause(110, 210),
    [hold(10, 11), hold(50, 51), hold(100, 200), hold(220, 221)],
    [100, 200],
  ],
  ["stays as told without a hold", pause(110, 210), [], [110, 210]],
  ["stays as told where the hold was over", pause(110, 210), [hold(10, 20)], [110, 210]],
  ["stays as told where the hold came later", pause(110, 210), [hold(150, 200)], [110, 210]],
  ["stays as told where the program had stood for long", pause(9000, 9100), [hold(100, 9090)], [9000, 9100]],
])("a pause %s", (_title, told, holds, expected) => {
  expect(refined(told, holds)).toEqual(expected);
});

/** Holds that follow one another, and how late each beginning and end is told. */
const stops = fc.array(
  fc.record({
    gap: fc.integer({ min: 30, max: 500 }),
    length: fc.integer({ min: 60, max: 2000 }),
    startLate: fc.integer({ min: 0, max: 50 }),
    endLate: fc.integer({ min: -4, max: 20 }),
    isTold: fc.boolean(),
  }),
  { maxLength: 30 },
);

test("every stop that is told late gets the moments of its hold, whatever others there are", () => {
  fc.assert(
    fc.property(stops, (all) => {
      let at = 0;
      const made = all.map(({ gap, length, ...late }) => {
        const from = at + gap;
        at = from + length;
        return { from, to: at, ...late };
      });
      const holds = made.map(({ from, to }) => hold(from, to));
      for (const { from, to, startLate, endLate, isTold } of made)
        if (isTold) expect(refined(pause(from + startLate, to + endLate), holds)).toEqual([from, to]);
    }),
    { numRuns: 200 },
  );
});

test("no pause ends before it began, whatever is told", () => {
  const moment = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(moment, moment, fc.array(fc.tuple(moment, fc.option(moment))), (from, length, words) => {
      const holds = words.map(([start, more]) => hold(start, more === null ? undefined : start + more));
      const [start = 0, end = 0] = refined(pause(from, from + length), holds);
      expect(end).toBeGreaterThanOrEqual(start);
    }),
    { numRuns: 200 },
  );
});
