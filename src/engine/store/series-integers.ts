import type { BitReader, BitWriter } from "./series-bits.ts";

/**
 * Columns of 64-bit integers as differences from the value before, or of these differences from one another, which are
 * smaller where something grows steadily: whichever took fewer bits of late. They are zigzag-coded, then Rice-coded with a
 * parameter that follows the magnitude of the last ones: `q` ones, a zero, and `k` bits; far larger ones are escaped.
 * Everything is modulo 2^64, so that no value is too large.
 *
 * A column's state is {@link COLUMN_SIZE} numbers, all 0 at the beginning; writer and reader go through the same states.
 */
export const COLUMN_SIZE = 7;

/** Places within a column's state. One between them is the doubles' own (series-doubles.ts). */
const LOW = 0;
const HIGH = 1;
const DELTA_LOW = 2;
const DELTA_HIGH = 3;
/** The mean counts of significant bits, in sixteenths, of differences and of what these differ by. */
const FIRST_MEAN = 4;
const SECOND_MEAN = 6;

/** Writes the next value of the column whose state lies at `at`. */
export function writeInteger(
  bits: BitWriter,
  state: Int32Array,
  at: number,
  low: number,
  high: number,
): void {
  const before = state[at + LOW] ?? 0;
  const deltaLow = (low - before) | 0;
  const deltaHigh = (high - (state[at + HIGH] ?? 0) - borrow(low, before)) | 0;
  const deltaBefore = state[at + DELTA_LOW] ?? 0;
  const changeLow = (deltaLow - deltaBefore) | 0;
  const changeHigh = (deltaHigh - (state[at + DELTA_HIGH] ?? 0) - borrow(deltaLow, deltaBefore)) | 0;
  const first = state[at + FIRST_MEAN] ?? 0;
  const second = state[at + SECOND_MEAN] ?? 0;
  state[at + LOW] = low;
  state[at + HIGH] = high;
  state[at + DELTA_LOW] = deltaLow;
  state[at + DELTA_HIGH] = deltaHigh;
  const firstLength = lengthOf(deltaLow, deltaHigh);
  const secondLength = lengthOf(changeLow, changeHigh);
  state[at + FIRST_MEAN] = follow(first, firstLength);
  state[at + SECOND_MEAN] = follow(second, secondLength);
  if (second < first) writeRice(bits, parameter(second), changeLow, changeHigh, secondLength);
  else writeRice(bits, parameter(first), deltaLow, deltaHigh, firstLength);
}

/** Reads the next value of the column into the reader's `low` and `high`. */
export function readInteger(bits: BitReader, state: Int32Array, at: number): void {
  const first = state[at + FIRST_MEAN] ?? 0;
  const second = state[at + SECOND_MEAN] ?? 0;
  const deltaBefore = state[at + DELTA_LOW] ?? 0;
  const deltaBeforeHigh = state[at + DELTA_HIGH] ?? 0;
  readRice(bits, parameter(Math.min(first, second)));
  const sign = -(bits.low & 1);
  let deltaLow = ((bits.low >>> 1) | (bits.high << 31)) ^ sign;
  let deltaHigh = (bits.high >>> 1) ^ sign;
  if (second < first) {
    const sum = (deltaLow + deltaBefore) | 0;
    deltaHigh = (deltaHigh + deltaBeforeHigh + borrow(sum, deltaLow)) | 0;
    deltaLow = sum;
  }
  const changeLow = (deltaLow - deltaBefore) | 0;
  const changeHigh = (deltaHigh - deltaBeforeHigh - borrow(deltaLow, deltaBefore)) | 0;
  const low = (deltaLow + (state[at + LOW] ?? 0)) | 0;
  const high = (deltaHigh + (state[at + HIGH] ?? 0) + borrow(low, deltaLow)) | 0;
  state[at + LOW] = low;
  state[at + HIGH] = high;
  state[at + DELTA_LOW] = deltaLow;
  state[at + DELTA_HIGH] = deltaHigh;
  state[at + FIRST_MEAN] = follow(first, lengthOf(deltaLow, deltaHigh));
  state[at + SECOND_MEAN] = follow(second, lengthOf(changeLow, changeHigh));
  bits.low = low;
  bits.high = high;
}

/** 1 where the first is less than the second, both unsigned: the borrow of a difference, the carry of a sum against a summand. */
function borrow(first: number, second: number): number {
  return first >>> 0 < second >>> 0 ? 1 : 0;
}

/** The count of significant bits of a number in its zigzag form. */
function lengthOf(low: number, high: number): number {
  const sign = high >> 31;
  const zigzagHigh = ((high << 1) | (low >>> 31)) ^ sign;
  return zigzagHigh === 0 ? 32 - Math.clz32((low << 1) ^ sign) : 64 - Math.clz32(zigzagHigh);
}

/** @param length of the number's zigzag form */
function writeRice(bits: BitWriter, k: number, low: number, high: number, length: number): void {
  const sign = high >> 31;
  const zigzagLow = (low << 1) ^ sign;
  const zigzagHigh = ((high << 1) | (low >>> 31)) ^ sign;
  if (length > k + QUOTIENT_BITS) {
    bits.write(ESCAPE, ESCAPE_WIDTH);
    bits.write(length - 1, 6);
    bits.writeWide(zigzagLow, zigzagHigh, length);
    return;
  }
  if (k < 15) {
    const quotient = zigzagLow >>> k;
    const ones = ((1 << quotient) - 1) << 1;
    bits.write((ones << k) | (zigzagLow & ((1 << k) - 1)), quotient + 1 + k);
    return;
  }
  const quotient = k < 32 ? (zigzagLow >>> k) | (zigzagHigh << (32 - k)) : zigzagHigh >>> (k - 32);
  bits.write(((1 << quotient) - 1) << 1, quotient + 1);
  bits.writeWide(zigzagLow, zigzagHigh, k);
}

function readRice(bits: BitReader, k: number): void {
  let quotient = 0;
  while (quotient < ESCAPE_WIDTH && bits.read(1) === 1) quotient++;
  if (quotient === ESCAPE_WIDTH) {
    bits.readWide(bits.read(6) + 1);
    return;
  }
  bits.readWide(k);
  if (k < 32) {
    bits.low |= quotient << k;
    if (k > 0) bits.high |= quotient >>> (32 - k);
  } else bits.high |= quotient << (k - 32);
}

/** Quotients of at most four bits are written in ones; sixteen ones are an escape. */
const QUOTIENT_BITS = 4;
const ESCAPE_WIDTH = 16;
const ESCAPE = 0xffff;

/** With k a little below the mean count of bits, the quotient is 0 or 1 most of the time. */
function parameter(mean: number): number {
  const k = (mean - K_BELOW_MEAN) >> 4;
  return k < 0 ? 0 : k > 60 ? 60 : k;
}

const K_BELOW_MEAN = 4;

/** The mean after one more. Counts of bits hardly move for a single outlier, which the difference itself would. */
function follow(mean: number, length: number): number {
  return mean + (((length << 4) - mean) >> 2);
}
