import { expect, test } from "vitest";
import { HoldBook } from "../../../../src/engine/pause/hold-book.ts";
import type { SessionId } from "../../../../src/model/ids.ts";
import type { Pause } from "../../../../src/model/pause.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const OTHER = "vutsrqponmlkjihgfedcba" as SessionId;
const ms = (n: number): bigint => BigInt(n) * 1_000_000n;

const pause = (from: number, to?: number, change: Partial<Pause> = {}): Pause => ({
  id: "1",
  sessionId: SESSION,
  processId: 7,
  name: "cart",
  startTimeUnixNano: ms(from).toString(),
  endTimeUnixNano: to === undefined ? undefined : ms(to).toString(),
  ...change,
});

function bookOf(): { readonly book: HoldBook; readonly refined: Pause[] } {
  const refined: Pause[] = [];
  const book = new HoldBook((pauses) => refined.push(...pauses));
  book.connected(1, SESSION, 7);
  return { book, refined };
}

test("a pause is refined by what was heard before, and again by what is heard after it was told", () => {
  const { book, refined } = bookOf();
  book.heard(1, true, ms(100));
  expect(book.told(pause(110))).toEqual(pause(100));
  expect(book.told(pause(110, 210))).toEqual(pause(100, 210));
  book.heard(1, false, ms(200));
  expect(refined).toEqual([pause(100, 200)]);
  book.heard(1, true, ms(300));
  expect(refined, "nothing new").toHaveLength(1);
});

test("frames that waited for the connection count as well", () => {
  const { book, refined } = bookOf();
  book.told(pause(110, 210));
  book.heard(1, true, ms(100));
  book.heard(1, false, ms(200));
  expect(refined.at(-1)).toEqual(pause(100, 200));
});

test.each<[string, Partial<Pause>]>([
  ["another process", { processId: 8 }],
  ["another session", { sessionId: OTHER }],
  ["a process without a number", { processId: undefined }],
])("the holds of one process say nothing of %s", (_title, change) => {
  const { book } = bookOf();
  book.heard(1, true, ms(100));
  expect(book.told(pause(110, 210, change))).toEqual(pause(110, 210, change));
});

test("a connection that is gone, or never said hello, says nothing", () => {
  const { book, refined } = bookOf();
  book.told(pause(110));
  book.gone(1);
  book.heard(1, true, ms(100));
  book.heard(2, true, ms(100));
  expect(refined).toEqual([]);
});

test("words that are out of order, doubled, or more than can be kept harm nothing", () => {
  const { book } = bookOf();
  book.heard(1, false, ms(50));
  for (let n = 0; n < 1000; n++) book.heard(1, n % 3 !== 0, ms(n % 2 === 0 ? 400 : 390));
  book.heard(1, true, ms(500));
  book.heard(1, false, ms(600));
  expect(book.told(pause(510, 610))).toEqual(pause(500, 600));
});

test("only so many processes and pauses are remembered, and those that speak stay", () => {
  const { book } = bookOf();
  book.heard(1, true, ms(100));
  for (let n = 0; n < 1000; n++) {
    book.told(pause(1, 2, { processId: 1000 + n, id: `${n}` }));
    if (n % 100 === 0) book.heard(1, n % 200 === 0, ms(100 + n));
  }
  book.heard(1, true, ms(2000));
  expect(book.told(pause(2010))).toEqual(pause(2000));
});
