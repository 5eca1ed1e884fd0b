import { IntervalBuffer } from "./interval-buffer.ts";
import type { Intervals } from "./intervals.ts";

/** A set of moments that answers in logarithmic time: sorted, merged, with the sums of the lengths before each interval. */
export class IntervalSet {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** The length of all intervals before each. */
  readonly #before: Float64Array;

  /** @param pairs intervals in any order; they may overlap, and one may end at Infinity */
  constructor(pairs: readonly (readonly [start: number, end: number])[]) {
    const buffer = new IntervalBuffer();
    for (const [start, end] of pairs) buffer.add(start, end);
    const union = buffer.union();
    const count = union.length / 2;
    this.#starts = new Float64Array(count);
    this.#ends = new Float64Array(count);
    this.#before = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const start = (this.#starts[i] = union[2 * i] ?? 0);
      const end = (this.#ends[i] = union[2 * i + 1] ?? 0);
      this.#before[i] = sum;
      sum += end - start;
    }
  }

  /** The length of what lies between two moments. */
  within(start: number, end: number): number {
    return start < end ? this.#until(end) - this.#until(start) : 0;
  }

  has(moment: number): boolean {
    return moment < (this.#ends[this.#lastFrom(moment)] ?? Number.NEGATIVE_INFINITY);
  }

  /** Whether it has a moment of this stretch. */
  meets(start: number, end: number): boolean {
    return start < end && (this.#ends[this.#lastBefore(end)] ?? Number.NEGATIVE_INFINITY) > start;
  }

  /** The part between two moments. */
  clip(start: number, end: number): Intervals {
    if (!(start < end)) return [];
    const clipped: number[] = [];
    for (let i = Math.max(0, this.#lastFrom(start)); i < this.#starts.length; i++) {
      const from = Math.max(this.#starts[i] ?? 0, start);
      const to = Math.min(this.#ends[i] ?? 0, end);
      if (from >= end) break;
      if (from < to) clipped.push(from, to);
    }
    return clipped;
  }

  #until(moment: number): number {
    const i = this.#lastFrom(moment);
    if (i < 0) return 0;
    return (this.#before[i] ?? 0) + Math.min(moment, this.#ends[i] ?? 0) - (this.#starts[i] ?? 0);
  }

  /** The last interval that starts at or before a moment, -1 where none does. */
  #lastFrom(moment: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= moment) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #lastBefore(moment: number): number {
    const last = this.#lastFrom(moment);
    return this.#starts[last] === moment ? last - 1 : last;
  }
}
