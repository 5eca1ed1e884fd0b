import type { Intervals } from "./intervals.ts";

/** Intervals are joined when there are more: many that lie over each other then take the room of one. */
const MAX_APART = 4096;

/** Collects intervals in any order and gives their union. Used again and again, it makes no garbage but the answers. */
export class IntervalBuffer {
  #starts = new Float64Array(64);
  #ends = new Float64Array(64);
  #count = 0;

  clear(): void {
    this.#count = 0;
  }

  /** An interval without a length is nothing. */
  add(start: number, end: number): void {
    if (!(start < end)) return;
    if (this.#count === this.#starts.length) this.#makeRoom();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count++;
  }

  union(): Intervals {
    this.#join();
    const union: number[] = [];
    for (let i = 0; i < this.#count; i++) union.push(this.#starts[i] ?? 0, this.#ends[i] ?? 0);
    return union;
  }

  /** Starts and ends may be sorted apart: a moment is covered while more intervals have started than ended. */
  #join(): void {
    const starts = this.#starts.subarray(0, this.#count).sort();
    const ends = this.#ends.subarray(0, this.#count).sort();
    let joined = 0;
    let from = 0;
    for (let i = 0; i < starts.length; i++) {
      const isGap = i + 1 === starts.length || (starts[i + 1] ?? 0) > (ends[i] ?? 0);
      if (!isGap) continue;
      starts[joined] = starts[from] ?? 0;
      ends[joined] = ends[i] ?? 0;
      joined++;
      from = i + 1;
    }
    this.#count = joined;
  }

  #makeRoom(): void {
    if (this.#count >= MAX_APART) this.#join();
    if (this.#count < this.#starts.length / 2) return;
    const [starts, ends] = [this.#starts, this.#ends];
    this.#starts = new Float64Array(starts.length * 2);
    this.#ends = new Float64Array(ends.length * 2);
    this.#starts.set(starts);
    this.#ends.set(ends);
  }
}
