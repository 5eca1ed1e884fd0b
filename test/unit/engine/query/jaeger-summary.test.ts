import { expect, test } from "vitest";
import { createEngine } from "../../../../src/engine/engine.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import { jaegerSummary } from "../../../../src/engine/query/jaeger-summary.ts";
import { jsonRequest, spanOf, TRACE } from "../otlp-request.ts";

test("a summary counts spans and errors by service, and parents that are missing", () => {
  const engine = createEngine();
  const origin = { sessionId: undefined, channel: "http" } as const;
  engine.sink.traces(jsonRequest([spanOf(1, { name: "GET /" })], "front"), "json", origin);
  const failed = { ...spanOf(2, { parentSpanId: "0000000000000001" }), status: { code: 2 } };
  const orphan = spanOf(3, { parentSpanId: "00000000000000ff", endTimeUnixNano: "1700000001000000000" });
  engine.sink.traces(jsonRequest([failed, orphan], "cart"), "json", origin);
  expect(runAtOnce(jaegerSummary(engine.store, 0))).toEqual({
    traceId: TRACE,
    rootServiceName: "front",
    rootOperationName: "GET /",
    minStartTimeUnixNano: "1700000000000000000",
    maxEndTimeUnixNano: "1700000001000000000",
    spanCount: 3,
    errorSpanCount: 1,
    orphanSpanCount: 1,
    services: [
      { name: "cart", spanCount: 2, errorSpanCount: 1 },
      { name: "front", spanCount: 1 },
    ],
  });
});
