import { Metadata } from "@grpc/grpc-js";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { expect, test } from "vitest";
import type { RunNumber, SessionId, SpanRow, TraceId } from "../../../src/model/ids.ts";
import type { ReceiverPorts } from "../../../src/protocol/engine.ts";
import { openTestEngine, spanNames } from "./open-test-engine.ts";

/** OpenTelemetry's own SDK and exporters against the sockets. */

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const resource = resourceFromAttributes({ "service.name": "shop" });

const exporters: [string, (ports: ReceiverPorts) => SpanExporter][] = [
  [
    "HTTP protobuf",
    ({ http }) => new ProtobufExporter({ url: `http://127.0.0.1:${http}/s/${SESSION}/v1/traces` }),
  ],
  [
    "HTTP protobuf with gzip",
    ({ http }) =>
      new ProtobufExporter({
        url: `http://127.0.0.1:${http}/s/${SESSION}/v1/traces`,
        compression: "gzip" as never,
      }),
  ],
  ["HTTP JSON", ({ http }) => new JsonExporter({ url: `http://localhost:${http}/s/${SESSION}/v1/traces` })],
  ["gRPC", ({ grpc }) => new GrpcExporter({ url: `http://127.0.0.1:${grpc}`, metadata: sessionMetadata() })],
];

function sessionMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set("x-spanlight-session", SESSION);
  return metadata;
}

test.each(exporters)("spans of the SDK arrive whole over %s", async (_how, exporterFor) => {
  const { engine, ports } = await openTestEngine();
  engine.openSession({ sessionId: SESSION, run: 2 as RunNumber });
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporterFor(ports))],
  });
  const tracer = provider.getTracer("test", "1.2.3");
  const span = tracer.startSpan("GET /cart", {
    kind: SpanKind.SERVER,
    root: true,
    startTime: [1_700_000_000, 1],
    attributes: { "http.route": "/cart", retries: 3, ratio: 0.5, cached: true, tags: ["a", "b"] },
  });
  span.addEvent("cache miss", { key: "cart:7" }, [1_700_000_000, 500_001]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: "no stock" });
  span.end([1_700_000_001, 2]);
  await provider.forceFlush();
  await provider.shutdown();

  const { traceId, spanId } = span.spanContext();
  expect(spanNames(engine, traceId)).toEqual(["GET /cart"]);
  const row = engine.openTrace({ traceId: traceId as TraceId })?.row[0] as SpanRow;
  expect(engine.readSpan({ row })).toMatchObject({
    traceId,
    spanId,
    parentSpanId: undefined,
    run: 2,
    service: "shop",
    scope: { name: "test", version: "1.2.3" },
    kind: "server",
    status: "error",
    statusMessage: "no stock",
    state: "ended",
    startTimeUnixNano: "1700000000000000001",
    durationNs: 1_000_000_001,
    attributes: [
      { key: "http.route", value: "/cart" },
      { key: "retries", value: 3 },
      { key: "ratio", value: 0.5 },
      { key: "cached", value: true },
      { key: "tags", value: { list: ["a", "b"] } },
    ],
    events: [{ name: "cache miss", offsetNs: 500_000, attributes: [{ key: "key", value: "cart:7" }] }],
  });
  expect(engine.state.rejectedCount).toBe(0);
});

test("metrics and logs of the SDK are taken and counted", async () => {
  const { engine, url } = await openTestEngine();
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }) }),
    ],
  });
  meters.getMeter("test").createHistogram("latency").record(12);
  await meters.forceFlush();
  await meters.shutdown();
  const logs = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/v1/logs` }) })],
  });
  logs.getLogger("test").emit({ body: "hello" });
  await logs.forceFlush();
  await logs.shutdown();
  expect(engine.state.metricRequests).toBeGreaterThanOrEqual(1);
  expect(engine.state.logRequests).toBe(1);
});
