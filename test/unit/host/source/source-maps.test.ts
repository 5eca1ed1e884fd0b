import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { SourceMaps, type ReadText } from "../../../../src/host/source/source-maps.ts";

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

describe("SourceMaps", () => {
  test("follows an inline map", async () => {
    const { code } = compile("inline");
    const found = await new SourceMaps(files({ "/w/dist/total.js": code })).originalPosition(thrown(code));
    expect(found).toEqual({ source: "../src/total.ts", path: "/w/src/total.ts", line: 6, column: 3 });
  });

  test("follows a map beside the file", async () => {
    const { code, map } = compile("external");
    const texts = {
      "/w/dist/total.js": `${code}//# sourceMappingURL=total.js.map\n`,
      "/w/dist/total.js.map": map,
    };
    expect(await new SourceMaps(files(texts)).originalPosition(thrown(code))).toMatchObject({
      path: "/w/src/total.ts",
      line: 6,
    });
  });

  const listed = `export const prices = [1,
  2];
export function charge(price: number) {
  return price;
}
`;
  const charge = (minify: boolean): ReadText => {
    const { code } = transformSync(listed, {
      loader: "ts",
      sourcemap: "inline",
      sourcefile: "../src/charge.ts",
      minify,
    });
    return files({ "/w/dist/charge.js": minify ? code.replace(/^/, `/*${"-".repeat(600)}*/`) : code });
  };
  const lineOnly = (line: number) => ({ path: "/w/dist/charge.js", line, column: undefined });

  test("without a column, leads to what the line begins with", async () => {
    const maps = new SourceMaps(charge(false));
    // esbuild writes the list in lines of its own: `return price` is the 6th there, and begins after two blanks.
    expect((await maps.originalPosition(lineOnly(6)))?.line).toBe(4);
  });

  test("finds nothing in a minified line without a column", async () => {
    expect(await new SourceMaps(charge(true)).originalPosition(lineOnly(1))).toBeUndefined();
  });

  test("names the sources of a compiled file, reading it once until it changes", async () => {
    let reads = 0;
    const read = charge(false);
    const maps = new SourceMaps((path) => {
      reads++;
      return read(path);
    });
    expect(await maps.sources("/w/dist/charge.js")).toEqual(["../src/charge.ts"]);
    await maps.originalPosition(lineOnly(6));
    expect(reads).toBe(1);
    maps.forget();
    await maps.sources("/w/dist/charge.js");
    expect(reads).toBe(2);
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
    expect(await new SourceMaps(files({ "/w/a.js": text })).originalPosition(place)).toBeUndefined();
  });

  test("finds nothing where the file cannot be read", async () => {
    expect(await new SourceMaps(files({})).originalPosition(place)).toBeUndefined();
  });
});
