import { chunkIndexOf, indexInChunk, STATE_RUNNING } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";

/** When each of some spans began and ended, in nanoseconds since a common moment. */
export interface SpanTimes {
  readonly start: Float64Array;
  /** Infinity while the span runs. */
  readonly end: Float64Array;
}

/** @param sinceBase of a moment since the epoch in two halves, as the store's columns have it */
export function spanTimes(
  store: SpanStore,
  rows: Float64Array,
  sinceBase: (high: number | undefined, low: number | undefined) => number,
): SpanTimes {
  const start = new Float64Array(rows.length);
  const end = new Float64Array(rows.length);
  rows.forEach((row, n) => {
    const chunk = store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined) return;
    start[n] = sinceBase(chunk.startHigh[i], chunk.startLow[i]);
    const runs = chunk.state[i] === STATE_RUNNING;
    end[n] = runs ? Number.POSITIVE_INFINITY : sinceBase(chunk.endHigh[i], chunk.endLow[i]);
  });
  return { start, end };
}
