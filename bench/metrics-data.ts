import { encodeAs } from "../test/unit/engine/otlp-signals-oracle.ts";
import { seededRandom } from "./engine-data.ts";

/** A kind of series as programs have them. */
export interface MetricShape {
  readonly name: string;
  /** The time and the numbers of a sample at 8 bytes each. */
  readonly rawBytes: number;
  /** Bytes a sample. */
  readonly budget?: number;
  /** Whether its rates are measured as well. */
  readonly isRate: boolean;
  /** Makes the next sample of a series from what it remembers. */
  readonly sample: (memory: number[], random: () => number) => object;
  /** The metric around the samples. */
  readonly metric: (dataPoints: readonly object[]) => object;
}

const START = 1_700_000_000_000_000_000n;
const CUMULATIVE = 2;
const BOUNDS = [5, 10, 25, 50, 75, 100, 250, 500, 1000, 2500, 5000];
/** Observations between two samples. */
const OBSERVED = 40;

export const METRIC_SHAPES: readonly MetricShape[] = [
  {
    name: "a gauge that stays as it is",
    rawBytes: 16,
    budget: 6,
    isRate: false,
    sample: () => ({ asDouble: 64.5 }),
    metric: (dataPoints) => ({ name: "pool.size", gauge: { dataPoints } }),
  },
  {
    name: "a gauge that wanders, two digits behind the point",
    rawBytes: 16,
    budget: 6,
    isRate: true,
    sample: (memory, random) => {
      memory[0] = (memory[0] ?? 50) + (random() - 0.5) * 2;
      return { asDouble: Math.round(memory[0] * 100) / 100 };
    },
    metric: (dataPoints) => ({ name: "cpu.load", unit: "%", gauge: { dataPoints } }),
  },
  {
    name: "a gauge that wanders, all digits",
    rawBytes: 16,
    isRate: false,
    sample: (memory, random) => {
      memory[0] = (memory[0] ?? 50) + (random() - 0.5) * 2;
      return { asDouble: memory[0] };
    },
    metric: (dataPoints) => ({ name: "cpu.load", unit: "%", gauge: { dataPoints } }),
  },
  {
    name: "a gauge of any numbers",
    rawBytes: 16,
    isRate: false,
    sample: (_, random) => ({ asDouble: random() * 2 ** (random() * 40 - 20) }),
    metric: (dataPoints) => ({ name: "noise", gauge: { dataPoints } }),
  },
  {
    name: "a counter that grows alike",
    rawBytes: 16,
    budget: 6,
    isRate: false,
    sample: (memory, random) => {
      memory[0] = (memory[0] ?? 0) + 1000 + Math.floor(random() * 3);
      return { asInt: String(memory[0]), startTimeUnixNano: String(START) };
    },
    metric: (dataPoints) => ({
      name: "process.ticks",
      sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true },
    }),
  },
  {
    name: "a counter that grows in bursts",
    rawBytes: 16,
    budget: 6,
    isRate: false,
    sample: (memory, random) => {
      memory[0] = (memory[0] ?? 0) + (random() < 0.7 ? 0 : Math.floor(random() ** 3 * 5000));
      return { asInt: String(memory[0]), startTimeUnixNano: String(START) };
    },
    metric: (dataPoints) => ({
      name: "jobs.done",
      sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true },
    }),
  },
  {
    name: "a counter",
    rawBytes: 16,
    budget: 6,
    isRate: true,
    sample: (memory, random) => {
      memory[0] = (memory[0] ?? 0) + Math.floor(random() * OBSERVED);
      return { asInt: String(memory[0]), startTimeUnixNano: String(START) };
    },
    metric: (dataPoints) => ({
      name: "http.server.requests",
      sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true },
    }),
  },
  {
    name: "a histogram of 12 buckets",
    rawBytes: 8 * (1 + 4 + 12),
    budget: 24,
    isRate: true,
    sample: (memory, random) => {
      for (let n = Math.floor(random() * OBSERVED); n > 0; n--) {
        const value = observation(random);
        const bucket = BOUNDS.findIndex((bound) => value <= bound);
        const at = bucket < 0 ? BOUNDS.length : bucket;
        memory[at] = (memory[at] ?? 0) + 1;
        note(memory, value);
      }
      const bucketCounts = Array.from({ length: BOUNDS.length + 1 }, (_, i) => String(memory[i] ?? 0));
      return { ...totals(memory), bucketCounts, explicitBounds: BOUNDS };
    },
    metric: (dataPoints) => ({
      name: "http.server.duration",
      unit: "ms",
      histogram: { dataPoints, aggregationTemporality: CUMULATIVE },
    }),
  },
  {
    name: "an exponential histogram",
    rawBytes: 8 * (1 + 7 + 60),
    budget: 40,
    isRate: true,
    sample: (memory, random) => {
      for (let n = Math.floor(random() * OBSERVED); n > 0; n--) {
        const value = observation(random);
        // Scale 2: four buckets each time that the value doubles.
        const at = Math.max(0, Math.min(59, Math.ceil(Math.log2(value) * 4) - 1));
        memory[at] = (memory[at] ?? 0) + 1;
        note(memory, value);
      }
      const bucketCounts = Array.from({ length: 60 }, (_, i) => String(memory[i] ?? 0));
      return { ...totals(memory), scale: 2, zeroCount: "0", positive: { offset: 0, bucketCounts } };
    },
    metric: (dataPoints) => ({
      name: "http.server.duration",
      unit: "ms",
      exponentialHistogram: { dataPoints, aggregationTemporality: CUMULATIVE },
    }),
  },
];

/** Milliseconds, most of them few, to the microsecond. */
function observation(random: () => number): number {
  return Math.round(1000 * Math.exp(random() * 4 + random() * 4)) / 1000;
}

/** Places behind those of buckets. */
const COUNT = 100;
const SUM = 101;
const MIN = 102;
const MAX = 103;

function note(memory: number[], value: number): void {
  memory[COUNT] = (memory[COUNT] ?? 0) + 1;
  memory[SUM] = (memory[SUM] ?? 0) + value;
  memory[MIN] = Math.min(memory[MIN] ?? value, value);
  memory[MAX] = Math.max(memory[MAX] ?? value, value);
}

function totals(memory: readonly number[]): object {
  const [count = 0, sum = 0, min = 0, max = 0] = memory.slice(COUNT, COUNT + 4);
  return { count: String(count), sum, min, max, startTimeUnixNano: String(START) };
}

/**
 * Exports of a program: every ten seconds, within a millisecond, one sample of each series with three attributes.
 * @param timing whether all samples of an export have one time, or each its own
 */
export function* metricsRequests(
  shape: MetricShape,
  series: number,
  samples: number,
  timing: "one time" | "own times" = "one time",
): Generator<Uint8Array> {
  const random = seededRandom(1);
  const memories = Array.from({ length: series }, (): number[] => []);
  const attributes = memories.map((_, i) => [
    text("http.route", `/api/items/${i}`),
    text("http.request.method", i % 3 === 0 ? "POST" : "GET"),
    text("server.address", "shop.local"),
  ]);
  for (let n = 1; n <= samples; n++) {
    const now = (): bigint => START + BigInt(n) * 10_000_000_000n + BigInt(Math.floor(random() * 1e6));
    const time = now();
    const points = memories.map((memory, i) => ({
      timeUnixNano: String(timing === "one time" ? time : now()),
      ...shape.sample(memory, random),
      attributes: attributes[i],
    }));
    const resource = { attributes: [text("service.name", "shop"), text("host.name", "laptop.local")] };
    const scopeMetrics = [{ scope: { name: "meter" }, metrics: [shape.metric(points)] }];
    yield encodeAs("MetricsRequest", { resourceMetrics: [{ resource, scopeMetrics }] });
  }
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}
