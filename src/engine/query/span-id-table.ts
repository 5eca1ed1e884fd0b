import { mixWords } from "../store/hash-index.ts";

/** Finds the entries of one trace by span id; entries are numbered in the order in which they were added. */
export class SpanIdTable {
  readonly #high: Int32Array;
  readonly #low: Int32Array;
  /** Entry + 1, 0 for a free place. */
  readonly #places: Uint32Array;
  /** The next entry of the same id, + 1. */
  readonly #next: Uint32Array;
  #count = 0;

  constructor(capacity: number) {
    this.#high = new Int32Array(capacity);
    this.#low = new Int32Array(capacity);
    this.#next = new Uint32Array(capacity);
    this.#places = new Uint32Array(2 ** Math.ceil(Math.log2(capacity * 2 + 2)));
  }

  /** Adds an entry; returns whether its id is new. */
  add(high: number, low: number): boolean {
    const entry = this.#count++;
    this.#high[entry] = high;
    this.#low[entry] = low;
    const place = this.#placeOf(high, low);
    const first = this.#places[place] ?? 0;
    if (first === 0) {
      this.#places[place] = entry + 1;
      return true;
    }
    // Hung in behind the first: the first entry of an id stays the one that is found.
    this.#next[entry] = this.#next[first - 1] ?? 0;
    this.#next[first - 1] = entry + 1;
    return false;
  }

  /** The first entry of this id, -1 where there is none. */
  find(high: number, low: number): number {
    return (this.#places[this.#placeOf(high, low)] ?? 0) - 1;
  }

  /** A further entry of the same id, -1 after the last. */
  next(entry: number): number {
    return (this.#next[entry] ?? 0) - 1;
  }

  #placeOf(high: number, low: number): number {
    const mask = this.#places.length - 1;
    for (let place = mixWords(high, low) & mask; ; place = (place + 1) & mask) {
      const entry = (this.#places[place] ?? 0) - 1;
      if (entry < 0 || (this.#low[entry] === low && this.#high[entry] === high)) return place;
    }
  }
}
