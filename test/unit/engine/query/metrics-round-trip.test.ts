import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { rewriteMetricsJson } from "../../../../src/engine/decode/otlp-json-rewriter.ts";
import { encodeMetricsJson } from "../../../../src/engine/query/encode-metrics-json.ts";
import { encodeMetricsProtobuf } from "../../../../src/engine/query/encode-metrics-protobuf.ts";
import { SeriesStore } from "../../../../src/engine/store/series-store.ts";
import { appendMetrics, at, metricsBody, NO_ISSUES, pointsIn } from "../otlp-metrics-request.ts";
import { anyRequestOf, encodeAs } from "../otlp-signals-oracle.ts";

const NO_LIMIT = { maxBytes: 1e9 };

/** The same request in protobuf. */
function throughJson(json: Uint8Array): Uint8Array {
  const { body, ...issues } = rewriteMetricsJson(json);
  expect(issues).toEqual(NO_ISSUES);
  return body;
}

test("what was received is written again without loss, whatever it is", () => {
  fc.assert(
    fc.property(fc.array(anyRequestOf("MetricsRequest"), { maxLength: 3 }), (requests) => {
      const store = new SeriesStore(NO_LIMIT);
      const bodies = requests.map((request) => encodeAs("MetricsRequest", request));
      const expected = [...new Set(bodies.flatMap(pointsIn))].sort();
      for (const body of bodies) appendMetrics(store, body);
      const { protobuf, sampleCount } = encodeMetricsProtobuf(store);
      expect(pointsIn(protobuf)).toEqual(expected);
      const inJson = encodeMetricsJson(store);
      expect(pointsIn(throughJson(inJson.json))).toEqual(expected);
      expect(inJson.sampleCount).toBe(sampleCount);
      expect([sampleCount, store.sampleCount]).toEqual([expected.length, expected.length]);
    }),
    { numRuns: 100 },
  );
});

/** Numbers as programs have them, among them such as are hard to keep. */
const anyDouble = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1000, max: 1_000_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: -99_999, max: 99_999 }).map((n) => n / 100) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 2 ** 53 + 2, 0.1 + 0.2, 5e-324) },
);
const anyCount = fc.oneof(
  { weight: 6, arbitrary: fc.nat(1000).map(String) },
  { weight: 1, arbitrary: fc.constantFrom("18446744073709551615", "9007199254740993", "4294967296") },
);
const anyStep = fc.oneof(
  { weight: 5, arbitrary: fc.constant(10) },
  { weight: 3, arbitrary: fc.double({ min: 9, max: 11, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -30, 3600) },
);
const anyBuckets = fc.record({
  offset: fc.integer({ min: -3, max: 3 }),
  bucketCounts: fc.array(anyCount, { maxLength: 5 }),
});

const seriesOf: Readonly<Record<string, fc.Arbitrary<object>>> = {
  "gauge of doubles": fc.record({ asDouble: anyDouble }),
  "gauge of integers": fc.record({
    asInt: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  }),
  "gauge of both, and of nothing": fc.oneof(
    fc.record({ asDouble: anyDouble }),
    fc.record({ asInt: fc.integer().map(String) }),
    fc.record({ flags: fc.constant(1) }),
  ),
  sum: fc.record({
    asInt: anyCount.filter((count) => count.length < 19),
    startTimeUnixNano: fc.constantFrom(at(0), at(5)),
  }),
  histogram: fc.record(
    {
      count: anyCount,
      sum: anyDouble,
      min: anyDouble,
      max: anyDouble,
      bucketCounts: fc.array(anyCount, { minLength: 4, maxLength: 4 }),
      explicitBounds: fc.constantFrom([1, 2.5, 10], [1, 2, 4]),
    },
    { requiredKeys: ["count"] },
  ),
  exponentialHistogram: fc.record(
    {
      count: anyCount,
      sum: anyDouble,
      scale: fc.integer({ min: -2, max: 2 }),
      zeroCount: anyCount,
      zeroThreshold: fc.constantFrom(0, 1e-6),
      positive: anyBuckets,
      negative: anyBuckets,
    },
    { requiredKeys: ["count"] },
  ),
  summary: fc.record({
    count: anyCount,
    sum: anyDouble,
    quantileValues: fc.tuple(anyDouble, anyDouble).map(([median, most]) => [
      { quantile: 0.5, value: median },
      { quantile: 0.99, value: most },
    ]),
  }),
};

test.each(Object.entries(seriesOf))("a long series comes back whole: %s", (name, anyPoint) => {
  const kind = name.split(" ")[0] ?? "";
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyStep, anyPoint), { minLength: 1, maxLength: 200, size: "max" }),
      fc.constantFrom(1, 2),
      (steps, aggregationTemporality) => {
        let seconds = 0;
        const dataPoints = steps.map(([step, point]) => ({ timeUnixNano: at((seconds += step)), ...point }));
        const data = ["gauge", "summary"].includes(kind)
          ? { dataPoints }
          : { dataPoints, aggregationTemporality };
        const body = metricsBody([{ name: "m", [kind]: data }]);
        const expected = pointsIn(body);
        const store = new SeriesStore(NO_LIMIT);
        appendMetrics(store, body);
        expect(pointsIn(encodeMetricsProtobuf(store).protobuf)).toEqual(expected);
      },
    ),
    { numRuns: 6 },
  );
});

const example = new URL("../../../../../shared/conformance/otlp/metrics.json", import.meta.url);

test.skipIf(!existsSync(example))(
  "the specification's own example comes back whole (skipped without ../shared/conformance)",
  () => {
    const json = readFileSync(example);
    const store = new SeriesStore(NO_LIMIT);
    appendMetrics(store, throughJson(json));
    expect(store.sampleCount).toBe(4);
    const again = JSON.parse(Buffer.from(encodeMetricsJson(store).json).toString()) as object;
    expect(withoutZeros(again)).toEqual(withoutZeros(JSON.parse(json.toString()) as object));
  },
);

/** Numbers that need not be written, since they are what is left out. */
function withoutZeros(value: object): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) =>
      key === "scale" || key === "zeroThreshold" ? undefined : inner,
    ),
  );
}
