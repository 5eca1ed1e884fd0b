import { expect, test } from "vitest";
import { BreakpointBook } from "../../../../src/host/breakpoints/breakpoint-book.ts";

function memoryOf(kept: Record<string, unknown> = {}): {
  get(key: string): unknown;
  update(key: string, value: unknown): void;
} {
  return {
    get: (key) => kept[key],
    update: (key, value) => (kept[key] = JSON.parse(JSON.stringify(value)) as unknown),
  };
}

test("the list is there again after a restart", () => {
  const memory = memoryOf();
  const before = new BreakpointBook(memory);
  before.add({ moment: "fails", name: "GET /cart" });
  before.add({ moment: "slow", overMs: 500 });
  before.remove("1");
  expect(new BreakpointBook(memory).all).toEqual([{ id: "2", enabled: true, moment: "slow", overMs: 500 }]);
});

test("a wish that is there already is enabled instead of added", () => {
  const book = new BreakpointBook(memoryOf());
  let changes = 0;
  book.onChanged(() => (changes += 1));
  book.add({ moment: "fails", name: "GET" });
  book.replace({ id: "1", enabled: false, moment: "fails", name: "GET" });
  book.add({ moment: "fails", name: "GET" });
  expect(book.all).toEqual([{ id: "1", enabled: true, moment: "fails", name: "GET" }]);
  expect(changes).toBe(3);
});

test("a list that something else wrote is no list", () => {
  expect(new BreakpointBook(memoryOf({ spanBreakpoints: [{ id: 1 }] })).all).toEqual([]);
});
