import { expect, test } from "vitest";
import { parseEnvFile } from "../../../../src/host/session/env-file.ts";

const cases: readonly [title: string, text: string, variables: Record<string, string>][] = [
  ["plain assignments", "A=1\nB=two words", { A: "1", B: "two words" }],
  ["exported ones", "export A=1", { A: "1" }],
  ["quoted values", `A="x y"\nB='z # w'`, { A: "x y", B: "z # w" }],
  ["empty values", "A=", { A: "" }],
  ["past comments", "# A=1\nB=2 # why", { B: "2" }],
  ["Windows line ends and a byte order mark", "\uFEFFA=1\r\nB=2\r\n", { A: "1", B: "2" }],
  ["the last of two", "A=1\nA=2", { A: "2" }],
  ["past what is no assignment", "nonsense\n1A=2\n=3", {}],
  ["an unclosed quote as it stands", `A="x`, { A: `"x` }],
];
test.each(cases)("reads %s", (_title, text, variables) => {
  expect(Object.fromEntries(parseEnvFile(text))).toEqual(variables);
});

test("reads a hostile line in linear time", () => {
  expect(parseEnvFile(`A=${" ".repeat(200_000)}x`).get("A")).toBe("x");
});
