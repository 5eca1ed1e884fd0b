import { SpanKind } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { firstUserFrame } from "../../../../src/agent/source/call-site.ts";
import { captureCallSite } from "../../../../src/agent/spans/span-call-site.ts";

function start(scope: string, kind: SpanKind) {
  return captureCallSite(scope, kind, start);
}

describe("captureCallSite", () => {
  it.each([
    ["pg", SpanKind.CLIENT, true],
    ["kafka", SpanKind.PRODUCER, true],
    ["my-app", SpanKind.INTERNAL, true],
    ["http", SpanKind.SERVER, false],
    ["kafka", SpanKind.CONSUMER, false],
    ["@opentelemetry/instrumentation-express", SpanKind.INTERNAL, false],
    ["@opentelemetry/instrumentation-express", SpanKind.CLIENT, true],
  ])("of %s, kind %i: %s", (scope, kind, isCaptured) => {
    expect(start(scope, kind) !== undefined).toBe(isCaptured);
  });

  it("gives the same object for the same place, and another one for another place", () => {
    const here = () => start("same place", SpanKind.CLIENT);
    const [first, second] = [here(), here()].map((captured) => captured && firstUserFrame(captured));
    const other = start("same place", SpanKind.CLIENT);
    expect(first?.file).toContain("span-call-site.test.ts");
    expect(second).toBe(first);
    expect(other && firstUserFrame(other)).not.toEqual(first);
  });

  it("does without where the program has frozen Error", () => {
    const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
    Object.defineProperty(Error, "stackTraceLimit", { ...limit, writable: false });
    try {
      expect(start("frozen", SpanKind.CLIENT)).toBeUndefined();
    } finally {
      Object.defineProperty(Error, "stackTraceLimit", { ...limit, writable: true });
    }
  });
});
