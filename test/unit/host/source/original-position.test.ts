import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { originalPosition, type ReadText } from "../../../../src/host/source/original-position.ts";

const typescript = `interface Item {
  price: number;
}

export function total(items: Item[]): number {
  throw new Error("line 6");
}
`;
const compile = (sourcemap: "inline" | "external"): { code: string; map: string } =>
  transformSync(typescript, { loader: "ts", sourcemap, sourcefile: "../src/total.ts" });

/** The place of the `throw` in the compiled text. */
function thrown(code: string): { path: string; line: number; column: number } {
  const lines = code.split("\n");
  const line = lines.findIndex((text) => text.includes("throw"));
  return { path: "/w/dist/total.js", line: line + 1, column: (lines[line]?.indexOf("throw") ?? 0) + 1 };
}
const files =
  (texts: Readonly<Record<string, string>>): ReadText =>
  (path) =>
    Promise.resolve(texts[path]);

describe("originalPosition", () => {
  test("follows an inline map", async () => {
    const { code } = compile("inline");
    const found = await originalPosition(thrown(code), files({ "/w/dist/total.js": code }));
    expect(found).toEqual({ source: "../src/total.ts", path: "/w/src/total.ts", line: 6, column: 3 });
  });

  test("follows a map beside the file", async () => {
    const { code, map } = compile("external");
    const texts = {
      "/w/dist/total.js": `${code}//# sourceMappingURL=total.js.map\n`,
      "/w/dist/total.js.map": map,
    };
    expect(await originalPosition(thrown(code), files(texts))).toMatchObject({
      path: "/w/src/total.ts",
      line: 6,
    });
  });

  const place = { path: "/w/a.js", line: 1, column: 1 };
  test.each([
    ["a file without a map", "throw 1;"],
    ["a map that is fetched", "x;\n//# sourceMappingURL=https://evil.example/a.js.map"],
    ["a map on a network share", "x;\n//# sourceMappingURL=//evil.example/a.js.map"],
    ["a map that is missing", "x;\n//# sourceMappingURL=a.js.map"],
    ["a map that is no JSON", "x;\n//# sourceMappingURL=data:application/json;base64,e30="],
    [
      "a map whose mappings are no text",
      `x;\n//# sourceMappingURL=data:application/json,{"version":3,"sources":["a"],"names":[],"mappings":7}`,
    ],
    ["a map of another version", `x;\n//# sourceMappingURL=data:application/json,{"version":9}`],
  ])("finds nothing through %s", async (_title, text) => {
    expect(await originalPosition(place, files({ "/w/a.js": text }))).toBeUndefined();
  });

  test("finds nothing where the file cannot be read", async () => {
    expect(await originalPosition(place, files({}))).toBeUndefined();
  });
});
