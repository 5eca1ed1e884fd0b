import { describe, expect, it, test } from "vitest";
import { WireWriter } from "../../../../src/base/wire-writer.ts";
import { decodeMetricsProtobuf } from "../../../../src/engine/decode/otlp-metrics-protobuf.ts";
import { SeriesStore } from "../../../../src/engine/store/series-store.ts";
import { encodeMetricsProtobuf } from "../../../../src/engine/query/encode-metrics-protobuf.ts";
import { MetricBatch } from "../../../../src/model/metric-batch.ts";
import type { DecodeIssues } from "../../../../src/model/span-batch.ts";
import { at, gaugeOf, labels, metricsBody, NO_ISSUES, OUTSIDE, pointsIn } from "../otlp-metrics-request.ts";

interface Decoded {
  readonly issues: DecodeIssues;
  readonly batch: MetricBatch;
}

function decoded(body: Uint8Array): Decoded {
  const batch = new MetricBatch();
  return { issues: decodeMetricsProtobuf(body, batch), batch };
}

/** What is kept of a body, as {@link pointsIn} tells it. */
function kept(body: Uint8Array): string[] {
  const store = new SeriesStore({ maxBytes: 1e9 });
  store.append(decoded(body).batch, OUTSIDE);
  return pointsIn(encodeMetricsProtobuf(store).protobuf);
}

/** A request around the bytes of one metric's data points. */
function bodyOf(dataTag: number, ...points: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter();
  const marks = [writer.begin(0x0a), writer.begin(0x12), writer.begin(0x12)];
  writer.stringField(0x0a, "m");
  const data = writer.begin(dataTag);
  for (const point of points) writer.bytesField(0x0a, point);
  writer.end(data);
  for (const mark of marks.reverse()) writer.end(mark);
  return writer.written.slice();
}

function pointOf(write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  writer.varint(0x19);
  writer.fixed64(7, 0);
  write(writer);
  return writer.written.slice();
}

const exemplar = {
  timeUnixNano: at(1),
  asDouble: 0.25,
  traceId: new Array<number>(16).fill(3),
  spanId: new Array<number>(8).fill(4),
  filteredAttributes: labels({ user: "7" }),
};
const common = { timeUnixNano: at(1), startTimeUnixNano: at(0), attributes: labels({ b: "2", a: "1" }) };

const kinds: Readonly<Record<string, object>> = {
  gauge: { gauge: { dataPoints: [{ ...common, asDouble: -0.5 }] } },
  "a sum of integers": {
    sum: {
      dataPoints: [{ ...common, asInt: "9007199254740993" }],
      aggregationTemporality: 2,
      isMonotonic: true,
    },
  },
  "a delta sum": { sum: { dataPoints: [{ ...common, asDouble: 3 }], aggregationTemporality: 1 } },
  "a point without a value": { gauge: { dataPoints: [{ ...common, flags: 1 }] } },
  "an integer of zero": { gauge: { dataPoints: [{ ...common, asInt: "0" }] } },
  histogram: {
    histogram: {
      dataPoints: [
        {
          ...common,
          count: "3",
          sum: 4.5,
          min: 0.5,
          max: 3,
          bucketCounts: ["1", "0", "2"],
          explicitBounds: [1, 2],
          exemplars: [exemplar],
        },
      ],
      aggregationTemporality: 2,
    },
  },
  "a histogram without buckets": {
    histogram: { dataPoints: [{ ...common, count: "3" }], aggregationTemporality: 1 },
  },
  "an exponential histogram": {
    exponentialHistogram: {
      dataPoints: [
        {
          ...common,
          count: "9",
          sum: 1,
          scale: -3,
          zeroCount: "2",
          zeroThreshold: 1e-9,
          positive: { offset: -7, bucketCounts: ["1", "4"] },
          negative: { offset: 2, bucketCounts: ["2"] },
          exemplars: [exemplar, { ...exemplar, asInt: "-4" }],
        },
      ],
      aggregationTemporality: 1,
    },
  },
  summary: {
    summary: {
      dataPoints: [
        {
          ...common,
          count: "2",
          sum: 3,
          quantileValues: [
            { quantile: 0.5, value: 1 },
            { quantile: 1, value: 2 },
          ],
        },
      ],
    },
  },
};

test.each(Object.entries(kinds))("%s is read with all that it says", (_, data) => {
  const body = metricsBody([
    { name: "m", description: "what it is", unit: "ms", metadata: labels({ source: "x" }), ...data },
  ]);
  const { issues, batch } = decoded(body);
  expect(issues).toEqual(NO_ISSUES);
  expect(batch.count).toBe(1);
  expect(kept(body)).toEqual(pointsIn(body));
});

describe("lists of a histogram", () => {
  const packed = pointOf((writer) => {
    const counts = writer.begin(0x32);
    for (const count of [1, 2]) writer.fixed64(count, 0);
    writer.end(counts);
    const bounds = writer.begin(0x3a);
    writer.double(5);
    writer.end(bounds);
  });
  const unpacked = pointOf((writer) => {
    for (const count of [1, 2]) {
      writer.varint(0x31);
      writer.fixed64(count, 0);
    }
    writer.varint(0x39);
    writer.double(5);
  });

  it("are read packed and element by element, to the same", () => {
    expect(kept(bodyOf(0x4a, unpacked))).toEqual(kept(bodyOf(0x4a, packed)));
    expect(kept(bodyOf(0x4a, packed))[0]).toContain('"bucketCounts":["1","2"],"explicitBounds":[5]');
  });

  it("of exponential histograms too", () => {
    const buckets = (isPacked: boolean): Uint8Array =>
      pointOf((writer) => {
        const mark = writer.begin(0x42);
        const list = isPacked ? writer.begin(0x12) : 0;
        for (const count of [300, 2]) {
          if (!isPacked) writer.varint(0x10);
          writer.varint(count);
        }
        if (isPacked) writer.end(list);
        writer.end(mark);
      });
    expect(kept(bodyOf(0x52, buckets(false)))).toEqual(kept(bodyOf(0x52, buckets(true))));
  });
});

describe("a bad data point costs itself, not its siblings", () => {
  const good = pointOf(() => undefined);
  const bad: Readonly<Record<string, Uint8Array>> = {
    "cut off in a number": Uint8Array.of(0x19, 1, 2, 3),
    "with an attribute longer than it": pointOf((writer) => writer.raw(Uint8Array.of(0x3a, 0x7f))),
    "with an attribute that is none": pointOf((writer) =>
      writer.bytesField(0x3a, Uint8Array.of(0x12, 0x05, 1)),
    ),
    "with an exemplar that is none": pointOf((writer) => writer.bytesField(0x2a, Uint8Array.of(0x0b))),
    "with a group": pointOf((writer) => writer.raw(Uint8Array.of(0x0b, 0x0c))),
  };
  it.each(Object.entries(bad))("%s", (_, point) => {
    const { issues, batch } = decoded(bodyOf(0x2a, good, point, good));
    expect(issues).toMatchObject({ rejectedCount: 1, malformed: false });
    expect(issues.message).toMatch(/data point/);
    expect(batch.count).toBe(2);
  });

  it("with counts that are no whole words, or more than are taken", () => {
    const odd = pointOf((writer) => writer.bytesField(0x32, new Uint8Array(9)));
    const many = pointOf((writer) => writer.bytesField(0x32, new Uint8Array(8 * 20_000)));
    const { issues, batch } = decoded(bodyOf(0x4a, good, odd, many, good));
    expect([issues.rejectedCount, batch.count]).toEqual([2, 2]);
  });

  it("with more buckets than its length can hold", () => {
    const absurd = pointOf((writer) => writer.raw(Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0xff, 0x0f)));
    const { issues, batch } = decoded(bodyOf(0x4a, absurd, good));
    expect([issues.rejectedCount, batch.count]).toEqual([1, 1]);
  });
});

test("a body that is cut off anywhere gives what was whole before", () => {
  const body = metricsBody([
    gaugeOf("m", { timeUnixNano: at(1) }, { timeUnixNano: at(2) }),
    ...Object.values(kinds),
  ]);
  let before = 0;
  for (let length = 0; length <= body.length; length++) {
    const { issues, batch } = decoded(body.subarray(0, length));
    expect(batch.count).toBeGreaterThanOrEqual(before);
    before = batch.count;
    if (length > 0 && length < body.length) expect(issues.malformed).toBe(true);
  }
  expect(before).toBe(2 + Object.keys(kinds).length);
});

test("of several kinds of data the last one counts, as protobuf has it", () => {
  const writer = new WireWriter();
  const marks = [writer.begin(0x0a), writer.begin(0x12), writer.begin(0x12)];
  for (const [tag, count] of [
    [0x2a, 2],
    [0x5a, 1],
  ] as const) {
    const data = writer.begin(tag);
    for (let n = 0; n < count; n++)
      writer.bytesField(
        0x0a,
        pointOf(() => undefined),
      );
    writer.end(data);
  }
  for (const mark of marks.reverse()) writer.end(mark);
  const { issues, batch } = decoded(writer.written);
  expect(issues).toEqual({
    rejectedCount: 2,
    message: "a metric has data of more than one kind",
    malformed: false,
  });
  expect(batch.metrics.map(({ kind }) => kind)).toEqual([4]);
});

test("metrics without data, or without data points, are no fault and leave nothing", () => {
  const { issues, batch } = decoded(metricsBody([{ name: "none" }, { name: "empty", gauge: {} }]));
  expect(issues).toEqual(NO_ISSUES);
  expect([batch.metrics, batch.scopes, batch.resources]).toEqual([[], [], []]);
});

test("fields that nobody knows are kept, of data points and of metrics", () => {
  const unknown = Uint8Array.of(0x98, 0x06, 0x05);
  const body = bodyOf(
    0x2a,
    pointOf((writer) => writer.raw(unknown)),
  );
  const store = new SeriesStore({ maxBytes: 1e9 });
  store.append(decoded(body).batch, OUTSIDE);
  expect(Buffer.from(encodeMetricsProtobuf(store).protobuf).includes(Buffer.from(unknown))).toBe(true);
});

test("a body of nothing but empty data points or unknown fields does not fill the memory", () => {
  const empty = bodyOf(0x2a, ...new Array<Uint8Array>(10).fill(new Uint8Array(0)));
  expect(decoded(empty).batch.count).toBe(10);
  const writer = new WireWriter();
  const marks = [writer.begin(0x0a), writer.begin(0x12), writer.begin(0x12)];
  for (let n = 0; n < 3000; n++) {
    writer.raw(Uint8Array.of(0x78, n & 0x7f));
    if (n % 2 === 0) writer.stringField(0x0a, "m");
  }
  const data = writer.begin(0x2a);
  for (let n = 0; n < (1 << 20) + 5; n++) writer.raw(Uint8Array.of(0x0a, 0));
  for (const mark of [...marks, data].reverse()) writer.end(mark);
  const { issues, batch } = decoded(writer.written);
  expect(batch.count).toBe(1 << 20);
  expect(issues).toMatchObject({ rejectedCount: 5, malformed: false });
  expect(batch.metrics[0]?.further.length).toBe(1000);
});
