/**
 * Durations by magnitude, in two bytes each: sixteen buckets to a doubling, so that a quantile is off by 2.2 % at most.
 */
const BUCKETS_PER_DOUBLING = 16;
/** Up to 2^63 ns. The first is for what took no time. */
const BUCKETS = 1 + 63 * BUCKETS_PER_DOUBLING;

export function sketchBucketOf(durationNs: number): number {
  if (!(durationNs >= 1)) return 0;
  return Math.min(BUCKETS - 1, 1 + Math.floor(Math.log2(durationNs) * BUCKETS_PER_DOUBLING));
}

/** Counts durations by their buckets. */
export class DurationSketch {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  add(buckets: Uint16Array, start: number, end: number): void {
    const counts = this.#counts;
    for (let at = start; at < end; at++) {
      const bucket = buckets[at] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    this.#total += end - start;
  }

  /** The smallest duration, in nanoseconds, that at least this share of the counted ones does not exceed; undefined without any. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    const rank = Math.max(1, Math.ceil(this.#total * share));
    let bucket = 0;
    for (let seen = this.#counts[0] ?? 0; seen < rank; seen += this.#counts[bucket] ?? 0) bucket++;
    return bucket === 0 ? 0 : 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING);
  }
}
