import { expect, test } from "vitest";
import { compileSpanMatch, type SpanBreakpoint } from "../../../src/protocol/span-breakpoint.ts";

const span = {
  name: "GET /cart/:id (v1.0)",
  status: "error" as const,
  attribute: (key: string) => ({ "http.route": "/cart/:id", retries: 3, tags: ["a", "b"], none: null })[key],
};

test.each<[Pick<SpanBreakpoint, "name" | "attribute" | "status">, boolean]>([
  [{}, true],
  [{ name: "GET /cart/:id (v1.0)" }, true],
  [{ name: "GET /cart/:id" }, false],
  [{ name: "GET *" }, true],
  [{ name: "GET /cart/:id (v1?0)" }, true],
  // A dot, brackets and braces are text.
  [{ name: "GET /cart/:id (v1.0*" }, true],
  [{ name: "GET /cart/:id .v1*" }, false],
  [{ name: "get *" }, false],
  [{ attribute: { key: "http.route", value: "/cart/*" } }, true],
  [{ attribute: { key: "retries", value: "3" } }, true],
  [{ attribute: { key: "retries", value: "30" } }, false],
  [{ attribute: { key: "tags", value: '["a","b"]' } }, true],
  [{ attribute: { key: "absent", value: "*" } }, false],
  [{ attribute: { key: "none", value: "*" } }, false],
  [{ status: "error" }, true],
  [{ status: "ok" }, false],
  [{ name: "GET *", status: "ok" }, false],
  [{ name: "GET *", attribute: { key: "retries", value: "4" } }, false],
])("a breakpoint for %j is met: %s", (breakpoint, met) => {
  expect(compileSpanMatch(breakpoint)(span)).toBe(met);
});

test("a name that is made to be slow to compare is compared in no time", () => {
  const matches = compileSpanMatch({ name: "*a*a*a*b" });
  const began = performance.now();
  expect(matches({ ...span, name: "a".repeat(100_000) })).toBe(false);
  expect(performance.now() - began).toBeLessThan(5000);
});
