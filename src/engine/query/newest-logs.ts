import type { LogChunk } from "../store/log-chunk.ts";

/** Keeps the newest rows of all that it is shown: those of the latest time, of equal times the one that arrived last. */
export class NewestLogs {
  readonly #limit: number;
  readonly #kept: Kept[] = [];

  constructor(limit: number) {
    this.#limit = Math.max(0, Math.floor(limit));
  }

  /** The newest first. */
  get rows(): readonly number[] {
    return this.#kept.map(({ row }) => row);
  }

  add(row: number, chunk: LogChunk, i: number): void {
    const high = chunk.timeHigh[i] ?? 0;
    const low = chunk.timeLow[i] ?? 0;
    const kept = this.#kept;
    // Rows come nearly in order, so that the place is mostly the last one.
    let place = kept.length;
    for (; place > 0; place--) {
      const before = kept[place - 1];
      if (before === undefined || !isNewer(row, high, low, before)) break;
    }
    if (place >= this.#limit) return;
    kept.splice(place, 0, { row, high, low });
    if (kept.length > this.#limit) kept.pop();
  }
}

interface Kept {
  readonly row: number;
  readonly high: number;
  readonly low: number;
}

function isNewer(row: number, high: number, low: number, other: Kept): boolean {
  if (high !== other.high) return high > other.high;
  return low === other.low ? row > other.row : low > other.low;
}
