import { array, assert, integer, nat, property, record, string, stringMatching } from "fast-check";
import { expect, test } from "vitest";
import {
  lineEditsOf,
  movedLine,
  MovingLines,
  type TextChange,
} from "../../../../src/host/editor/moving-lines.ts";

/** A text as an editor has it. */
class Text {
  lines: readonly string[];

  constructor(text: string) {
    this.lines = text.split("\n");
  }

  /** Applies changes that speak of the text as it is, as an editor does. */
  change(changes: readonly TextChange[]): void {
    const before = this.lines.join("\n");
    const offsetAt = ({ line, character }: TextChange["range"]["start"]): number =>
      this.lines.slice(0, line).reduce((sum, { length }) => sum + length + 1, 0) + character;
    const after = [...changes]
      .sort((one, other) => offsetAt(other.range.start) - offsetAt(one.range.start))
      .reduce(
        (text, { range, text: added }) =>
          text.slice(0, offsetAt(range.start)) + added + text.slice(offsetAt(range.end)),
        before,
      );
    this.lines = after.split("\n");
  }
}

type Place = readonly [line: number, character: number];
const change = ([line, character]: Place, [endLine, endCharacter]: Place, text: string): TextChange => ({
  range: { start: { line, character }, end: { line: endLine, character: endCharacter } },
  text,
});

/** Where the lines of a text are after changes, by what is written on them. */
function after(text: string, changes: readonly TextChange[]): readonly (number | undefined)[] {
  const document = new Text(text);
  const count = document.lines.length;
  document.change(changes);
  const lines = new MovingLines();
  lines.edited(
    lineEditsOf(changes, (line) => document.lines[line] ?? ""),
    1,
  );
  return Array.from({ length: count }, (_, line) => lines.now(line, 0));
}

const TEXT = "zero\n  one\ntwo\nthree\nfour";

test.each<[title: string, changes: readonly TextChange[], lines: readonly (number | undefined)[]]>([
  ["a line inserted above shifts", [change([1, 0], [1, 0], "new\n")], [0, 2, 3, 4, 5]],
  ["an edit on the line keeps", [change([2, 1], [2, 2], "WW")], [0, 1, 2, 3, 4]],
  ["a break at its end keeps", [change([2, 3], [2, 3], "\n")], [0, 1, 2, 4, 5]],
  ["a break within keeps", [change([2, 1], [2, 1], "\n")], [0, 1, 2, 4, 5]],
  ["a break before its text shifts", [change([1, 2], [1, 2], "\n  ")], [0, 2, 3, 4, 5]],
  ["a deleted line drops", [change([2, 0], [3, 0], "")], [0, 1, undefined, 2, 3]],
  ["a line deleted with the break before it drops", [change([1, 5], [2, 3], "")], [0, 1, undefined, 2, 3]],
  ["the last line deleted drops", [change([3, 5], [4, 4], "")], [0, 1, 2, 3, undefined]],
  ["joined lines meet", [change([1, 5], [2, 0], " ")], [0, 1, 1, 2, 3]],
  ["lines selected and deleted drop", [change([1, 0], [3, 5], "")], [0, undefined, undefined, undefined, 2]],
  ["a replaced block of as many lines keeps", [change([1, 0], [3, 5], "a\nb\nc")], [0, 1, 2, 3, 4]],
  ["everything replaced drops all but the rest", [change([0, 0], [4, 4], "new")], Array(5).fill(undefined)],
  [
    "changes in several places, in whatever order",
    [change([0, 0], [0, 0], "a\nb\n"), change([3, 0], [4, 0], ""), change([2, 1], [2, 1], "x")],
    [2, 3, 4, undefined, 5],
  ],
])("%s", (_, changes, lines) => {
  expect(after(TEXT, changes)).toEqual(lines);
});

const document = array(stringMatching(/^ {0,3}[a-z]{1,6}$/), { minLength: 1, maxLength: 12 });

test("lines that an edit does not touch stay with their text, and no two meet but by a join", () => {
  assert(
    property(
      document,
      array(
        record({
          from: nat(400),
          length: nat(40),
          text: string({ unit: integer({ min: 0, max: 2 }).map((n) => "x\n "[n] ?? ""), maxLength: 6 }),
        }),
        {
          maxLength: 8,
        },
      ),
      (words, steps) => {
        // A mark on each line makes it known again.
        const text = new Text(words.map((word, at) => `${word}#${at}`).join("\n"));
        const lines = new MovingLines();
        const touched = new Set<string>();
        for (const { from, length, text: added } of steps) {
          const whole = text.lines.join("\n");
          const start = from % (whole.length + 1);
          const end = Math.min(whole.length, start + length);
          const placeOf = (offset: number): Place => {
            const above = whole.slice(0, offset).split("\n");
            return [above.length - 1, above.at(-1)?.length ?? 0];
          };
          const [first, last] = [placeOf(start), placeOf(end)];
          for (let line = first[0]; line <= last[0]; line++)
            touched.add(text.lines[line]?.split("#")[1] ?? "");
          const changes = [change(first, last, added)];
          text.change(changes);
          lines.edited(
            lineEditsOf(changes, (line) => text.lines[line] ?? ""),
            1,
          );
        }
        words.forEach((word, at) => {
          const now = lines.now(at, 0);
          if (now !== undefined) expect(now).toBeLessThan(Math.max(1, text.lines.length));
          if (!touched.has(String(at))) expect(text.lines[now ?? -1]).toBe(`${word}#${at}`);
        });
      },
    ),
    { numRuns: 300 },
  );
});

test("the order of lines is kept", () => {
  const edit = record({
    start: nat(10),
    length: nat(4),
    added: nat(4),
    keepsHead: integer({ min: 0, max: 1 }).map(Boolean),
    keepsTail: integer({ min: 0, max: 1 }).map(Boolean),
  }).map(({ start, length, added, ...kept }) => ({
    start,
    end: start + length,
    delta: added - length,
    ...kept,
  }));
  assert(
    property(array(edit, { maxLength: 6 }), (edits) => {
      const now = Array.from({ length: 20 }, (_, line) =>
        edits.reduce<number | undefined>((at, one) => (at === undefined ? at : movedLine(at, one)), line),
      ).filter((line) => line !== undefined);
      expect(now).toEqual([...now].sort((one, other) => one - other));
    }),
    { numRuns: 300 },
  );
});

test("what was deleted is there again when that is undone, step by step", () => {
  const deleted = { start: 5, end: 6, delta: -1, keepsHead: false, keepsTail: true };
  const inserted = { start: 2, end: 2, delta: 2, keepsHead: false, keepsTail: true };
  const lines = new MovingLines();
  lines.edited([deleted], 100);
  lines.edited([inserted], 200);
  expect([lines.now(5, 0), lines.now(8, 0)]).toEqual([undefined, 9]);
  lines.edited([{ ...inserted, end: 4, delta: -2 }], 300, true);
  expect([lines.now(5, 0), lines.now(8, 0)]).toEqual([undefined, 7]);
  lines.edited([{ ...deleted, end: 5, delta: 1 }], 400, true);
  expect([lines.now(5, 0), lines.now(8, 0)]).toEqual([5, 8]);
  // A program that was started in between has seen the file without the line.
  expect([lines.now(5, 350), lines.now(5, 401)]).toEqual([6, 5]);
});

test("edits before the moment that a program started at do not move its lines", () => {
  const lines = new MovingLines();
  const above = { start: 0, end: 0, delta: 1, keepsHead: false, keepsTail: true };
  lines.edited([above], 100);
  lines.edited([above], 200);
  expect([lines.now(5, 0), lines.now(5, 150), lines.now(5, 201)]).toEqual([7, 6, 5]);
});
