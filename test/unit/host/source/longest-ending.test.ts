import { expect, test } from "vitest";
import { longestEnding, type EndingContext } from "../../../../src/host/source/longest-ending.ts";

const context: EndingContext = { folders: [], foldsCase: false, bases: [], service: "" };
const folders = [{ name: "w", path: "/w" }];

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
  expect(longestEnding(wanted.split("/"), candidates, context)).toMatchObject({ paths, length });
});

test("is blind to case where the file system is", () => {
  expect(longestEnding(["Api", "Main.ts"], ["/w/api/main.ts"], { ...context, foldsCase: true }).length).toBe(
    2,
  );
  expect(longestEnding(["Api", "Main.ts"], ["/w/api/main.ts"], context).length).toBe(0);
});

const equal = ["/w/cart/src/main.ts", "/w/bank/src/main.ts"];
test.each<
  [title: string, candidates: readonly string[], context: Partial<EndingContext>, found: readonly string[]]
>([
  ["the file whose whole path agrees", [...equal, "/w/src/main.ts"], { folders }, ["/w/src/main.ts"]],
  ["the file in the session's folder", equal, { bases: ["/w", "/w/bank"] }, ["/w/bank/src/main.ts"]],
  [
    "the file in a folder named like the service",
    equal,
    { service: "cart-service" },
    ["/w/cart/src/main.ts"],
  ],
  ["none of two that nothing decides between", equal, { service: "orders", bases: ["/w"] }, equal],
])("prefers %s", (_title, candidates, given, found) => {
  expect(longestEnding(["app", "src", "main.ts"], candidates, { ...context, ...given }).paths).toEqual(found);
});
