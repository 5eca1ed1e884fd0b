import { expect, test } from "vitest";

import { matchGlobs } from "../../../../src/agent/functions/glob.ts";

test.each([
  ["/app/src/*.ts", "/app/src/a.ts", true],
  ["/app/src/*.ts", "/app/src/deep/a.ts", false],
  ["/app/src/**/*.ts", "/app/src/a.ts", true],
  ["/app/src/**/*.ts", "/app/src/deep/er/a.ts", true],
  ["/app/src/**", "/app/src/deep/a.js", true],
  ["/app/src/**", "/app/srcs/a.js", false],
  ["/app/{api,jobs}/*.js", "/app/jobs/a.js", true],
  ["/app/{api,jobs}/*.js", "/app/other/a.js", false],
  ["/app/a?.js", "/app/ab.js", true],
  ["/app/a?.js", "/app/a/.js", false],
  ["/app/(x)+[y].js", "/app/(x)+[y].js", true],
  ["/app/a.js", "/app/aXjs", false],
  ["C:\\app\\src\\*.js", "C:\\app\\src\\a.js", true],
  ["/app/**", "/app/node_modules/pkg/index.js", false],
  ["/app/{a", "/app/{a", false],
])("%s on %s: %s", (glob, path, matches) => {
  expect(matchGlobs([glob])(path)).toBe(matches);
});

test("no globs match nothing", () => {
  expect(matchGlobs([])("/app/a.js")).toBe(false);
});
