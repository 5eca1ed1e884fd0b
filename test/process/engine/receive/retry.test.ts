import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import type { Receiver } from "../../../../src/engine/receive/receiver.ts";
import { openTestReceiver } from "../../../unit/engine/receive/open-test-receiver.ts";

/**
 * What real exporters do with a receiver that has no room: they send again, and what they send is taken once. The one for
 * gRPC never sends again by itself.
 */

function endedSpans(): ReadableSpan[] {
  const memory = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
  provider.getTracer("retry").startSpan("GET /cart").end();
  return memory.getFinishedSpans();
}

test.each<[string, (receiver: Receiver) => SpanExporter]>([
  ["HTTP protobuf", ({ http }) => new ProtobufExporter({ url: `http://127.0.0.1:${http}/v1/traces` })],
  ["HTTP JSON", ({ http }) => new JsonExporter({ url: `http://127.0.0.1:${http}/v1/traces` })],
])("an exporter that is asked to come back does, over %s", async (_how, exporterFor) => {
  let askedCount = 0;
  const { receiver, sink } = await openTestReceiver({
    overloaded: () => (askedCount++ === 0 ? 1 : undefined),
  });
  const exporter = exporterFor(receiver);
  const result = await new Promise<ExportResult>((resolve) => exporter.export(endedSpans(), resolve));
  expect([result.code, result.error]).toEqual([ExportResultCode.SUCCESS, undefined]);
  expect(askedCount).toBe(2);
  expect(sink.exports).toHaveLength(1);
  await exporter.shutdown();
});
