import { expect, test } from "vitest";
import type { FunctionSymbol } from "../../../../src/host/editor/enclosing-function.ts";
import {
  errorLines,
  lineNotes,
  notedFunctions,
  receivedPlace,
  searchTextOf,
} from "../../../../src/host/editor/file-notes.ts";
import { notedOf } from "./entries.ts";

type Sketch = Parameters<typeof notedOf>[0];

const FUNCTION = 11;
const symbols: readonly FunctionSymbol[] = [
  { name: "one", kind: FUNCTION, range: { start: { line: 9 }, end: { line: 19 } } },
  { name: "two", kind: FUNCTION, range: { start: { line: 29 }, end: { line: 39 } } },
];

test.each<[title: string, sketches: readonly Sketch[], lenses: readonly string[]]>([
  ["over the function of a handler", [{ line: 12 }], ["9 one 9-19"]],
  ["over the line, where no function is known", [{ line: 25 }], ["24  24-24"]],
  ["over the function of its own work", [{ line: 12, role: "runs" }], ["9 one 9-19"]],
  ["not for calls", [{ line: 12, role: "calls" }], []],
  [
    "over the line of work within a handler",
    [{ line: 12 }, { line: 15, role: "runs" }],
    ["9 one 9-19", "14  14-14"],
  ],
  [
    "over each line of several handlers in one function",
    [{ line: 12 }, { line: 15 }],
    ["11  11-11", "14  14-14"],
  ],
  ["once for two operations of a line", [{ line: 12 }, { line: 12, operation: "b" }], ["9 one 9-19"]],
  ["once for a handler and the work at its line", [{ line: 12, role: "runs" }, { line: 12 }], ["9 one 9-19"]],
  ["in each function", [{ line: 35 }, { line: 12 }], ["9 one 9-19", "29 two 29-39"]],
])("a lens stands %s", (_, sketches, lenses) => {
  const found = notedFunctions(sketches.map(notedOf), symbols, new Set([FUNCTION]));
  expect(
    found.map(({ line, name = "", firstLine, lastLine }) => `${line} ${name} ${firstLine}-${lastLine}`),
  ).toEqual(lenses);
});

test("a lens of a handler tells nothing of the work at the same line", () => {
  const operations = [notedOf({ line: 12, role: "runs", operation: "middleware" }), notedOf({ line: 12 })];
  const [lens] = notedFunctions(operations, symbols, new Set([FUNCTION]));
  expect(lens?.operations).toEqual([operations[1]]);
});

test("lines that make calls have notes, and lines with errors are told, once each", () => {
  const operations = [
    notedOf({ line: 3, role: "calls", count: 2, p50Ms: 1 }),
    notedOf({ line: 3, role: "calls", count: 1, p50Ms: 1, operation: "b", errorCount: 1 }),
    notedOf({ line: 5, errorCount: 1 }),
    notedOf({ line: 5, errorCount: 3, operation: "b" }),
    notedOf({ line: 6 }),
  ];
  expect(lineNotes(operations)).toEqual([{ line: 2, text: "GET /cart · 2× · 1 ms each · 1 error" }]);
  expect(errorLines(operations)).toEqual([2, 4]);
});

test("a place is told as traces have it: by their most frequent path, and the lines of that time", () => {
  const moved = (sketch: Sketch, line: number) => ({ ...notedOf(sketch), line });
  const operations = [
    moved({ path: "/app/a.ts", line: 12, count: 5 }, 20),
    moved({ path: "/app/a.ts", line: 18, count: 1 }, 26),
    moved({ path: "/srv/a.ts", line: 40, count: 2 }, 22),
    moved({ path: "/app/a.ts", line: 90, count: 9 }, 99),
  ];
  expect(receivedPlace(operations, 20, 30)).toEqual({ path: "/app/a.ts", firstLine: 12, lastLine: 18 });
  expect(receivedPlace(operations, 0, 10)).toBeUndefined();
});

test("a line that failures were thrown at has a mark, and neither lens nor note", () => {
  const operations = [notedOf({ line: 12, role: "throws", evidence: "stack", errorCount: 1 })];
  expect(notedFunctions(operations, symbols, new Set([FUNCTION]))).toEqual([]);
  expect(lineNotes(operations)).toEqual([]);
  expect(errorLines(operations)).toEqual([11]);
});

test("operations whose place no attribute tells are searched for by their name", () => {
  const operations = [
    notedOf({ line: 12, evidence: "lookup", operation: "GET /cart/<id>", service: "till", count: 5 }),
    notedOf({ line: 13, evidence: "stack", operation: "b", count: 2 }),
    notedOf({ line: 40, evidence: "lookup", operation: "c", count: 9 }),
  ];
  expect(receivedPlace(operations, 0, 20)).toBeUndefined();
  expect(searchTextOf(operations, 0, 20)).toBe('service=till name="GET /cart/<id>"');
  expect(searchTextOf(operations, 20, 30)).toBeUndefined();
});
