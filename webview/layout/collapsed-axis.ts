/**
 * Maps a trace's wall time to its program time: moments while it stood still fall together, all others keep their
 * distances. Monotone and piecewise linear, with slopes of 1 and 0. Nanoseconds since the trace's start on both sides.
 */
export class CollapsedAxis {
  /** Starts and ends in turn, ascending; the last end may be Infinity. */
  readonly #standstill: Float64Array;
  /** What is left out before each standstill. */
  readonly #before: Float64Array;

  constructor(standstill: Float64Array) {
    this.#standstill = standstill;
    this.#before = new Float64Array(standstill.length / 2);
    for (let i = 1; i < this.#before.length; i += 1)
      this.#before[i] = (this.#before[i - 1] ?? 0) + this.#end(i - 1) - this.#start(i - 1);
  }

  /** Since when the trace stands still now; undefined while it does not. */
  get heldSinceNs(): number | undefined {
    const last = this.#before.length - 1;
    return this.#end(last) === Infinity ? this.#start(last) : undefined;
  }

  toProgram(wallNs: number): number {
    const i = this.#last((at) => this.#start(at) <= wallNs);
    if (i < 0) return wallNs;
    return Math.max(wallNs - this.#end(i), 0) + this.#start(i) - (this.#before[i] ?? 0);
  }

  /** The first wall time of a program time: {@link toProgram} of it is the same again. */
  toWall(programNs: number): number {
    const i = this.#last((at) => this.#start(at) - (this.#before[at] ?? 0) < programNs);
    if (i < 0) return programNs;
    const end = this.#end(i);
    // Nothing goes on after a standstill that lasts.
    if (end === Infinity) return this.#start(i);
    return programNs + (this.#before[i] ?? 0) + end - this.#start(i);
  }

  #start(i: number): number {
    return this.#standstill[2 * i] ?? 0;
  }

  #end(i: number): number {
    return this.#standstill[2 * i + 1] ?? 0;
  }

  /** The last standstill for which an ascending condition holds, -1 for none. */
  #last(holds: (at: number) => boolean): number {
    let low = 0;
    let high = this.#before.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(middle)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
