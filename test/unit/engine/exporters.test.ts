import { Metadata } from "@grpc/grpc-js";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
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

test.each([
  ["cumulative", AggregationTemporality.CUMULATIVE],
  ["delta", AggregationTemporality.DELTA],
])("%s metrics of the SDK are kept, of every kind of instrument", async (_, temporality) => {
  const { engine, url } = await openTestEngine();
  engine.openSession({ sessionId: SESSION, run: 2 as RunNumber });
  const exporter = new OTLPMetricExporter({
    url: `${url}/s/${SESSION}/v1/metrics`,
    temporalityPreference: temporality as never,
  });
  const meters = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
    views: [{ instrumentName: "sizes", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = meters.getMeter("test", "1.2.3");
  meter.createObservableGauge("load", { unit: "1" }).addCallback((result) => {
    result.observe(0.5, { cpu: 0 });
  });
  const counter = meter.createCounter("requests", { description: "Requests that were answered." });
  const latency = meter.createHistogram("latency", {
    unit: "ms",
    advice: { explicitBucketBoundaries: [10, 100] },
  });
  const sizes = meter.createHistogram("sizes");
  for (let round = 0; round < 3; round++) {
    counter.add(2, { route: "/cart" });
    latency.record(12);
    sizes.record(2 ** round);
    await meters.forceFlush();
  }
  await meters.shutdown();

  const listed = engine.listSeries({ selector: { matchers: [], run: 2 as RunNumber }, limit: 10 });
  const series = (listed.ok ? [...listed.value.series] : []).sort((a, b) => (a.name < b.name ? -1 : 1));
  const temporalityName = temporality === AggregationTemporality.DELTA ? "delta" : "cumulative";
  const common = { run: 2, service: "shop", temporality: temporalityName };
  expect(series).toMatchObject([
    { ...common, name: "latency", kind: "histogram", unit: "ms" },
    { name: "load", kind: "gauge", unit: "1" },
    {
      ...common,
      name: "requests",
      kind: "sum",
      monotonic: true,
      description: "Requests that were answered.",
    },
    { ...common, name: "sizes", kind: "exponentialHistogram" },
  ]);
  expect(series[2]?.labels).toEqual([
    ["resource.service.name", "shop"],
    ["scope.name", "test"],
    ["scope.version", "1.2.3"],
    ["route", "/cart"],
  ]);
  const [latencies, load, requests, exponential] = series.map(({ number }) => engine.readSeries({ number }));
  const isDelta = temporalityName === "delta";
  // What the SDK adds when it shuts down is the same once more, or nothing.
  expect(requests?.kind === "sum" ? [...requests.value.slice(0, 3)] : []).toEqual(
    isDelta ? [2, 2, 2] : [2, 4, 6],
  );
  expect(latencies).toMatchObject({ kind: "histogram", bounds: [Float64Array.of(10, 100)] });
  expect(latencies?.kind === "histogram" ? [...latencies.bucketCounts.slice(0, 3)] : []).toEqual([0, 1, 0]);
  expect(exponential?.kind === "exponentialHistogram" ? [...exponential.sum.slice(0, 3)] : []).toEqual(
    isDelta ? [1, 2, 4] : [1, 3, 7],
  );
  expect(load?.kind === "gauge" ? load.value[0] : undefined).toBe(0.5);
  expect([...(requests?.breaks ?? [])].every((one) => one === 0)).toBe(true);
});

test("logs of the SDK are kept", async () => {
  const { engine, url } = await openTestEngine();
  const logs = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/v1/logs` }) })],
  });
  logs.getLogger("test").emit({ body: "hello" });
  await logs.forceFlush();
  await logs.shutdown();
  expect(engine.state.logRecordCount).toBe(1);
});
