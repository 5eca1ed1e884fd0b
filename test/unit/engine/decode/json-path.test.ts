import { describe, expect, it } from "vitest";
import { jsonPathAt } from "../../../../src/engine/decode/json-path.ts";

describe("jsonPathAt", () => {
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
    expect(jsonPathAt(Buffer.from(marked.replace("@", "")), marked.indexOf("@"))).toBe(path);
  });

  it("shortens what is too deep or too long to be read", () => {
    const deep = `{"${"k".repeat(100)}":${"[".repeat(100_000)}`;
    const path = jsonPathAt(Buffer.from(deep), deep.length);
    expect(path).toMatch(/^k{40}…\[0\](\[0\])*…$/);
    expect(path.length).toBeLessThan(120);
  });
});
