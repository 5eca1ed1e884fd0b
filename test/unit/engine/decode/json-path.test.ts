import { describe, expect, it } from "vitest";
import { findJsonPath } from "../../../../src/engine/decode/json-path.ts";

function pathAt(json: Uint8Array, position: number, partBytes = Infinity): string {
  const search = findJsonPath(json, position, partBytes);
  for (;;) {
    const { done, value } = search.next();
    if (done === true) return value;
  }
}

describe("findJsonPath", () => {
  it.each([
    ["", '@{"a":1}'],
    ["a", '{"a":@1}'],
    ["a.b", '{"x":[{"y":"]"}],"a":{"c":2,"b":@true}}'],
    ["a[2].b", '{"a":[{"b":1},[[]],{"c":{},"b":@"x"}]}'],
    ["a[0]", '{"a":[@{"b":1}]}'],
    ["\\u0061.c", '{"\\u0061":{"c":@1}}'],
    ["a", '{"a":nonsense@'],
    ["[3]", "[1,2,3,@"],
  ])("finds %j", (path, marked) => {
    expect(pathAt(Buffer.from(marked.replace("@", "")), marked.indexOf("@"))).toBe(path);
    expect(pathAt(Buffer.from(marked.replace("@", "")), marked.indexOf("@"), 1)).toBe(path);
  });

  it("takes a step for each part that it reads", () => {
    const json = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, (_, n) => `element ${n}`)));
    expect([...findJsonPath(json, json.length, 1000)].length).toBeGreaterThan(json.length / 1000 - 2);
  });

  it("shortens what is too deep or too long to be read", () => {
    const deep = `{"${"k".repeat(100)}":${"[".repeat(100_000)}`;
    const path = pathAt(Buffer.from(deep), deep.length);
    expect(path).toMatch(/^k{40}…\[0\](\[0\])*…$/);
    expect(path.length).toBeLessThan(120);
  });
});
