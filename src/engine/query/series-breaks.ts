import { CUMULATIVE, GAUGE, HISTOGRAM, NO_RECORDED_VALUE, SUM, SUMMARY } from "../../model/metric.ts";
import { COUNT, INTEGER, VALUE, type PointColumns } from "../../model/metric-points.ts";
import { BREAK_GAP, BREAK_RESET } from "../../model/series.ts";
import { doubleOf } from "../store/series-doubles.ts";
import type { HeldMetric } from "../store/series-metrics.ts";

/** Which samples do not continue the ones before them (metrics data model, "Resets and Gaps"): BREAK_RESET and BREAK_GAP. */
export function breaksOf(points: PointColumns, { kind, temporality, monotonic }: HeldMetric): Uint8Array {
  const breaks = new Uint8Array(points.count);
  const hasIntervals = kind !== GAUGE;
  const accumulates = hasIntervals && (temporality === CUMULATIVE || kind === SUMMARY);
  const neverFalls = accumulates && (kind >= HISTOGRAM || monotonic);
  for (let i = 1; i < points.count; i++) {
    if (isMissing(points, i)) continue;
    const wasMissing = isMissing(points, i - 1);
    if (wasMissing || (hasIntervals && isStarted(points, i) && startsAfter(points, i))) breaks[i] = BREAK_GAP;
    const isRestarted = accumulates && isStarted(points, i) && !isSameStart(points, i);
    if (isRestarted || (neverFalls && !wasMissing && amount(points, i, kind) < amount(points, i - 1, kind)))
      breaks[i] = (breaks[i] ?? 0) | BREAK_RESET;
  }
  return breaks;
}

function isMissing({ flags }: PointColumns, i: number): boolean {
  return ((flags[i] ?? 0) & NO_RECORDED_VALUE) !== 0;
}

function isStarted({ startLow, startHigh }: PointColumns, i: number): boolean {
  return startLow[i] !== 0 || startHigh[i] !== 0;
}

function isSameStart({ startLow, startHigh }: PointColumns, i: number): boolean {
  return startLow[i] === startLow[i - 1] && startHigh[i] === startHigh[i - 1];
}

/** Whether the sample's interval begins later than the time of the one before. */
function startsAfter({ startLow, startHigh, timeLow, timeHigh }: PointColumns, i: number): boolean {
  const high = (startHigh[i] ?? 0) - (timeHigh[i - 1] ?? 0);
  return high > 0 || (high === 0 && (startLow[i] ?? 0) > (timeLow[i - 1] ?? 0));
}

/** What must not fall: a sum's value, or the count of observations. */
function amount(points: PointColumns, i: number, kind: number): number {
  const word = (points.wordStart[i] ?? 0) + (kind === SUM ? VALUE : COUNT);
  const low = points.wordLow[word] ?? 0;
  const high = points.wordHigh[word] ?? 0;
  if (kind !== SUM) return high * 2 ** 32 + low;
  return points.form[i] === INTEGER ? (high | 0) * 2 ** 32 + low : doubleOf(low, high);
}
