import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HashIndex, mixWords, NO_ITEM } from "../../../../src/engine/store/hash-index.ts";

const hash = (item: number): number => mixWords(item, 0);

/** Where an item stands, or the free place where it would. */
function placeOf(index: HashIndex, item: number, hashOf: (item: number) => number): number {
  let place = index.first(hashOf(item));
  while (index.item(place) !== item && index.item(place) !== NO_ITEM) place = index.after(place);
  return place;
}

describe("HashIndex", () => {
  it.each<[title: string, hashOf: (item: number) => number]>([
    ["hashes that spread", hash],
    ["hashes of which many are equal", (item) => hash(item % 7)],
    ["hashes that all end at the last place", () => -1],
  ])("holds what was added and not removed, with %s", (_title, hashOf) => {
    const step = fc.record({ item: fc.nat(60), add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new HashIndex(hashOf);
        const expected = new Set<number>();
        for (const { item, add } of steps) {
          const place = placeOf(index, item, hashOf);
          expect(index.item(place) === item).toBe(expected.has(item));
          if (add && !expected.has(item)) {
            index.add(hashOf(item), item);
            expected.add(item);
          } else if (!add && expected.has(item)) {
            index.remove(place);
            expected.delete(item);
          }
        }
        for (const item of expected) {
          const place = placeOf(index, item, hashOf);
          expect(index.item(place)).toBe(item);
          expect(index.mayBe(place, hashOf(item))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("grows and shrinks with what it holds", () => {
    const index = new HashIndex(hash);
    const empty = index.byteLength;
    for (let item = 0; item < 20_000; item++) index.add(hash(item), item);
    expect(index.byteLength).toBeGreaterThan(20_000 * 4);
    for (let item = 0; item < 20_000; item++) index.remove(placeOf(index, item, hash));
    expect(index.byteLength).toBe(empty);
  });
});
