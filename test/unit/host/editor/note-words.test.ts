import { expect, test } from "vitest";
import { lensWords, lineWords, operationNames } from "../../../../src/host/editor/note-words.ts";
import { notedOf } from "./entries.ts";

type Sketch = Parameters<typeof notedOf>[0];

test.each<[sketch: Sketch, words: string]>([
  [{ slowdown: 2.1, errorCount: 1 }, "38× · p50 41 ms · p95 312 ms ▲ 2.1× since the last run · 1 error"],
  [{ slowdown: 0.25 }, "38× · p50 41 ms · p95 312 ms ▼ 4.0× since the last run"],
  [{ slowdown: 31.4 }, "38× · p50 41 ms · p95 312 ms ▲ 31× since the last run"],
  [{ slowdown: 1.1 }, "38× · p50 41 ms · p95 312 ms"],
  [{ count: 12_345, errorCount: 1200 }, "12,345× · p50 41 ms · p95 312 ms · 1,200 errors"],
  [{ count: 1 }, "1× · 41 ms"],
  [{ count: 2, p50Ns: undefined, p95Ns: undefined }, "2× · running"],
  [{ evidence: "lookup", errorCount: 1 }, "38× · p50 41 ms · p95 312 ms · 1 error · looked up"],
])("a lens of %j", (sketch, words) => {
  expect(lensWords(notedOf(sketch))).toBe(words);
});

test.each<[sketches: readonly Sketch[], words: string]>([
  [[{ count: 12, p50Ms: 1.8 }], "12× · 1.8 ms each"],
  [[{ count: 1, p50Ms: 1.8 }], "1× · 1.8 ms"],
  [[{ count: 12, p50Ms: 1.8, errorCount: 2 }], "12× · 1.8 ms each · 2 errors"],
  [
    [
      { count: 30, p50Ms: 1 },
      { count: 10, p50Ms: 5, errorCount: 1 },
    ],
    "40× · 2 ms each · 1 error",
  ],
  [
    [
      { count: 3, p50Ms: 4 },
      { count: 9, p50Ns: undefined },
    ],
    "12× · 4 ms each",
  ],
  [[{ count: 2, p50Ns: undefined }], "2× · running"],
  [
    [
      { operation: "pg-pool.connect", count: 145, p50Ms: 0.4, errorCount: 1 },
      { operation: "pg.query:SELECT shop", count: 144, p50Ms: 3 },
    ],
    "pg.query:SELECT shop · 144× · 3 ms each · 1 error",
  ],
  [
    [
      { operation: "pg-pool.connect", count: 144, p50Ms: 0.4 },
      { operation: "pg.query:SELECT shop", count: 1, p50Ns: undefined },
    ],
    "pg.query:SELECT shop · 1× · running",
  ],
])("a line of %j", (sketches, words) => {
  expect(lineWords(sketches.map(notedOf))).toBe(words);
});

test.each<[sketches: readonly Sketch[], names: readonly string[]]>([
  [[{ operation: "a" }], [""]],
  [
    [{ operation: "a" }, { operation: "b\n  c" }],
    ["a", "b c"],
  ],
  [
    [
      { operation: "a", service: "one" },
      { operation: "a", service: "two" },
    ],
    ["one: a", "two: a"],
  ],
  [
    [{ operation: "a" }, { operation: "x".repeat(1e5) }],
    ["a", `${"x".repeat(59)}…`],
  ],
])("names for %#", (sketches, names) => {
  expect(operationNames(sketches.map(notedOf))).toEqual(names);
});
