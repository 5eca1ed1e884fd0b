import { decodeMetricsProtobuf } from "../src/engine/decode/otlp-metrics-protobuf.ts";
import { readSeries } from "../src/engine/query/read-series.ts";
import type { BatchOrigin } from "../src/engine/store/origin-table.ts";
import { SeriesStore } from "../src/engine/store/series-store.ts";
import { OUTSIDE_ANY_RUN } from "../src/model/ids.ts";
import { MetricBatch } from "../src/model/metric-batch.ts";
import { requestType } from "../test/unit/engine/otlp-signals-oracle.ts";
import { METRIC_SHAPES, metricsRequests, type MetricShape } from "./metrics-data.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const FROM: BatchOrigin = { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" };
/** Large enough that nothing leaves. */
const NO_LIMIT = 4e9;
const SERIES = 100;

/** Decoding, storing and reading metrics, without sockets; protobufjs runs in the same process on the same bytes. */
export const metricsSuite: Suite = {
  title: "metrics",
  run: ({ quick }) =>
    Promise.resolve([
      ...METRIC_SHAPES.flatMap((shape) => sizes(shape, quick ? 500 : shape.rawBytes > 16 ? 1000 : 4000)),
      ...METRIC_SHAPES.filter(({ rawBytes, isRate }) => rawBytes === 16 && isRate).map((shape) =>
        ownTimes(shape, quick ? 500 : 4000),
      ),
      ...METRIC_SHAPES.filter(({ isRate }) => isRate).flatMap(rates),
      ...reading(quick ? 250_000 : 1_000_000),
    ]),
};

function filled(
  shape: MetricShape,
  samplesPerSeries: number,
  timing?: "one time" | "own times",
): SeriesStore {
  const store = new SeriesStore({ maxBytes: NO_LIMIT });
  const batch = new MetricBatch();
  for (const body of metricsRequests(shape, SERIES, samplesPerSeries, timing)) {
    decodeMetricsProtobuf(body, batch);
    store.append(batch, FROM);
  }
  return store;
}

/** What a sample takes, all indexes and objects included, against its numbers as they are: 16 bytes for a time and a value. */
function sizes(shape: MetricShape, samples: number): Row[] {
  const store = filled(shape, samples);
  const bytes = store.bytes / store.sampleCount;
  const row = {
    name: `memory, ${shape.name}`,
    value: bytes,
    unit: "bytes a sample",
    better: "lower",
  } as const;
  return [
    shape.budget === undefined ? row : budgeted({ ...row, budget: shape.budget }),
    {
      name: `memory, ${shape.name}, raw by stored`,
      value: shape.rawBytes / bytes,
      unit: "×",
      better: "higher",
    },
  ];
}

/** The same where the sender asks the time for each sample, so that none is shared. */
function ownTimes(shape: MetricShape, samples: number): Row {
  const store = filled(shape, samples, "own times");
  const value = store.bytes / store.sampleCount;
  return {
    name: `memory, ${shape.name}, each with a time of its own`,
    value,
    unit: "bytes a sample",
    better: "lower",
  };
}

function rates(shape: MetricShape): Row[] {
  const bodies = [...metricsRequests(shape, 1000, 50)];
  const points = 50_000;
  const batch = new MetricBatch();
  const decoding = best(points, bodies, () => (body) => decodeMetricsProtobuf(body, batch));
  const storing = best(points, bodies, () => {
    const store = new SeriesStore({ maxBytes: NO_LIMIT });
    return (body) => {
      decodeMetricsProtobuf(body, batch);
      store.append(batch, FROM);
    };
  });
  const Request = requestType("MetricsRequest");
  const peer = best(points, bodies, () => (body) => Request.decode(body));
  const unit = "points per CPU second";
  return [
    { name: `decode, ${shape.name}`, value: decoding, unit, better: "higher" },
    { name: `decode, ${shape.name}, times protobufjs`, value: decoding / peer, unit: "×", better: "higher" },
    { name: `decode and store, ${shape.name}`, value: storing, unit, better: "higher" },
    {
      name: `decode and store, ${shape.name}, times protobufjs decoding`,
      value: storing / peer,
      unit: "×",
      better: "higher",
    },
  ];
}

function reading(samples: number): Row[] {
  const shape = METRIC_SHAPES.find(({ isRate }) => isRate);
  if (shape === undefined) return [];
  const store = filled(shape, samples / SERIES);
  let time = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    for (const { number } of store.all) readSeries(store, number);
    const { user, system } = process.cpuUsage(before);
    time = Math.min(time, (user + system) / 1000);
  }
  return [{ name: `read ${samples / 1000}k samples`, value: time, unit: "ms", better: "lower" }];
}

/** Points per CPU second of the best of five rounds: other programs on the machine only make a round slower. */
function best(
  points: number,
  bodies: readonly Uint8Array[],
  begin: () => (body: Uint8Array) => unknown,
): number {
  let rate = 0;
  for (let round = 0; round < 5; round++) {
    const take = begin();
    const before = process.cpuUsage();
    for (const body of bodies) take(body);
    const { user, system } = process.cpuUsage(before);
    rate = Math.max(rate, (points / (user + system)) * 1e6);
  }
  return rate;
}
