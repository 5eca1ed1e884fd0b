import fc from "fast-check";
import { expect, test } from "vitest";
import { foundSpanOf, parseFoundSpans } from "../../../../src/host/active-span/found-span.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test.each<readonly [name: string, told: unknown]>([
  ["no list", "x"],
  ["an invalid trace id", ["x", SPAN]],
  ["an invalid span id", [TRACE, "B7AD6B7169203331"]],
  ["a trace id of zeros", ["0".repeat(32), SPAN]],
  ["a span id of zeros", [TRACE, "0".repeat(16)]],
])("%s is no span", (_, told) => {
  expect(foundSpanOf(told)).toBeUndefined();
});

test("what is missing or of a wrong type is left out", () => {
  expect(
    foundSpanOf([TRACE, SPAN, 7, "0".repeat(16), "soon", 0, [["a", 1], ["b", {}], "c", ["", 1]]]),
  ).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    name: "",
    parentSpanId: undefined,
    startTimeUnixNano: "0",
    ended: false,
    attributes: [{ key: "a", value: 1 }],
  });
});

test("whatever a program answers, nothing is thrown", () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (noise, value) => {
      parseFoundSpans(noise);
      parseFoundSpans(`'${encodeURIComponent(JSON.stringify([value]))}'${noise}`);
      parseFoundSpans(`%5B${noise}%5D`);
    }),
    { numRuns: 200 },
  );
});
