import { Script } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseTracepoint,
  problemOfExpression,
  tracepointCondition,
} from "../../../../src/host/breakpoints/tracepoint-condition.ts";

test.each(["node", "python"] as const)("what a condition for %s records is read back from it", (language) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (label, expression) => {
      const tracepoint = { label, expression };
      expect(parseTracepoint(tracepointCondition(tracepoint, language))).toEqual(tracepoint);
    }),
    { numRuns: 200 },
  );
});

test.each([undefined, "", "x > 1", "exec('x')", 'globalThis[Symbol.for("spanlight.agent")]?.record(1)'])(
  "a condition of the person's own is none: %s",
  (condition) => {
    expect(parseTracepoint(condition)).toBeUndefined();
  },
);

test("in a Node program without the agent the condition is false", () => {
  const condition = tracepointCondition({ label: "total", expression: "nothing.there" }, "node");
  expect(new Script(condition).runInThisContext()).toBe(false);
});

test.each(["", " cart.total ", "{ a: 1 }.a", "a, b", "f(`x`) /* note */", "this.x ?? arguments[0]"])(
  "“%s” can be recorded in Node",
  (text) => {
    expect(problemOfExpression(text, "node")).toBeUndefined();
  },
);

test.each(["await load()", "total // in euros", "a;", "x as number", "(a", "a)"])(
  "“%s” is refused for Node, where the condition would be a syntax error",
  (text) => {
    expect(problemOfExpression(text, "node")).toEqual(expect.any(String));
  },
);

test.each(["await load()", "total # in euros", "(a"])(
  "“%s” is Python's own to refuse, at the line",
  (text) => {
    expect(problemOfExpression(text, "python")).toBeUndefined();
  },
);
