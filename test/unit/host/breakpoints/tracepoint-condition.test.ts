import { Script } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseTracepoint,
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
