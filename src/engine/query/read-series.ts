import { EXPONENTIAL_HISTOGRAM, HISTOGRAM, METRIC_KINDS, SUMMARY } from "../../model/metric.ts";
import {
  COUNT,
  DOUBLE,
  FIRST_OFFSET,
  HAS_MAX,
  HAS_MIN,
  HAS_SUM,
  INTEGER,
  MAX,
  MIN,
  SCALE,
  scalarCount,
  SECOND_OFFSET,
  SUM_OF_VALUES,
  VALUE,
  ZERO_COUNT,
  ZERO_THRESHOLD,
  type PointColumns,
} from "../../model/metric-points.ts";
import type { SampleColumns, SeriesSamples } from "../../model/series.ts";
import { doubleOf } from "../store/series-doubles.ts";
import type { SeriesStore } from "../store/series-store.ts";
import { readExemplars } from "./read-exemplars.ts";
import { breaksOf } from "./series-breaks.ts";

/**
 * The samples of a series in typed columns, by their time; undefined where the series is not held (any more).
 * @param fromNs nanoseconds since the epoch, inclusive like `toNs`
 */
export function readSeries(
  store: SeriesStore,
  number: number,
  fromNs?: bigint,
  toNs?: bigint,
): SeriesSamples | undefined {
  const series = store.get(number);
  if (series === undefined) return undefined;
  const points = store.samplesOf(number, fromNs, toNs);
  const { kind } = series.metric;
  const columns: SampleColumns = {
    count: points.count,
    timeNs: joined(points.timeLow, points.timeHigh, points.count),
    startNs: joined(points.startLow, points.startHigh, points.count),
    flags: points.flags.slice(0, points.count),
    breaks: breaksOf(points, series.metric),
    exemplars: readExemplars(points, kind),
  };
  switch (kind) {
    case HISTOGRAM:
      return histogramOf(points, columns);
    case EXPONENTIAL_HISTOGRAM:
      return exponentialOf(points, columns);
    case SUMMARY:
      return summaryOf(points, columns);
    default:
      return { kind: METRIC_KINDS[kind] === "sum" ? "sum" : "gauge", ...columns, ...numbersOf(points) };
  }
}

/** 64-bit numbers from their halves, which the machine keeps side by side. */
function joined(low: Uint32Array, high: Uint32Array, count: number): BigUint64Array {
  const result = new BigUint64Array(count);
  const words = new Uint32Array(result.buffer);
  const lowWord = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
  for (let i = 0; i < count; i++) {
    words[i * 2 + lowWord] = low[i] ?? 0;
    words[i * 2 + 1 - lowWord] = high[i] ?? 0;
  }
  return result;
}

function numbersOf(points: PointColumns): {
  readonly value: Float64Array;
  readonly integers: BigInt64Array | undefined;
} {
  const value = new Float64Array(points.count).fill(Number.NaN);
  let isExact = true;
  for (let i = 0; i < points.count; i++) {
    const form = points.form[i];
    const word = (points.wordStart[i] ?? 0) + VALUE;
    if (form === DOUBLE) value[i] = doubleAt(points, word);
    else if (form === INTEGER) {
      const integer = ((points.wordHigh[word] ?? 0) | 0) * 2 ** 32 + (points.wordLow[word] ?? 0);
      isExact &&= Number.isSafeInteger(integer);
      value[i] = integer;
    }
  }
  return { value, integers: isExact ? undefined : integersOf(points) };
}

function integersOf({ count, form, wordStart, wordLow, wordHigh }: PointColumns): BigInt64Array {
  return BigInt64Array.from({ length: count }, (_, i) => {
    const word = wordStart[i] ?? 0;
    const bits = (BigInt(wordHigh[word] ?? 0) << 32n) | BigInt(wordLow[word] ?? 0);
    return form[i] === INTEGER ? BigInt.asIntN(64, bits) : 0n;
  });
}

function histogramOf(points: PointColumns, columns: SampleColumns): SeriesSamples {
  const { start: bucketStart, counts: bucketCounts } = countsOf(points, HISTOGRAM, "first");
  const boundsOf = new Uint32Array(points.count);
  const bounds: Float64Array[] = [];
  for (let i = 0; i < points.count; i++) {
    const first = (points.wordStart[i] ?? 0) + scalarCount(HISTOGRAM) + (points.firstLength[i] ?? 0);
    const own = doublesAt(points, first, points.secondLength[i] ?? 0);
    // Bounds hardly ever change: the last ones are mostly these.
    let at = bounds.findLastIndex((known) => isEqual(known, own));
    if (at < 0) at = bounds.push(own) - 1;
    boundsOf[i] = at;
  }
  return {
    kind: "histogram",
    ...columns,
    observations: countColumn(points, COUNT),
    sum: doubleColumn(points, SUM_OF_VALUES, HAS_SUM),
    min: doubleColumn(points, MIN, HAS_MIN),
    max: doubleColumn(points, MAX, HAS_MAX),
    bucketStart,
    bucketCounts,
    boundsOf,
    bounds,
  };
}

function exponentialOf(points: PointColumns, columns: SampleColumns): SeriesSamples {
  const positive = countsOf(points, EXPONENTIAL_HISTOGRAM, "first");
  const negative = countsOf(points, EXPONENTIAL_HISTOGRAM, "second");
  return {
    kind: "exponentialHistogram",
    ...columns,
    observations: countColumn(points, COUNT),
    sum: doubleColumn(points, SUM_OF_VALUES, HAS_SUM),
    min: doubleColumn(points, MIN, HAS_MIN),
    max: doubleColumn(points, MAX, HAS_MAX),
    zeroCount: countColumn(points, ZERO_COUNT),
    zeroThreshold: doubleColumn(points, ZERO_THRESHOLD, 0),
    scale: integerColumn(points, SCALE),
    positive: { offset: integerColumn(points, FIRST_OFFSET), ...positive },
    negative: { offset: integerColumn(points, SECOND_OFFSET), ...negative },
  };
}

function summaryOf(points: PointColumns, columns: SampleColumns): SeriesSamples {
  const quantileStart = new Uint32Array(points.count + 1);
  for (let i = 0; i < points.count; i++)
    quantileStart[i + 1] = (quantileStart[i] ?? 0) + (points.firstLength[i] ?? 0);
  const quantiles = new Float64Array(quantileStart[points.count] ?? 0);
  const values = new Float64Array(quantiles.length);
  for (let i = 0; i < points.count; i++) {
    const first = (points.wordStart[i] ?? 0) + scalarCount(SUMMARY);
    const length = points.firstLength[i] ?? 0;
    quantiles.set(doublesAt(points, first, length), quantileStart[i]);
    values.set(doublesAt(points, first + length, length), quantileStart[i]);
  }
  return {
    kind: "summary",
    ...columns,
    observations: countColumn(points, COUNT),
    sum: doubleColumn(points, SUM_OF_VALUES, 0),
    quantileStart,
    quantiles,
    values,
  };
}

function countsOf(
  points: PointColumns,
  kind: number,
  list: "first" | "second",
): { readonly start: Uint32Array; readonly counts: Float64Array } {
  const lengths = list === "first" ? points.firstLength : points.secondLength;
  const start = new Uint32Array(points.count + 1);
  for (let i = 0; i < points.count; i++) start[i + 1] = (start[i] ?? 0) + (lengths[i] ?? 0);
  const counts = new Float64Array(start[points.count] ?? 0);
  for (let i = 0, to = 0; i < points.count; i++) {
    let word = (points.wordStart[i] ?? 0) + scalarCount(kind);
    if (list === "second") word += points.firstLength[i] ?? 0;
    for (let n = lengths[i] ?? 0; n > 0; n--) counts[to++] = countAt(points, word++);
  }
  return { start, counts };
}

function countColumn(points: PointColumns, scalar: number): Float64Array {
  return column(points, (i) => countAt(points, (points.wordStart[i] ?? 0) + scalar));
}

/** NaN where the point's form has not this bit. */
function doubleColumn(points: PointColumns, scalar: number, formBit: number): Float64Array {
  return column(points, (i) =>
    ((points.form[i] ?? 0) & formBit) === formBit
      ? doubleAt(points, (points.wordStart[i] ?? 0) + scalar)
      : Number.NaN,
  );
}

function integerColumn(points: PointColumns, scalar: number): Int32Array {
  return Int32Array.from(
    column(points, (i) => (points.wordLow[(points.wordStart[i] ?? 0) + scalar] ?? 0) | 0),
  );
}

function column(points: PointColumns, valueAt: (index: number) => number): Float64Array {
  const values = new Float64Array(points.count);
  for (let i = 0; i < values.length; i++) values[i] = valueAt(i);
  return values;
}

function countAt(points: PointColumns, word: number): number {
  return (points.wordHigh[word] ?? 0) * 2 ** 32 + (points.wordLow[word] ?? 0);
}

function doubleAt(points: PointColumns, word: number): number {
  return doubleOf(points.wordLow[word] ?? 0, points.wordHigh[word] ?? 0);
}

function doublesAt(points: PointColumns, word: number, length: number): Float64Array {
  const doubles = new Float64Array(length);
  for (let i = 0; i < length; i++) doubles[i] = doubleAt(points, word + i);
  return doubles;
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
