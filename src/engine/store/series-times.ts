import type { PointColumns } from "../../model/metric-points.ts";

/** Stands for the number of a time that is written with its sample, since no other has it. */
export const NOT_SHARED = -1;

/**
 * Times that many samples share: a program's metrics are mostly read at one moment, so that a sample of theirs only
 * holds a number, which hardly takes a bit where the numbers grow steadily. Numbers are given in the order in which times
 * come and never twice; times are exact. Whoever refers to a time {@link hold}s all from that one on.
 */
export class SharedTimes {
  readonly #pages = new Map<number, TimePage>();
  #firstPage = 0;
  #nextNumber = 0;
  #lastLow = NO_WORD;
  #lastHigh = NO_WORD;

  /** Bytes of memory that the times take. */
  get byteLength(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  /** Whether this time was numbered last. */
  isLast(low: number, high: number): boolean {
    return low === this.#lastLow && high === this.#lastHigh;
  }

  /** The number of a time, a new one unless it was numbered last. */
  numberOf(low: number, high: number): number {
    if (this.isLast(low, high)) return this.#nextNumber - 1;
    const number = this.#nextNumber++;
    const page = this.#pageAt(number >>> PAGE_BITS);
    page.low[number & PAGE_MASK] = this.#lastLow = low;
    page.high[number & PAGE_MASK] = this.#lastHigh = high;
    return number;
  }

  lowOf(number: number): number {
    return this.#pages.get(number >>> PAGE_BITS)?.low[number & PAGE_MASK] ?? 0;
  }

  highOf(number: number): number {
    return this.#pages.get(number >>> PAGE_BITS)?.high[number & PAGE_MASK] ?? 0;
  }

  /** Keeps this time and all later ones until {@link letGo}. */
  hold(number: number): void {
    this.#pageAt(number >>> PAGE_BITS).holderCount++;
  }

  letGo(number: number): void {
    const page = this.#pages.get(number >>> PAGE_BITS);
    if (page === undefined) return;
    page.holderCount--;
    this.#dropUnheld();
  }

  /** Forgets all times. Numbers go on. */
  clear(): void {
    this.#pages.clear();
    this.#firstPage = this.#nextNumber >>> PAGE_BITS;
    this.#lastLow = this.#lastHigh = NO_WORD;
  }

  #pageAt(index: number): TimePage {
    const known = this.#pages.get(index);
    if (known !== undefined) return known;
    const page = { low: new Uint32Array(PAGE_TIMES), high: new Uint32Array(PAGE_TIMES), holderCount: 0 };
    this.#pages.set(index, page);
    this.#dropUnheld();
    return page;
  }

  /** Lets the oldest pages go; the newest one is being filled. */
  #dropUnheld(): void {
    const newest = (this.#nextNumber - 1) >>> PAGE_BITS;
    while (this.#firstPage < newest && (this.#pages.get(this.#firstPage)?.holderCount ?? 0) === 0)
      this.#pages.delete(this.#firstPage++);
  }
}

/** Tells of a request's points, one after the other, whether they share their time. */
export class TimeSharing {
  readonly #times: SharedTimes;
  readonly #points: PointColumns;
  /** Where the points of one time end. */
  #end = 0;
  #isShared = false;

  constructor(times: SharedTimes, points: PointColumns) {
    this.#times = times;
    this.#points = points;
  }

  isShared(point: number): boolean {
    if (point < this.#end) return this.#isShared;
    const { count, timeLow, timeHigh } = this.#points;
    const low = timeLow[point] ?? 0;
    const high = timeHigh[point] ?? 0;
    this.#end = point + 1;
    while (this.#end < count && timeLow[this.#end] === low && timeHigh[this.#end] === high) this.#end++;
    return (this.#isShared = this.#end - point >= MIN_SHARING || this.#times.isLast(low, high));
  }
}

/** With fewer, times take no less than within their series, where one to the nanosecond has three bytes. */
const MIN_SHARING = 4;

interface TimePage {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Who holds the times from one in this page on. */
  holderCount: number;
}

/** Some half an hour of a program that is asked every ten seconds. */
const PAGE_BITS = 8;
const PAGE_TIMES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_TIMES - 1;
const PAGE_BYTES = PAGE_TIMES * 8 + 200;
/** No half of a time. */
const NO_WORD = -1;
