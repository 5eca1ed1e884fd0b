import { expect, test } from "vitest";
import { decodeLogsProtobuf } from "../../../../src/engine/decode/otlp-logs-protobuf.ts";
import { decodeMetricsProtobuf } from "../../../../src/engine/decode/otlp-metrics-protobuf.ts";
import { decodeTracesProtobuf } from "../../../../src/engine/decode/otlp-protobuf.ts";
import {
  rewriteLogsJson,
  rewriteMetricsJson,
  rewriteTracesJson,
} from "../../../../src/engine/decode/otlp-json-rewriter.ts";
import { encodeTracesJson } from "../../../../src/engine/query/encode-json.ts";
import { encodeLogsJson } from "../../../../src/engine/query/encode-logs-json.ts";
import { encodeLogsProtobuf } from "../../../../src/engine/query/encode-logs-protobuf.ts";
import { encodeMetricsJson } from "../../../../src/engine/query/encode-metrics-json.ts";
import { encodeMetricsProtobuf } from "../../../../src/engine/query/encode-metrics-protobuf.ts";
import { encodeTracesProtobuf } from "../../../../src/engine/query/encode-protobuf.ts";
import { LogStore } from "../../../../src/engine/store/log-store.ts";
import { SeriesStore } from "../../../../src/engine/store/series-store.ts";
import { SpanStore } from "../../../../src/engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN } from "../../../../src/model/ids.ts";
import { LogBatch } from "../../../../src/model/log-batch.ts";
import { MetricBatch } from "../../../../src/model/metric-batch.ts";
import { SpanBatch } from "../../../../src/model/span-batch.ts";
import { asRead, encodeAs, type Plain, type RequestName } from "../otlp-signals-oracle.ts";

const FROM = { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" } as const;
const bytes = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const at = (seconds: number): string => String(1_700_000_000_000_000_000n + BigInt(seconds) * 1_000_000_000n);

const values: Readonly<Record<string, object>> = {
  text: { stringValue: "héllo" },
  "empty text": { stringValue: "" },
  "a boolean": { boolValue: false },
  "an integer": { intValue: "-9223372036854775808" },
  "a double": { doubleValue: 0.1 },
  "minus zero": { doubleValue: -0 },
  bytes: { bytesValue: [0, 255, 7] },
  "a list of lists": { arrayValue: { values: [{ arrayValue: { values: [{ intValue: "1" }] } }, {}] } },
  "a map": { kvlistValue: { values: [{ key: "a", value: { kvlistValue: { values: [] } } }] } },
  nothing: {},
};
const attributes = Object.entries(values).map(([key, value]) => ({ key, value }));

/** All that can be said around items. */
const resource = {
  attributes,
  droppedAttributesCount: 3,
  entityRefs: [
    {
      schemaUrl: "https://example.test/entities/1",
      type: "service",
      idKeys: ["service.name"],
      descriptionKeys: ["a"],
    },
    { type: "host", idKeys: ["host.id", "b"] },
  ],
};
const scope = { name: "lib", version: "1.2.0", attributes, droppedAttributesCount: 4 };
const schemas = { schemaUrl: "https://example.test/schemas/1" };
const scopeSchemas = { schemaUrl: "https://example.test/schemas/2" };

const exemplars = [
  {
    filteredAttributes: attributes,
    timeUnixNano: at(1),
    asInt: "-3",
    spanId: bytes(8, 2),
    traceId: bytes(16, 3),
  },
  { timeUnixNano: at(2), asDouble: 2.5 },
];
const point = { attributes, startTimeUnixNano: at(0), timeUnixNano: at(10), exemplars };
const noValue = { attributes, startTimeUnixNano: at(0), timeUnixNano: at(20), flags: 1 };
const DELTA = 1;
const CUMULATIVE = 2;
const histogram = {
  ...point,
  count: "18446744073709551615",
  sum: 12.5,
  bucketCounts: ["1", "0", "18446744073709551614"],
  explicitBounds: [0.5, 10],
  min: -1,
  max: 11,
};
const exponential = {
  ...point,
  count: "6",
  sum: 12.5,
  scale: -3,
  zeroCount: "1",
  zeroThreshold: 0.001,
  positive: { offset: -2, bucketCounts: ["1", "2"] },
  negative: { offset: 5, bucketCounts: ["2"] },
  min: -1,
  max: 11,
};

const data: Readonly<Record<string, object>> = {
  "a gauge of both kinds of numbers, and of none": {
    gauge: {
      dataPoints: [{ ...point, asDouble: 0.5 }, { ...point, timeUnixNano: at(15), asInt: "-7" }, noValue],
    },
  },
  "a delta sum": {
    sum: {
      dataPoints: [{ ...point, asInt: "5" }, noValue],
      aggregationTemporality: DELTA,
      isMonotonic: true,
    },
  },
  "a cumulative sum that begins anew, and one that may fall": {
    sum: {
      dataPoints: [
        { ...point, asInt: "50" },
        { ...point, startTimeUnixNano: at(12), timeUnixNano: at(20), asInt: "2" },
        { ...point, startTimeUnixNano: "0", timeUnixNano: at(40), asInt: "1" },
      ],
      aggregationTemporality: CUMULATIVE,
    },
  },
  "a delta histogram": { histogram: { dataPoints: [histogram, noValue], aggregationTemporality: DELTA } },
  "a cumulative histogram without sum and buckets": {
    histogram: { dataPoints: [{ ...point, count: "4" }], aggregationTemporality: CUMULATIVE },
  },
  "an exponential histogram": {
    exponentialHistogram: { dataPoints: [exponential, noValue], aggregationTemporality: CUMULATIVE },
  },
  "a summary": {
    summary: {
      dataPoints: [
        {
          attributes,
          startTimeUnixNano: at(0),
          timeUnixNano: at(10),
          count: "4",
          sum: 3.5,
          quantileValues: [{ value: 1 }, { quantile: 0.5, value: 2 }, { quantile: 1, value: 9 }],
        },
        noValue,
      ],
    },
  },
};

const span = {
  traceId: bytes(16, 1),
  spanId: bytes(8, 2),
  traceState: "a=b",
  parentSpanId: bytes(8, 3),
  flags: 0x301,
  name: "GET /",
  kind: 2,
  startTimeUnixNano: at(1),
  endTimeUnixNano: at(2),
  attributes,
  droppedAttributesCount: 1,
  events: [{ timeUnixNano: at(1), name: "retry", attributes, droppedAttributesCount: 2 }],
  droppedEventsCount: 3,
  links: [
    {
      traceId: bytes(16, 4),
      spanId: bytes(8, 5),
      traceState: "c=d",
      attributes,
      droppedAttributesCount: 6,
      flags: 0x100,
    },
  ],
  droppedLinksCount: 7,
  status: { message: "broken", code: 2 },
};

const log = {
  timeUnixNano: at(1),
  observedTimeUnixNano: at(2),
  severityNumber: 17,
  severityText: "ERROR",
  attributes,
  droppedAttributesCount: 5,
  flags: 1,
  traceId: bytes(16, 1),
  spanId: bytes(8, 2),
  eventName: "payment.failed",
};

/** What was written of a request after it was stored, in protobuf and, rewritten, in JSON. */
type Journey = (body: Uint8Array) => readonly [protobuf: Uint8Array, throughJson: Uint8Array];

const traces: Journey = (body) => {
  const store = new SpanStore({ maxBytes: 1e9 });
  const batch = new SpanBatch();
  decodeTracesProtobuf(body, batch);
  store.append(batch, FROM);
  return [encodeTracesProtobuf(store).protobuf, rewriteTracesJson(encodeTracesJson(store).json).body];
};

const metrics: Journey = (body) => {
  const store = new SeriesStore({ maxBytes: 1e9 });
  const batch = new MetricBatch();
  decodeMetricsProtobuf(body, batch);
  store.append(batch, FROM);
  return [encodeMetricsProtobuf(store).protobuf, rewriteMetricsJson(encodeMetricsJson(store).json).body];
};

const logs: Journey = (body) => {
  const store = new LogStore({ maxBytes: 1e9 });
  const batch = new LogBatch();
  decodeLogsProtobuf(body, batch);
  store.append(batch, FROM);
  return [encodeLogsProtobuf(store).protobuf, rewriteLogsJson(encodeLogsJson(store).json).body];
};

const cases: readonly (readonly [title: string, name: RequestName, journey: Journey, request: Plain])[] = [
  [
    "a span",
    "Request",
    traces,
    { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span], ...scopeSchemas }], ...schemas }] },
  ],
  ...Object.entries(data).map(([title, ofKind]) => {
    const metric = { name: "m", description: "what it is", unit: "ms", metadata: attributes, ...ofKind };
    const scopeMetrics = [{ scope, metrics: [metric], ...scopeSchemas }];
    return [
      title,
      "MetricsRequest",
      metrics,
      { resourceMetrics: [{ resource, scopeMetrics, ...schemas }] },
    ] as const;
  }),
  ...Object.entries(values).map(([kind, body]) => {
    const scopeLogs = [{ scope, logRecords: [{ ...log, body }], ...scopeSchemas }];
    return [
      `a log record whose body is ${kind}`,
      "LogsRequest",
      logs,
      { resourceLogs: [{ resource, scopeLogs, ...schemas }] },
    ] as const;
  }),
];

/** Of data points the attributes are a set: their order tells nothing. */
function withoutOrder(name: RequestName, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => withoutOrder(name, inner));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Plain).map(([key, inner]) => [
      key,
      name === "MetricsRequest" && key === "attributes"
        ? (inner as { key: string }[]).toSorted((a, b) => (a.key < b.key ? -1 : 1))
        : withoutOrder(name, inner),
    ]),
  );
}

test.each(cases)("all that OTLP lets a sender say comes back: %s", (_, name, journey, request) => {
  const body = encodeAs(name, request);
  const sent = withoutOrder(name, asRead(name, body));
  for (const written of journey(body)) expect(withoutOrder(name, asRead(name, written))).toEqual(sent);
  // The oracle itself has read what was meant.
  expect(JSON.stringify(sent)).toContain("https://example.test/entities/1");
});
