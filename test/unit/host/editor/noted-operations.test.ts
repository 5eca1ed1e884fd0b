import { expect, test } from "vitest";
import { notedOperations } from "../../../../src/host/editor/noted-operations.ts";
import { entryOf, type EntrySketch } from "./entries.ts";

type Shown = readonly [line: number, run: number, slowdown: number | undefined];

function shown(
  sketches: readonly EntrySketch[],
  lineNow: Parameters<typeof notedOperations>[1] = ({ line }) => line - 1,
  isCleared?: (run: number) => boolean,
): readonly Shown[] {
  return notedOperations(sketches.map(entryOf), lineNow, isCleared).map(({ entry, line, slowdown }) => [
    line,
    entry.run,
    slowdown,
  ]);
}

test.each<[title: string, sketches: readonly EntrySketch[], shown: readonly Shown[]]>([
  [
    "the latest run, beside the one before",
    [
      { run: 1, p95Ms: 100 },
      { run: 3, p95Ms: 210 },
      { run: 2, p95Ms: 70 },
    ],
    [[11, 3, 3]],
  ],
  [
    "no difference below a millisecond",
    [
      { run: 1, p95Ms: 0.1 },
      { run: 2, p95Ms: 0.9 },
    ],
    [[11, 2, 1]],
  ],
  [
    "nothing of five spans or fewer",
    [
      { run: 1, count: 4 },
      { run: 2, p95Ms: 900 },
    ],
    [[11, 2, undefined]],
  ],
  [
    "nothing of runs while one has not ended anything",
    [{ run: 1 }, { run: 2, p95Ns: undefined }],
    [[11, 2, undefined]],
  ],
  ["nothing of what came outside any run", [{ run: 0, p95Ms: 1 }, { run: 1 }], [[11, 1, undefined]]],
  [
    "the only place of the run before, though it was elsewhere",
    [{ run: 1, line: 3, p95Ms: 156 }, { run: 2 }],
    [[11, 2, 2]],
  ],
  [
    "the same place of several",
    [{ run: 1, line: 3, p95Ms: 1 }, { run: 1, p95Ms: 156 }, { run: 2 }],
    [[11, 2, 2]],
  ],
  ["none of several others", [{ run: 1, line: 3 }, { run: 1, line: 4 }, { run: 2 }], [[11, 2, undefined]]],
  [
    "each operation's own latest run",
    [
      { run: 1, operation: "a", line: 2 },
      { run: 2, operation: "b" },
    ],
    [
      [1, 1, undefined],
      [11, 2, undefined],
    ],
  ],
  [
    "services apart",
    [{ service: "a" }, { service: "b", count: 40 }],
    [
      [11, 1, undefined],
      [11, 1, undefined],
    ],
  ],
])("shows %s", (_, sketches, expected) => {
  expect(shown(sketches)).toEqual(expected);
});

test("leaves out deleted lines and cleared runs", () => {
  const sketches: readonly EntrySketch[] = [
    { line: 1 },
    { line: 2 },
    { line: 3, run: 2, operation: "other" },
  ];
  expect(shown(sketches, ({ line }) => (line === 1 ? undefined : line + 9))).toEqual([
    [11, 1, undefined],
    [12, 2, undefined],
  ]);
  expect(
    shown(
      sketches,
      ({ line }) => line,
      (run) => run <= 1,
    ),
  ).toEqual([[3, 2, undefined]]);
});
