import { expect, test } from "vitest";
import { parseActivity } from "../../../../src/host/active-span/dotnet-span.ts";

const ID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("an activity is read from its id, its parent's, its ticks and its name", () => {
  expect(parseActivity(`"${ID}|00f067aa0ba902b7|638355968001234567|GET cart"`)).toEqual({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    parentSpanId: "00f067aa0ba902b7",
    name: "GET cart",
    startTimeUnixNano: "1700000000123456700",
    ended: false,
    attributes: [],
  });
});

test("without an activity there is none", () => {
  for (const text of ['"|||"', "null", "", undefined]) expect(parseActivity(text)).toBeUndefined();
});
