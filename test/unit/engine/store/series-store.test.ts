import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { readSeries } from "../../../../src/engine/query/read-series.ts";
import { listSeries, selectSeries } from "../../../../src/engine/query/select-series.ts";
import { encodeMetricsProtobuf } from "../../../../src/engine/query/encode-metrics-protobuf.ts";
import { decodeMetricsProtobuf } from "../../../../src/engine/decode/otlp-metrics-protobuf.ts";
import { SeriesStore } from "../../../../src/engine/store/series-store.ts";
import { MetricBatch } from "../../../../src/model/metric-batch.ts";
import type { RunNumber } from "../../../../src/model/ids.ts";
import type { LabelMatcher, SeriesSelector } from "../../../../src/model/series.ts";
import {
  appendMetrics,
  at,
  gaugeOf,
  labels,
  metricsBody,
  OUTSIDE,
  pointsIn,
} from "../otlp-metrics-request.ts";

function storeOf(maxBytes = 1e9): SeriesStore {
  return new SeriesStore({ maxBytes });
}

function pointAt(seconds: number, asDouble: number, more: object = {}): object {
  return { timeUnixNano: at(seconds), asDouble, ...more };
}

function body(...seconds: readonly number[]): Uint8Array {
  return metricsBody([gaugeOf("m", ...seconds.map((second) => pointAt(second, second)))]);
}

/** The seconds of the samples of a series, in the order in which they are read. */
function secondsOf(store: SeriesStore, number = 0, from?: bigint, to?: bigint): number[] {
  const { count, timeLow, timeHigh } = store.samplesOf(number, from, to);
  return Array.from({ length: count }, (_, i) =>
    Number(((BigInt(timeHigh[i] ?? 0) << 32n) + BigInt(timeLow[i] ?? 0) - BigInt(at(0))) / 1_000_000_000n),
  );
}

describe("a series", () => {
  it("is a metric of one resource and scope with a set of attributes, whatever their order", () => {
    const store = storeOf();
    const abc = labels({ a: "1", b: "2", c: "3" });
    const point = (seconds: number, attributes: readonly object[]): object =>
      pointAt(seconds, 1, { attributes });
    appendMetrics(store, metricsBody([gaugeOf("m", point(1, abc), point(2, [...abc].reverse()))]));
    expect(store.seriesCount).toBe(1);
    const others = [
      metricsBody([gaugeOf("m", point(3, abc.slice(1)))]),
      metricsBody([gaugeOf("other", point(3, abc))]),
      metricsBody([{ ...gaugeOf("m", point(3, abc)), unit: "s" }]),
      metricsBody([{ name: "m", sum: { dataPoints: [point(3, abc)] } }]),
      metricsBody([{ name: "m", sum: { dataPoints: [point(3, abc)], isMonotonic: true } }]),
      metricsBody([{ name: "m", sum: { dataPoints: [point(3, abc)], aggregationTemporality: 1 } }]),
      metricsBody([gaugeOf("m", point(3, abc))], "cart"),
    ];
    for (const [index, other] of others.entries()) {
      appendMetrics(store, other);
      expect(store.seriesCount).toBe(index + 2);
    }
    appendMetrics(store, metricsBody([gaugeOf("m", point(3, abc))]), { ...OUTSIDE, run: 2 as RunNumber });
    expect(store.seriesCount).toBe(others.length + 2);
  });

  it("has many chunks without a gap between them", () => {
    const store = storeOf();
    const seconds = Array.from({ length: 1000 }, (_, i) => i);
    appendMetrics(store, body(...seconds));
    expect(store.get(0)?.chunks.length).toBeGreaterThan(3);
    expect(secondsOf(store)).toEqual(seconds);
    expect(secondsOf(store, 0, BigInt(at(300)), BigInt(at(303)))).toEqual([300, 301, 302, 303]);
    expect(secondsOf(store, 0, BigInt(at(999)))).toEqual([999]);
    expect(secondsOf(store, 0, undefined, BigInt(at(1)))).toEqual([0, 1]);
    expect(secondsOf(store, 0, BigInt(at(2000)))).toEqual([]);
  });

  it("is read in the order of time, in whatever order it came", () => {
    const store = storeOf();
    for (const seconds of [[5, 6, 7], [1, 9, 3], [2], [8]]) appendMetrics(store, body(...seconds));
    expect(secondsOf(store)).toEqual([1, 2, 3, 5, 6, 7, 8, 9]);
  });
});

describe("a sample that is sent again", () => {
  it("is dropped, the last one and those of long ago, in order and late ones", () => {
    const store = storeOf();
    const bodies = [[1, 2, 3], Array.from({ length: 500 }, (_, i) => i + 10), [5, 4]].map((seconds) =>
      body(...seconds),
    );
    for (const one of bodies) expect(appendMetrics(store, one.slice()).duplicateCount).toBe(0);
    for (const one of bodies) {
      const { addedCount, duplicateCount } = appendMetrics(store, one.slice());
      expect([addedCount, duplicateCount > 0]).toEqual([0, true]);
    }
    expect(store.sampleCount).toBe(505);
  });

  it.each([
    ["value", { asDouble: 2 }],
    ["start", { startTimeUnixNano: at(0) }],
    ["flags", { flags: 2 }],
    ["exemplars", { exemplars: [{ asDouble: 1 }] }],
  ])("with another %s is kept", (_, difference) => {
    const store = storeOf();
    appendMetrics(store, metricsBody([gaugeOf("m", pointAt(1, 1), pointAt(1, 1, difference))]));
    expect(store.sampleCount).toBe(2);
  });

  it("does not take long to tell, even if all of a large request is for one moment", () => {
    const store = storeOf();
    const points = Array.from({ length: 5000 }, (_, i) => pointAt(1, i));
    const request = metricsBody([gaugeOf("m", ...points)]);
    const before = process.cpuUsage();
    appendMetrics(store, request);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
    expect(store.sampleCount).toBe(5000);
  });
});

test("series keep their own samples, whether times are shared, in whatever order series, times and requests come", () => {
  const request = fc.record({
    second: fc.nat(40),
    sharing: fc.constantFrom("all", "none", "some"),
    series: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 8 }),
    turned: fc.boolean(),
  });
  /** The attributes of a series, which a sender may order as it likes. */
  const attributes = (id: number, turned: boolean): object[] => {
    const all = labels({ id: String(id), route: `/items/${id % 3}` });
    return turned ? all.reverse() : all;
  };
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), fc.integer({ min: 1, max: 60 }), (requests, count) => {
      const store = storeOf();
      const sent = new Map<string, Set<number>>();
      for (const { second, sharing, series, turned } of requests) {
        const points = series.map((id, place) => {
          const own = sharing === "none" || (sharing === "some" && place % 2 === 0) ? place + 1 : 0;
          const seconds = second * 10 + own;
          const known = sent.get(String(id)) ?? new Set();
          sent.set(String(id), known.add(seconds));
          return pointAt(seconds, seconds * id, { attributes: attributes(id, turned) });
        });
        const one = metricsBody([gaugeOf("m", ...points)]);
        for (let time = 0; time < count % 3; time++) appendMetrics(store, one.slice());
        appendMetrics(store, one);
      }
      expect(store.seriesCount).toBe(sent.size);
      for (const series of store.all) {
        const id = new Map(store.labelsOf(series)).get("id") ?? "";
        const expected = [...(sent.get(id) ?? [])].sort((a, b) => a - b);
        expect(secondsOf(store, series.number)).toEqual(expected);
        const value = Float64Array.from(expected, (seconds) => seconds * Number(id));
        expect(readSeries(store, series.number)).toMatchObject({ value });
      }
      store.clear();
      expect(store.bytes).toBeLessThanOrEqual(storeOf().bytes);
    }),
    { numRuns: 100 },
  );
});

test("times that are shared are given back with the samples that have them", () => {
  const round = (second: number): Uint8Array =>
    metricsBody([
      gaugeOf(
        "m",
        ...Array.from({ length: 8 }, (_, i) => pointAt(second, 1, { attributes: labels({ id: String(i) }) })),
      ),
    ]);
  const bytesAfter = (rounds: number): number => {
    const emptied = storeOf();
    for (let second = 0; second < rounds; second++) appendMetrics(emptied, round(second));
    emptied.setMaxBytes(1);
    expect([emptied.sampleCount, emptied.evictedCount]).toEqual([0, rounds * 8]);
    return emptied.bytes;
  };
  // Three thousand times are 24,000 bytes.
  expect(bytesAfter(3000)).toBeLessThan(bytesAfter(300) + 5000);
});

describe("the bound", () => {
  const wide = (round: number): Uint8Array =>
    metricsBody([
      gaugeOf(
        "m",
        ...Array.from({ length: 100 }, (_, i) =>
          pointAt(round, Math.sin(round * i + 0.1), { attributes: labels({ id: `series ${i}` }) }),
        ),
      ),
    ]);

  it("is kept by the chunks that were not written to for the longest time, which are counted", () => {
    const store = storeOf(1 << 19);
    for (let round = 0; round < 400; round++) appendMetrics(store, wide(round));
    expect(store.bytes).toBeLessThanOrEqual(1 << 19);
    expect(store.evictedCount).toBeGreaterThan(0);
    expect(store.sampleCount + store.evictedCount).toBe(400 * 100);
    const oldest = Math.min(...secondsOf(store, [...store.all][0]?.number));
    expect(store.evictedUntilMs).toBeGreaterThanOrEqual(1_700_000_000_000);
    expect(oldest).toBeGreaterThan(0);
    expect(Math.max(...secondsOf(store, [...store.all][0]?.number))).toBe(399);
  });

  it("lets series go whose samples have all left, and forgets their labels", () => {
    const store = storeOf(1 << 20);
    for (let n = 0; n < 1500; n++)
      appendMetrics(
        store,
        metricsBody([gaugeOf(`m${n}`, pointAt(n, n, { attributes: labels({ id: String(n) }) }))]),
      );
    expect(store.bytes).toBeLessThanOrEqual(1 << 20);
    expect(store.seriesCount).toBeLessThan(1000);
    expect(store.index.valuesOf("id").length).toBe(store.seriesCount);
    expect(listSeries(store, { name: "m0", matchers: [] }, 10)).toEqual({
      ok: true,
      value: { series: [], matchingCount: 0 },
    });
    expect(listSeries(store, { name: "m1499", matchers: [] }, 10)).toMatchObject({
      value: { matchingCount: 1 },
    });
  });

  it("can be made smaller", () => {
    const store = storeOf();
    for (let round = 0; round < 20; round++) appendMetrics(store, wide(round));
    store.setMaxBytes(store.bytes / 2);
    expect(store.bytes).toBeLessThanOrEqual(store.maxBytes);
    expect(store.evictedCount).toBeGreaterThan(0);
    // What is left is whole.
    expect(pointsIn(encodeMetricsProtobuf(store).protobuf)).toHaveLength(store.sampleCount);
  });
});

test("clearing leaves nothing, and does not count as leaving", () => {
  const store = storeOf();
  appendMetrics(store, body(1, 2, 3));
  const { version } = store;
  store.clear();
  expect([store.seriesCount, store.sampleCount, store.evictedCount]).toEqual([0, 0, 0]);
  expect(store.version).toBeGreaterThan(version);
  expect([store.index.names, [...store.all]]).toEqual([[], []]);
  appendMetrics(store, body(1));
  expect(secondsOf(store, 0)).toEqual([]);
  expect(secondsOf(store, 1)).toEqual([1]);
});

describe("series are found", () => {
  const store = storeOf();
  const routes = ["/cart", "/checkout", "/", undefined];
  const points = routes.map((route, i) =>
    pointAt(1, i, { attributes: route === undefined ? [] : labels({ "http.route": route }) }),
  );
  appendMetrics(store, metricsBody([gaugeOf("load", ...points), gaugeOf("other", pointAt(1, 1))]));
  appendMetrics(store, metricsBody([gaugeOf("load", ...points)], "cart"), {
    ...OUTSIDE,
    run: 3 as RunNumber,
    session: "abc",
  });
  const matcher = (label: string, operator: LabelMatcher["operator"], value: string): LabelMatcher => ({
    label,
    operator,
    value,
  });
  const route = (operator: LabelMatcher["operator"], value: string): LabelMatcher =>
    matcher("http.route", operator, value);

  const cases: readonly (readonly [string, SeriesSelector, readonly number[]])[] = [
    ["all", { matchers: [] }, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    ["by name", { name: "other", matchers: [] }, [4]],
    ["by an attribute", { name: "load", matchers: [route("=", "/cart")] }, [0, 5]],
    ["by what it is not", { name: "load", matchers: [route("!=", "/cart")] }, [1, 2, 3, 6, 7, 8]],
    ["by a pattern, which has to match all of it", { matchers: [route("=~", "/c.*t")] }, [0, 1, 5, 6]],
    ["by a pattern that it does not match", { name: "load", matchers: [route("!~", "/.+")] }, [2, 3, 7, 8]],
    ["by an attribute that is not there", { name: "load", matchers: [route("=", "")] }, [3, 8]],
    ["by an attribute that has to be there", { matchers: [route("!=", "")] }, [0, 1, 2, 5, 6, 7]],
    ["by their resource", { matchers: [matcher("resource.service.name", "=", "cart")] }, [5, 6, 7, 8]],
    ["by their scope", { name: "other", matchers: [matcher("scope.name", "=", "lib")] }, [4]],
    ["by a value that nobody has", { matchers: [route("=", "/nowhere")] }, []],
    ["by run", { matchers: [], run: 3 as RunNumber }, [5, 6, 7, 8]],
    ["by session", { matchers: [route("=", "/")], session: "abc" }, [7]],
  ];
  it.each(cases)("%s", (_, selector, numbers) => {
    expect(selectSeries(store, selector)).toEqual({ ok: true, value: numbers });
  });

  it("unless the pattern is none", () => {
    expect(selectSeries(store, { matchers: [route("=~", "(")] })).toMatchObject({
      ok: false,
      error: { code: "bad-pattern" },
    });
  });

  it("and described", () => {
    expect(listSeries(store, { name: "load", matchers: [], run: 3 as RunNumber }, 1)).toEqual({
      ok: true,
      value: {
        matchingCount: 4,
        series: [
          {
            number: 5,
            name: "load",
            kind: "gauge",
            unit: "",
            description: "",
            temporality: "unspecified",
            monotonic: false,
            run: 3,
            service: "cart",
            labels: [
              ["resource.service.name", "cart"],
              ["scope.name", "lib"],
              ["http.route", "/cart"],
            ],
            sampleCount: 1,
            firstMs: 1_700_000_001_000,
            lastMs: 1_700_000_001_000,
          },
        ],
      },
    });
  });
});

test("of what was replayed and what arrived here, either may be cleared alone, also within a series", () => {
  const store = storeOf();
  const replay = (...seconds: readonly number[]): void => {
    const batch = new MetricBatch();
    decodeMetricsProtobuf(body(...seconds), batch);
    store.appendReplayed(batch, OUTSIDE);
  };
  replay(1, 2);
  appendMetrics(store, body(10, 11));
  replay(3, 4);
  appendMetrics(store, body(12));
  expect(secondsOf(store)).toEqual([1, 2, 3, 4, 10, 11, 12]);
  store.clearReplayed();
  expect(secondsOf(store)).toEqual([10, 11, 12]);
  expect([store.seriesCount, store.sampleCount]).toEqual([1, 3]);
  store.setMaxBytes(1);
  expect([store.seriesCount, store.sampleCount, store.evictedCount]).toEqual([0, 0, 3]);
});
