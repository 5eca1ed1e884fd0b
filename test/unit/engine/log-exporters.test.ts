import { Metadata } from "@grpc/grpc-js";
import { context, TraceFlags, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as GrpcExporter } from "@opentelemetry/exporter-logs-otlp-grpc";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from "@opentelemetry/sdk-logs";
import { expect, test } from "vitest";
import type { RunNumber, SessionId, SpanId, TraceId } from "../../../src/model/ids.ts";
import type { ReceiverPorts } from "../../../src/protocol/engine.ts";
import { openTestEngine } from "./open-test-engine.ts";
import { TRACE } from "./otlp-request.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const SPAN = "00f067aa0ba902b7" as SpanId;

test.each<[string, (ports: ReceiverPorts) => LogRecordExporter]>([
  ["HTTP protobuf", ({ http }) => new ProtobufExporter({ url: urlOf(http) })],
  ["HTTP JSON", ({ http }) => new JsonExporter({ url: urlOf(http) })],
  ["HTTP JSON with gzip", ({ http }) => new JsonExporter({ url: urlOf(http), compression: "gzip" as never })],
  ["gRPC", ({ grpc }) => new GrpcExporter({ url: `http://127.0.0.1:${grpc}`, metadata: sessionMetadata() })],
])("log records of OpenTelemetry's SDK arrive whole over %s", async (_, exporterFor) => {
  const { engine, ports } = await openTestEngine();
  engine.openSession({ sessionId: SESSION, run: 2 as RunNumber });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    processors: [new SimpleLogRecordProcessor({ exporter: exporterFor(ports) })],
  });
  const span = trace.wrapSpanContext({ traceId: TRACE, spanId: SPAN, traceFlags: TraceFlags.SAMPLED });
  provider.getLogger("cart", "1.2.0").emit({
    timestamp: 1_700_000_000_250,
    severityNumber: SeverityNumber.WARN2,
    severityText: "WARNING",
    eventName: "cart.miss",
    body: { cart: 7, tags: ["a", "b"], raw: new Uint8Array([1, 2]) },
    attributes: { "code.line.number": 12, cached: false, nested: { deep: [1.5] } },
    context: trace.setSpan(context.active(), span),
  });
  await provider.forceFlush();
  await provider.shutdown();

  const listed = await engine.listLogs({ filter: { traceId: TRACE as TraceId, spanId: SPAN }, limit: 10 });
  expect(listed.ok && listed.value).toMatchObject({
    totalCount: 1,
    records: [
      {
        traceId: TRACE,
        spanId: SPAN,
        run: 2,
        service: "shop",
        scope: "cart",
        timeUnixNano: "1700000000250000000",
        severity: 14,
        severityText: "WARNING",
        eventName: "cart.miss",
        body: {
          map: [
            { key: "cart", value: 7 },
            { key: "tags", value: { list: ["a", "b"] } },
            { key: "raw", value: { bytes: "AQI=" } },
          ],
        },
        attributes: [
          { key: "code.line.number", value: 12 },
          { key: "cached", value: false },
          { key: "nested", value: { map: [{ key: "deep", value: { list: [1.5] } }] } },
        ],
      },
    ],
  });
  expect(engine.state.rejectedCount).toBe(0);
});

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/s/${SESSION}/v1/logs`;
}

function sessionMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set("x-spanlight-session", SESSION);
  return metadata;
}
