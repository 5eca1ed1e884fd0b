import { WireWriter } from "../base/wire-writer.ts";

/**
 * Data points of any kind in columns. What a point says besides its times is a run of 64-bit words, integers or
 * the bits of doubles: the scalars of its kind ({@link scalarCount}) and then two lists,
 *
 * | kind                  | scalars                                                                   | first    | second   |
 * | --------------------- | ------------------------------------------------------------------------- | -------- | -------- |
 * | gauge, sum            | value                                                                     |          |          |
 * | histogram             | count, sum, min, max                                                      | counts   | bounds   |
 * | exponential histogram | these, zero count and threshold, scale, offsets of positives and negatives | positive | negative |
 * | summary               | count, sum                                                                | quantile | value    |
 */
export class PointColumns {
  count = 0;
  /** Nanoseconds since the epoch, in two halves: 64 bits are exact. A start of 0 is one that was not told. */
  timeLow = new Uint32Array(INITIAL_POINTS);
  timeHigh = new Uint32Array(INITIAL_POINTS);
  startLow = new Uint32Array(INITIAL_POINTS);
  startHigh = new Uint32Array(INITIAL_POINTS);
  flags = new Uint32Array(INITIAL_POINTS);
  /** Of a number one of {@link NO_VALUE}, {@link INTEGER} and {@link DOUBLE}; else bits, {@link HAS_SUM} and so on. */
  form = new Uint8Array(INITIAL_POINTS);
  /** Index of the first word. */
  wordStart = new Uint32Array(INITIAL_POINTS);
  firstLength = new Uint32Array(INITIAL_POINTS);
  secondLength = new Uint32Array(INITIAL_POINTS);
  /** Where in {@link extras} the point's fields end; they begin where those of the point before it end. */
  extraEnd = new Uint32Array(INITIAL_POINTS);

  wordCount = 0;
  wordLow = new Uint32Array(INITIAL_POINTS);
  wordHigh = new Uint32Array(INITIAL_POINTS);
  /** Fields that have no column, as they came: exemplars, and what a newer sender may add. */
  readonly extras = new WireWriter();

  /** Empties the columns. Those that one large request made are given back. */
  clear(): void {
    if (this.timeLow.length > MAX_KEPT_POINTS) this.#resizePoints(INITIAL_POINTS, 0);
    if (this.wordLow.length > MAX_KEPT_WORDS) this.#resizeWords(INITIAL_POINTS, 0);
    this.count = 0;
    this.wordCount = 0;
    this.extras.clear();
  }

  /** The index of a new point, whose words come next; the caller fills the other columns. */
  add(): number {
    if (this.count === this.timeLow.length) this.#resizePoints(this.count * 2, this.count);
    this.wordStart[this.count] = this.wordCount;
    return this.count++;
  }

  addWord(low: number, high: number): void {
    if (this.wordCount === this.wordLow.length) this.#resizeWords(this.wordCount * 2, this.wordCount);
    this.wordLow[this.wordCount] = low;
    this.wordHigh[this.wordCount++] = high;
  }

  extraStart(index: number): number {
    return index === 0 ? 0 : (this.extraEnd[index - 1] ?? 0);
  }

  /** Takes over a point of the same kind from other columns. */
  addFrom(other: PointColumns, index: number, kind: number): void {
    const at = this.add();
    this.timeLow[at] = other.timeLow[index] ?? 0;
    this.timeHigh[at] = other.timeHigh[index] ?? 0;
    this.startLow[at] = other.startLow[index] ?? 0;
    this.startHigh[at] = other.startHigh[index] ?? 0;
    this.flags[at] = other.flags[index] ?? 0;
    this.form[at] = other.form[index] ?? 0;
    this.firstLength[at] = other.firstLength[index] ?? 0;
    this.secondLength[at] = other.secondLength[index] ?? 0;
    const end = wordEnd(other, index, kind);
    for (let word = other.wordStart[index] ?? 0; word < end; word++)
      this.addWord(other.wordLow[word] ?? 0, other.wordHigh[word] ?? 0);
    this.extras.raw(other.extras.buffer, other.extraStart(index), other.extraEnd[index] ?? 0);
    this.extraEnd[at] = this.extras.length;
  }

  #resizePoints(length: number, kept: number): void {
    this.timeLow = resized(this.timeLow, length, kept);
    this.timeHigh = resized(this.timeHigh, length, kept);
    this.startLow = resized(this.startLow, length, kept);
    this.startHigh = resized(this.startHigh, length, kept);
    this.flags = resized(this.flags, length, kept);
    this.wordStart = resized(this.wordStart, length, kept);
    this.firstLength = resized(this.firstLength, length, kept);
    this.secondLength = resized(this.secondLength, length, kept);
    this.extraEnd = resized(this.extraEnd, length, kept);
    const form = new Uint8Array(length);
    form.set(this.form.subarray(0, kept));
    this.form = form;
  }

  #resizeWords(length: number, kept: number): void {
    this.wordLow = resized(this.wordLow, length, kept);
    this.wordHigh = resized(this.wordHigh, length, kept);
  }
}

/** Forms of a number. */
export const NO_VALUE = 0;
export const INTEGER = 1;
export const DOUBLE = 2;

/** Bits of the form of histograms, where these are optional. */
export const HAS_SUM = 1;
export const HAS_MIN = 2;
export const HAS_MAX = 4;

/** Scalars by their place among a point's words. */
export const VALUE = 0;
export const COUNT = 0;
export const SUM_OF_VALUES = 1;
export const MIN = 2;
export const MAX = 3;
export const ZERO_COUNT = 4;
export const ZERO_THRESHOLD = 5;
export const SCALE = 6;
export const FIRST_OFFSET = 7;
export const SECOND_OFFSET = 8;

/** How many scalars a point has, by the number of its kind (model/metric.ts). */
const SCALAR_COUNTS: readonly number[] = [1, 1, 4, 9, 2];

export function scalarCount(kind: number): number {
  return SCALAR_COUNTS[kind] ?? 0;
}

/** Where the words of a point end. */
export function wordEnd(points: PointColumns, index: number, kind: number): number {
  const lists = (points.firstLength[index] ?? 0) + (points.secondLength[index] ?? 0);
  return (points.wordStart[index] ?? 0) + scalarCount(kind) + lists;
}

/** Whether two points of one kind say the same of the same moment. */
export function isSamePoint(a: PointColumns, i: number, b: PointColumns, j: number, kind: number): boolean {
  if (
    a.timeLow[i] !== b.timeLow[j] ||
    a.timeHigh[i] !== b.timeHigh[j] ||
    a.startLow[i] !== b.startLow[j] ||
    a.startHigh[i] !== b.startHigh[j] ||
    a.flags[i] !== b.flags[j] ||
    a.form[i] !== b.form[j] ||
    a.firstLength[i] !== b.firstLength[j] ||
    a.secondLength[i] !== b.secondLength[j]
  )
    return false;
  const from = a.wordStart[i] ?? 0;
  const shift = (b.wordStart[j] ?? 0) - from;
  for (let word = wordEnd(a, i, kind) - 1; word >= from; word--) {
    if (a.wordLow[word] !== b.wordLow[word + shift] || a.wordHigh[word] !== b.wordHigh[word + shift])
      return false;
  }
  const size = (a.extraEnd[i] ?? 0) - a.extraStart(i);
  if (size !== (b.extraEnd[j] ?? 0) - b.extraStart(j)) return false;
  const ours = a.extras.buffer;
  const theirs = b.extras.buffer;
  for (let n = 0, from = a.extraStart(i), to = b.extraStart(j); n < size; n++)
    if (ours[from + n] !== theirs[to + n]) return false;
  return true;
}

/** Exporters send some hundred points at a time. */
const INITIAL_POINTS = 256;
const MAX_KEPT_POINTS = 1 << 16;
const MAX_KEPT_WORDS = 1 << 18;

function resized(column: Uint32Array, length: number, kept: number): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(length);
  result.set(column.subarray(0, kept));
  return result;
}
