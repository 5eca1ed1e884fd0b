import { describe, expect, test } from "vitest";
import {
  readEnvironment,
  writeEnvironment,
  type EnvironmentForm,
} from "../../../../src/host/session/environment-field.ts";

describe("readEnvironment", () => {
  const cases: readonly [title: string, field: unknown, variables: Record<string, string | null>][] = [
    ["an object", { A: "1", B: "two" }, { A: "1", B: "two" }],
    ["an object's null as a wish for absence", { A: null }, { A: null }],
    ["numbers and booleans as text", { A: 1, B: true }, { A: "1", B: "true" }],
    ["a list of assignments", ["A=1", "B=x=y"], { A: "1", B: "x=y" }],
    ["a list's bare name as a wish for absence", ["A"], { A: null }],
    ["pairs", [{ name: "A", value: "1" }], { A: "1" }],
    ["nothing", undefined, {}],
    ["what is no environment", 7, {}],
    ["around entries that are none", [null, "=x", { value: "1" }, "A=1"], { A: "1" }],
  ];
  test.each(cases)("reads %s", (_title, field, variables) => {
    expect(Object.fromEntries(readEnvironment(field))).toEqual(variables);
  });
});

describe("writeEnvironment", () => {
  const cases: readonly [title: string, field: unknown, form: EnvironmentForm, written: unknown][] = [
    ["an object where there is none", undefined, "object", { NEW: "n", A: "a" }],
    ["a list where there is none", undefined, "list", ["NEW=n", "A=a"]],
    [
      "pairs where there are none",
      undefined,
      "pairs",
      [
        { name: "NEW", value: "n" },
        { name: "A", value: "a" },
      ],
    ],
    ["into an object, the rest untouched", { A: "old", B: null }, "object", { A: "a", B: null, NEW: "n" }],
    ["into a list, the rest untouched", ["A=old", "B=1"], "list", ["B=1", "NEW=n", "A=a"]],
    ["in the form that stands there", { B: "1" }, "list", { B: "1", NEW: "n", A: "a" }],
    ["in the list that stands there", ["B=1"], "pairs", ["B=1", "NEW=n", "A=a"]],
    ["into an empty list in the type's form", [], "list", ["NEW=n", "A=a"]],
  ];
  test.each(cases)("writes %s", (_title, field, form, written) => {
    const additions = new Map([
      ["NEW", "n"],
      ["A", "a"],
    ]);
    expect(writeEnvironment(field, form, additions)).toEqual(written);
  });
});
