import assert from "node:assert/strict";
import { rewriteMetricsJson } from "../../src/engine/decode/otlp-json-rewriter.ts";
import { bothIssues } from "../../src/engine/decode/otlp-json.ts";
import { decodeMetricsProtobuf } from "../../src/engine/decode/otlp-metrics-protobuf.ts";
import { encodeMetricsProtobuf } from "../../src/engine/query/encode-metrics-protobuf.ts";
import { readSeries } from "../../src/engine/query/read-series.ts";
import { SeriesStore } from "../../src/engine/store/series-store.ts";
import { MetricBatch } from "../../src/model/metric-batch.ts";
import type { DecodeIssues } from "../../src/model/span-batch.ts";
import { encodeAs, toJson, type Plain } from "../unit/engine/otlp-signals-oracle.ts";
import { AROUND_JSON, isJson } from "./decode-targets.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { mutatedJson } from "./mutate-json.ts";
import { fieldOf, mutateProtobuf } from "./mutate-protobuf.ts";
import type { Random } from "./random.ts";
import { fateOf, FROM_OUTSIDE, readingTarget, type Signal } from "./reading-target.ts";
import type { Target } from "./target.ts";

const attributes = [{ key: "http.route", value: { stringValue: "/cart" } }];
const exemplars = [
  {
    asDouble: 0.5,
    traceId: new Array<number>(16).fill(1),
    spanId: new Array<number>(8).fill(2),
    filteredAttributes: attributes,
  },
];

function common(n: number): object {
  return {
    timeUnixNano: String(1_700_000_000_000_000_000n + BigInt(n) * 10_000_000_003n),
    startTimeUnixNano: "1700000000000000000",
    attributes,
  };
}

function points(pointOf: (n: number) => object): object {
  return { aggregationTemporality: 2, dataPoints: [1, 2, 3].map((n) => ({ ...common(n), ...pointOf(n) })) };
}

const POINTS: Readonly<Record<string, object>> = {
  gauge: points((n) => ({ asDouble: n / 10, exemplars, flags: n % 2 })),
  sum: { ...points((n) => ({ asInt: String(n) })), isMonotonic: true },
  histogram: points((n) => ({
    count: "3",
    sum: n,
    min: 0,
    max: n,
    bucketCounts: ["1", String(n), "0"],
    explicitBounds: [1, 2],
    exemplars,
  })),
  exponentialHistogram: points((n) => ({
    count: "9",
    sum: n,
    scale: 3 - n,
    zeroCount: "1",
    positive: { offset: n, bucketCounts: ["1", "2"] },
    negative: { offset: -n, bucketCounts: ["4"] },
  })),
  summary: points((n) => ({ count: "2", sum: n, quantileValues: [{ quantile: 0.5, value: n }] })),
};

function requestOf(metrics: readonly object[]): Plain {
  return {
    resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: { name: "m" }, metrics }] }],
  };
}

const EACH = Object.entries(POINTS).map(([kind, data]) =>
  encodeAs("MetricsRequest", requestOf([{ name: kind, unit: "ms", metadata: attributes, [kind]: data }])),
);
const ALL = encodeAs(
  "MetricsRequest",
  requestOf(Object.entries(POINTS).map(([kind, data]) => ({ name: kind, [kind]: data }))),
);

const BODIES = [...EACH, ALL];
const JSON_BODIES = Object.entries(POINTS).map(([kind, data]) =>
  JSON.stringify(toJson("MetricsRequest", requestOf([{ name: kind, metadata: attributes, [kind]: data }]))),
);

/** A data point of each kind, and the tag of the data that it belongs into. */
const DATA_POINTS = EACH.map((body, index) => ({
  tag: [0x2a, 0x3a, 0x4a, 0x52, 0x5a][index] ?? 0x2a,
  point: firstPointOf(body),
}));

function firstPointOf(body: Uint8Array): Uint8Array {
  // Request, ResourceMetrics, ScopeMetrics, Metric, its data, the first data point: each the first field of its tag.
  let bytes = body;
  for (const tags of [[0x0a], [0x12], [0x12], [0x2a, 0x3a, 0x4a, 0x52, 0x5a], [0x0a]])
    bytes = firstField(bytes, tags);
  return bytes;
}

function firstField(bytes: Uint8Array, tags: readonly number[]): Uint8Array {
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at++] ?? 0;
    let length = 0;
    if ((tag & 7) !== 2) return new Uint8Array(0);
    for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
      byte = bytes[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
    }
    if (tags.includes(tag)) return bytes.slice(at, at + length);
    at += length;
  }
  return new Uint8Array(0);
}

/** Bodies of metrics, damaged: what can be read is kept and comes out again, and a bad data point costs itself. */
export function metricsTargets(): readonly Target[] {
  return [
    readingTarget(METRICS, {
      name: "metrics, protobuf",
      make: anyMetrics,
      decode: decodeMetricsProtobuf,
      around: [0x00, 0xff],
    }),
    readingTarget(METRICS, {
      name: "metrics, JSON",
      make: anyMetricsJson,
      decode: decodeMetricsJson,
      around: AROUND_JSON,
      check(input, { malformed }) {
        if (!isJson(input)) assert.ok(malformed, "what is no JSON is malformed");
      },
    }),
    {
      name: "data points beside a damaged one",
      make(random) {
        const { tag, point } = random.pick(DATA_POINTS);
        const mutated = random.chance(0.5) ? mutateProtobuf(point, random) : mutateBytes(point, random);
        return joined(Uint8Array.of(tag), mutated);
      },
      check(input) {
        const tag = input[0] ?? 0;
        const { point: sound } = DATA_POINTS.find((one) => one.tag === tag) ?? { point: new Uint8Array(0) };
        const data = joined(...[sound, input.subarray(1), sound].map((point) => fieldOf(0x0a, point)));
        const { issues, batch } = decoded(fieldOf(0x0a, fieldOf(0x12, fieldOf(0x12, fieldOf(tag, data)))));
        assert.equal(issues.malformed, false, "a bad data point costs itself only");
        assert.equal(batch.count + issues.rejectedCount, 3, "every data point is kept or counted");
        assert.ok(batch.count >= 2, "the data points around are kept");
        return fateOf(issues);
      },
    },
  ];
}

export function anyMetricsJson(random: Random): Uint8Array {
  return mutatedJson(random.pick(JSON_BODIES), random, JSON_BODIES);
}

export function anyMetrics(random: Random): Uint8Array {
  let body = random.pick(BODIES);
  if (random.chance(0.7)) for (let n = random.below(3); n >= 0; n--) body = mutateProtobuf(body, random);
  return random.chance(0.4) ? mutateBytes(body, random, ALL) : body;
}

/** As metric-ingest.ts does. */
function decodeMetricsJson(body: Uint8Array, into: MetricBatch): DecodeIssues {
  const rewritten = rewriteMetricsJson(body);
  return bothIssues(rewritten, decodeMetricsProtobuf(rewritten.body, into));
}

interface Decoded {
  readonly batch: MetricBatch;
  readonly issues: DecodeIssues;
}

const BATCH = new MetricBatch();

function decoded(body: Uint8Array, batch = BATCH): Decoded {
  return { batch, issues: decodeMetricsProtobuf(body, batch) };
}

const METRICS: Signal<MetricBatch, SeriesStore> = {
  newBatch: () => new MetricBatch(),
  newStore: () => new SeriesStore({ maxBytes: 1e9 }),
  decode: decodeMetricsProtobuf,
  append(store, batch) {
    const { addedCount, duplicateCount } = store.append(batch, FROM_OUTSIDE);
    assert.equal(addedCount + duplicateCount, batch.count, "every data point is kept or known");
  },
  encode(store) {
    let sampleCount = 0;
    for (const { number } of store.all) sampleCount += readSeries(store, number)?.count ?? 0;
    assert.equal(sampleCount, store.sampleCount, "every sample is read");
    return encodeMetricsProtobuf(store).protobuf;
  },
};
