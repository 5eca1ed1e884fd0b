import type { DurationHistogram } from "../../model/trace-list.ts";
import { ROWS_PER_YIELD, type Sliced } from "./slices.ts";

/** A bucket is 1.58 times as wide as the one before: five to a decade show the shape and can still be hit with a pointer. */
const BUCKETS_PER_DECADE = 5;

/**
 * The histogram of these durations. Its bounds are whole decades around what is there, from a nanosecond up; durations
 * of less than that, negative ones too, count into the first bucket. Without durations it is empty.
 */
export function* durationHistogram(
  durationsNs: Float64Array,
  hasError: Uint8Array,
): Sliced<DurationHistogram> {
  if (durationsNs.length === 0) return { boundsNs: [], counts: [], errorCounts: [] };
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 1;
  for (let n = 0; n < durationsNs.length; n++) {
    const duration = durationsNs[n] ?? 0;
    smallest = Math.min(smallest, Math.max(1, duration));
    largest = Math.max(largest, duration);
  }
  yield;
  const firstDecade = Math.floor(Math.log10(smallest));
  const decades = Math.max(1, Math.floor(Math.log10(largest)) + 1 - firstDecade);
  const bucketCount = decades * BUCKETS_PER_DECADE;
  const counts = new Array<number>(bucketCount).fill(0);
  const errorCounts = new Array<number>(bucketCount).fill(0);
  const boundsNs = Array.from(
    { length: bucketCount + 1 },
    (_, n) => 10 ** (firstDecade + n / BUCKETS_PER_DECADE),
  );
  for (let n = 0; n < durationsNs.length; n++) {
    const bucket = bucketOf(boundsNs, Math.max(1, durationsNs[n] ?? 0));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    if (hasError[n] === 1) errorCounts[bucket] = (errorCounts[bucket] ?? 0) + 1;
    if (n % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
  return { boundsNs, counts, errorCounts };
}

/** The bucket whose lower bound is the last one that is not above the duration. */
function bucketOf(boundsNs: readonly number[], duration: number): number {
  let low = 0;
  let high = boundsNs.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((boundsNs[middle] ?? 0) <= duration) low = middle;
    else high = middle - 1;
  }
  return low;
}
