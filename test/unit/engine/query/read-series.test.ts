import { expect, test } from "vitest";
import { readSeries } from "../../../../src/engine/query/read-series.ts";
import { listSeries } from "../../../../src/engine/query/select-series.ts";
import { SeriesStore } from "../../../../src/engine/store/series-store.ts";
import { BREAK_GAP, BREAK_RESET, type SeriesSamples } from "../../../../src/model/series.ts";
import { appendMetrics, at, labels, metricsBody } from "../otlp-metrics-request.ts";

function samplesOf(data: object): SeriesSamples | undefined {
  const store = new SeriesStore({ maxBytes: 1e9 });
  appendMetrics(store, metricsBody([{ name: "m", ...data }]));
  return readSeries(store, 0);
}

function point(seconds: number, more: object): object {
  return { timeUnixNano: at(seconds), ...more };
}

test("numbers come as doubles, with times to the nanosecond", () => {
  const samples = samplesOf({
    gauge: {
      dataPoints: [point(1.000000001, { asDouble: 0.5 }), point(2, { asInt: "-7" }), point(3, { flags: 1 })],
    },
  });
  expect(samples).toMatchObject({
    kind: "gauge",
    count: 3,
    timeNs: BigUint64Array.from([at(1.000000001), at(2), at(3)].map(BigInt)),
    startNs: new BigUint64Array(3),
    flags: Uint32Array.of(0, 0, 1),
    value: Float64Array.of(0.5, -7, Number.NaN),
    integers: undefined,
  });
});

test.each([
  [1, "delta"],
  [2, "cumulative"],
  [0, "unspecified"],
])(
  "a sum tells its temporality (%i: %s) and where its samples begin",
  (aggregationTemporality, temporality) => {
    const store = new SeriesStore({ maxBytes: 1e9 });
    const dataPoints = [
      point(1, { asInt: "1", startTimeUnixNano: at(0.000000001) }),
      point(2, { asInt: "2", startTimeUnixNano: at(1) }),
      point(3, { asInt: "3" }),
    ];
    const sum = { dataPoints, aggregationTemporality, isMonotonic: true };
    appendMetrics(store, metricsBody([{ name: "m", sum }]));
    expect(readSeries(store, 0)?.startNs).toEqual(
      BigUint64Array.of(BigInt(at(0.000000001)), BigInt(at(1)), 0n),
    );
    expect(listSeries(store, { name: "m", matchers: [] }, 1)).toMatchObject({
      value: { series: [{ temporality, monotonic: true }] },
    });
  },
);

test("integers that a double does not hold come exactly as well", () => {
  const dataPoints = [point(1, { asInt: "9007199254740993" }), point(2, { asInt: "-2" })];
  expect(samplesOf({ sum: { dataPoints } })).toMatchObject({
    kind: "sum",
    integers: BigInt64Array.of(9007199254740993n, -2n),
  });
});

test("buckets of a histogram come with their bounds", () => {
  const dataPoints = [
    point(1, { count: "3", sum: 4, bucketCounts: ["1", "2"], explicitBounds: [1] }),
    point(2, { count: "5", bucketCounts: ["1", "4"], explicitBounds: [1], min: 0.5, max: 8 }),
    point(3, { count: "1", bucketCounts: ["0", "0", "1"], explicitBounds: [1, 2] }),
  ];
  expect(samplesOf({ histogram: { dataPoints, aggregationTemporality: 1 } })).toMatchObject({
    kind: "histogram",
    observations: Float64Array.of(3, 5, 1),
    sum: Float64Array.of(4, Number.NaN, Number.NaN),
    min: Float64Array.of(Number.NaN, 0.5, Number.NaN),
    max: Float64Array.of(Number.NaN, 8, Number.NaN),
    bucketStart: Uint32Array.of(0, 2, 4, 7),
    bucketCounts: Float64Array.of(1, 2, 1, 4, 0, 0, 1),
    boundsOf: Uint32Array.of(0, 0, 1),
    bounds: [Float64Array.of(1), Float64Array.of(1, 2)],
  });
});

test("buckets of an exponential histogram come with scale and offsets", () => {
  const dataPoints = [
    point(1, {
      count: "6",
      scale: -1,
      zeroCount: "1",
      zeroThreshold: 0.25,
      positive: { offset: -3, bucketCounts: ["2", "1"] },
      negative: { offset: 4, bucketCounts: ["2"] },
    }),
  ];
  expect(samplesOf({ exponentialHistogram: { dataPoints } })).toMatchObject({
    kind: "exponentialHistogram",
    zeroCount: Float64Array.of(1),
    zeroThreshold: Float64Array.of(0.25),
    scale: Int32Array.of(-1),
    positive: { offset: Int32Array.of(-3), start: Uint32Array.of(0, 2), counts: Float64Array.of(2, 1) },
    negative: { offset: Int32Array.of(4), start: Uint32Array.of(0, 1), counts: Float64Array.of(2) },
  });
});

test("quantiles of a summary come with their values", () => {
  const quantileValues = [
    { quantile: 0, value: 1 },
    { quantile: 1, value: 9 },
  ];
  expect(
    samplesOf({ summary: { dataPoints: [point(1, { count: "4", sum: 12, quantileValues })] } }),
  ).toMatchObject({
    kind: "summary",
    observations: Float64Array.of(4),
    sum: Float64Array.of(12),
    quantileStart: Uint32Array.of(0, 2),
    quantiles: Float64Array.of(0, 1),
    values: Float64Array.of(1, 9),
  });
});

test("exemplars lead to spans", () => {
  const exemplars = [
    {
      timeUnixNano: at(0.5),
      asInt: "-4",
      traceId: new Array<number>(16).fill(0xab),
      spanId: new Array<number>(8).fill(0xcd),
      filteredAttributes: labels({ user: "7" }),
    },
    { asDouble: 1.5 },
  ];
  const none = { timeUnixNano: "0", traceId: undefined, spanId: undefined, attributes: [] };
  expect(samplesOf({ gauge: { dataPoints: [point(1, {}), point(2, { exemplars })] } })?.exemplars).toEqual([
    {
      sample: 1,
      timeUnixNano: at(0.5),
      value: -4,
      traceId: "ab".repeat(16),
      spanId: "cd".repeat(8),
      attributes: [{ key: "user", value: "7" }],
    },
    { ...none, sample: 1, value: 1.5 },
  ]);
});

const started = (seconds: number, value: number, start: number): object =>
  point(seconds, { asDouble: value, startTimeUnixNano: at(start) });
const unstarted = (seconds: number, value: number): object => point(seconds, { asDouble: value });

const histories: readonly (readonly [string, object, readonly number[]])[] = [
  [
    "a cumulative sum that goes on",
    {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [started(1, 1, 0), started(2, 1, 0), started(3, 5, 0)],
    },
    [0, 0, 0],
  ],
  [
    "one whose program was started again",
    {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [started(1, 1, 0), started(5, 3, 4), started(6, 4, 4)],
    },
    [0, BREAK_RESET | BREAK_GAP, 0],
  ],
  [
    "one that says no start and falls",
    {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [unstarted(1, 7), unstarted(2, 3), unstarted(3, 3)],
    },
    [0, BREAK_RESET, 0],
  ],
  [
    "one that may fall",
    { aggregationTemporality: 2, dataPoints: [unstarted(1, 7), unstarted(2, 3)] },
    [0, 0],
  ],
  [
    "deltas with a hole between them",
    {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: [started(1, 9, 0), started(2, 1, 1), started(9, 1, 8)],
    },
    [0, 0, BREAK_GAP],
  ],
  [
    "one that paused",
    {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [started(1, 9, 0), point(2, { flags: 1, startTimeUnixNano: at(0) }), started(3, 9, 0)],
    },
    [0, 0, BREAK_GAP],
  ],
];

test.each(histories)("resets and gaps show: %s", (_, sum, breaks) => {
  expect([...(samplesOf({ sum })?.breaks ?? [])]).toEqual(breaks);
});

test("a series that is not held has no samples", () => {
  expect(readSeries(new SeriesStore({ maxBytes: 1e6 }), 0)).toBeUndefined();
});
