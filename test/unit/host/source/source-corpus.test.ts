import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSource } from "../../../conformance/source.ts";

const folder = join(import.meta.dirname, "../../../corpus/source");
const cases = existsSync(folder) ? runSource(folder) : [];

test("the corpus has stacks and paths", () => {
  const count = (part: string): number => cases.filter(({ title }) => title.startsWith(`${part}/`)).length;
  expect(count("stacks")).toBeGreaterThanOrEqual(320);
  expect(count("paths")).toBeGreaterThanOrEqual(80);
});

test.each(cases.map(({ title, check }) => ({ title, check })))("$title", async ({ check }) => {
  await check();
});
