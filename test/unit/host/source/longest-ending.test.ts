import { expect, test } from "vitest";
import { longestEnding } from "../../../../src/host/source/longest-ending.ts";

const cases: readonly [
  title: string,
  wanted: string,
  candidates: readonly string[],
  found: readonly string[],
  length: number,
][] = [
  [
    "the one with the longest ending",
    "app/api/main.ts",
    ["/w/cart/main.ts", "/w/api/main.ts"],
    ["/w/api/main.ts"],
    2,
  ],
  [
    "all that agree equally",
    "app/main.ts",
    ["/w/a/main.ts", "/w/b/main.ts"],
    ["/w/a/main.ts", "/w/b/main.ts"],
    1,
  ],
  ["none of another name", "app/main.ts", ["/w/domain.ts"], [], 0],
  ["none among none", "main.ts", [], [], 0],
  ["whole segments only", "api/main.ts", ["/w/my-api/main.ts"], ["/w/my-api/main.ts"], 1],
];
test.each(cases)("finds %s", (_title, wanted, candidates, paths, length) => {
  expect(longestEnding(wanted.split("/"), candidates, false)).toEqual({ paths, length });
});

test("is blind to case where the file system is", () => {
  expect(longestEnding(["Api", "Main.ts"], ["/w/api/main.ts"], true).length).toBe(2);
  expect(longestEnding(["Api", "Main.ts"], ["/w/api/main.ts"], false).length).toBe(0);
});
