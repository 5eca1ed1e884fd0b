import fc from "fast-check";
import { expect, test } from "vitest";
import { findStandstill } from "../../../../src/engine/pause/standstill.ts";
import { holds, pausable, tree, type Tree } from "./arbitrary-pauses.ts";

/** Wall time and program time up to moment 200, by when all pauses are over. */
const NOW = 200;
const times = (given: Tree): readonly { readonly wall: number; readonly adjusted: number }[] => {
  const { stoodNs } = findStandstill(pausable(given));
  return Array.from(given.start, (start, n) => {
    const wall = Math.min(given.end[n] ?? 0, NOW) - start;
    return { wall, adjusted: wall - (stoodNs[n] ?? 0) };
  });
};

test("a span's program time is neither negative nor more than its wall time", () => {
  fc.assert(
    fc.property(tree, (given) => {
      const outside = times(given).filter(({ wall, adjusted }) => adjusted < 0 || adjusted > wall);
      expect(outside).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("without pauses it is the wall time", () => {
  fc.assert(
    fc.property(tree, (given) => {
      for (const { wall, adjusted } of times({ ...given, pauses: [[], [], []] })) expect(adjusted).toBe(wall);
    }),
    { numRuns: 100 },
  );
});

test("a child inside its parent has no more program time than the parent", () => {
  fc.assert(
    fc.property(tree, (given) => {
      const of = times(given);
      given.parent.forEach((parent, span) => {
        if (parent < 0) return;
        const isInside =
          (given.start[span] ?? 0) >= (given.start[parent] ?? 0) &&
          (given.end[span] ?? 0) <= (given.end[parent] ?? 0);
        if (isInside) expect(of[span]?.adjusted).toBeLessThanOrEqual(of[parent]?.adjusted ?? 0);
      });
    }),
    { numRuns: 200 },
  );
});

test("it is what the definition gives moment by moment", () => {
  fc.assert(
    fc.property(tree, (given) => {
      const { parent, start, end, process, pauses } = given;
      const stands = (span: number, moment: number): boolean => {
        const isChild = (child: number): boolean => {
          const up = parent[child] ?? -1;
          if (span >= 0 || up < 0) return up === span;
          return (start[child] ?? 0) < (start[up] ?? 0) || (end[child] ?? 0) > (end[up] ?? 0);
        };
        const children = [...parent.keys()].filter(
          (child) => isChild(child) && (start[child] ?? 0) <= moment && moment < (end[child] ?? 0),
        );
        const own = span >= 0 && holds(pauses[process[span] ?? 0] ?? [], moment);
        const stood = children.map((child) => stands(child, moment));
        return (own || stood.includes(true)) && !stood.includes(false);
      };
      const { stoodNs, whole } = findStandstill(pausable(given));
      const inWhole = (moment: number): boolean =>
        whole.some((from, i) => i % 2 === 0 && from <= moment && moment < (whole[i + 1] ?? 0));
      const moments = Array.from({ length: NOW }, (_, moment) => moment);
      expect(moments.filter(inWhole)).toEqual(moments.filter((moment) => stands(-1, moment)));
      const counted = [...parent.keys()].map(
        (span) =>
          moments.filter(
            (moment) => (start[span] ?? 0) <= moment && moment < (end[span] ?? 0) && stands(span, moment),
          ).length,
      );
      expect([...stoodNs]).toEqual(counted);
    }),
    { numRuns: 40 },
  );
});

/** Milliseconds: an api calls a cart, and the debugger holds one or both of them. */
const call = (pauses: Tree["pauses"], cartEnd = 90): Tree => ({
  parent: Int32Array.of(-1, 0, 1),
  start: Float64Array.of(0, 10, 15),
  end: Float64Array.of(100, 95, cartEnd),
  process: [0, 0, 1],
  pauses,
});

test.each<[title: string, tree: Tree, stood: readonly number[]]>([
  ["a paused callee stops its callers", call([[], [[20, 60]]]), [40, 40, 40]],
  ["the caller's pause is not the callee's", call([[[20, 60]], []], 40), [20, 20, 0]],
  ["both paused at once count once", call([[[20, 60]], [[30, 70]]]), [40, 40, 40]],
  ["a callee that was paused before the call stops nobody", call([[], [[0, 15]]]), [0, 0, 0]],
])("%s", (_title, given, stood) => {
  expect([...findStandstill(pausable(given)).stoodNs]).toEqual(stood);
});

test("what is everybody's standstill is nobody's time", () => {
  fc.assert(
    fc.property(tree, (given) => {
      const { stoodNs, whole } = findStandstill(pausable(given));
      const ofWhole = Array.from(given.start, (start, span) => {
        const end = Math.min(given.end[span] ?? 0, NOW);
        let inside = 0;
        for (let i = 0; i < whole.length; i += 2)
          inside += Math.max(0, Math.min(whole[i + 1] ?? 0, end) - Math.max(whole[i] ?? 0, start));
        return inside;
      });
      expect(ofWhole.filter((inside, span) => inside > (stoodNs[span] ?? 0))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("tells since when a span that runs stands still", () => {
  const given = call(
    [
      [],
      [
        [20, 30],
        [50, Infinity],
      ],
    ],
    Infinity,
  );
  const { stoodNs, heldSince, whole } = findStandstill({
    ...pausable(given),
    end: Float64Array.of(Infinity, Infinity, Infinity),
  });
  expect([...stoodNs]).toEqual([10, 10, 10]);
  expect([...heldSince]).toEqual([50, 50, 50]);
  expect(whole).toEqual([20, 30, 50, Infinity]);
});
