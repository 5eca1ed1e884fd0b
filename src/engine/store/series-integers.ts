import type { BitReader, BitWriter } from "./series-bits.ts";

/**
 * Columns of 64-bit integers as differences from the value before (order 1), or of these differences from one another
 * (order 2, for what grows steadily: times and cumulative counts). A difference is zigzag-coded, then Rice-coded with a
 * parameter that follows the magnitude of the last ones: `q` ones, a zero, and `k` bits; far larger ones are escaped.
 * Everything is modulo 2^64, so that no value is too large.
 *
 * A column's state is {@link COLUMN_SIZE} numbers, all 0 at the beginning; writer and reader go through the same states.
 */
export const COLUMN_SIZE = 6;

/** Places within a column's state. */
const LOW = 0;
const HIGH = 1;
const DELTA_LOW = 2;
const DELTA_HIGH = 3;
/** The mean count of significant bits of the differences, in sixteenths. */
const MAGNITUDE = 4;

export type Order = 1 | 2;

/** Writes the next value of the column whose state lies at `at`. */
export function writeInteger(
  bits: BitWriter,
  state: Int32Array,
  at: number,
  order: Order,
  low: number,
  high: number,
): void {
  const deltaLow = (low - (state[at + LOW] ?? 0)) | 0;
  const deltaHigh = (high - (state[at + HIGH] ?? 0) - borrow(low, state[at + LOW] ?? 0)) | 0;
  let restLow = deltaLow;
  let restHigh = deltaHigh;
  if (order === 2) {
    const before = state[at + DELTA_LOW] ?? 0;
    restLow = (deltaLow - before) | 0;
    restHigh = (deltaHigh - (state[at + DELTA_HIGH] ?? 0) - borrow(deltaLow, before)) | 0;
    state[at + DELTA_LOW] = deltaLow;
    state[at + DELTA_HIGH] = deltaHigh;
  }
  state[at + LOW] = low;
  state[at + HIGH] = high;
  const sign = restHigh >> 31;
  writeRice(bits, state, at + MAGNITUDE, (restLow << 1) ^ sign, ((restHigh << 1) | (restLow >>> 31)) ^ sign);
}

/** Reads the next value of the column into the reader's `low` and `high`. */
export function readInteger(bits: BitReader, state: Int32Array, at: number, order: Order): void {
  readRice(bits, state, at + MAGNITUDE);
  const sign = -(bits.low & 1);
  let low = ((bits.low >>> 1) | (bits.high << 31)) ^ sign;
  let high = (bits.high >>> 1) ^ sign;
  if (order === 2) {
    const sum = (low + (state[at + DELTA_LOW] ?? 0)) | 0;
    high = (high + (state[at + DELTA_HIGH] ?? 0) + borrow(sum, low)) | 0;
    low = sum;
    state[at + DELTA_LOW] = low;
    state[at + DELTA_HIGH] = high;
  }
  const sum = (low + (state[at + LOW] ?? 0)) | 0;
  bits.high = (high + (state[at + HIGH] ?? 0) + borrow(sum, low)) | 0;
  bits.low = sum;
  state[at + LOW] = bits.low;
  state[at + HIGH] = bits.high;
}

/** 1 where the first is less than the second, both unsigned: the borrow of a difference, the carry of a sum against a summand. */
function borrow(first: number, second: number): number {
  return first >>> 0 < second >>> 0 ? 1 : 0;
}

function writeRice(bits: BitWriter, state: Int32Array, at: number, low: number, high: number): void {
  const k = parameter(state, at);
  const length = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  adapt(state, at, length);
  if (length > k + QUOTIENT_BITS) {
    bits.write(ESCAPE, ESCAPE_WIDTH);
    bits.write(length - 1, 6);
    bits.writeWide(low, high, length);
    return;
  }
  const quotient = k < 32 ? (k === 0 ? low : (low >>> k) | (high << (32 - k))) : high >>> (k - 32);
  bits.write(((1 << quotient) - 1) << 1, quotient + 1);
  bits.writeWide(low, high, k);
}

function readRice(bits: BitReader, state: Int32Array, at: number): void {
  const k = parameter(state, at);
  let quotient = 0;
  while (quotient < ESCAPE_WIDTH && bits.read(1) === 1) quotient++;
  if (quotient === ESCAPE_WIDTH) bits.readWide(bits.read(6) + 1);
  else {
    bits.readWide(k);
    if (k < 32) {
      bits.low |= quotient << k;
      if (k > 0) bits.high |= quotient >>> (32 - k);
    } else bits.high |= quotient << (k - 32);
  }
  adapt(state, at, bits.high === 0 ? 32 - Math.clz32(bits.low) : 64 - Math.clz32(bits.high));
}

/** Quotients of at most four bits are written in ones; sixteen ones are an escape. */
const QUOTIENT_BITS = 4;
const ESCAPE_WIDTH = 16;
const ESCAPE = 0xffff;

/** With k a little below the mean count of bits, the quotient is 0 or 1 most of the time. */
function parameter(state: Int32Array, at: number): number {
  const k = ((state[at] ?? 0) - K_BELOW_MEAN) >> 4;
  return k < 0 ? 0 : k > 60 ? 60 : k;
}

const K_BELOW_MEAN = 4;

/** Counts of bits hardly move for a single outlier, which the difference itself would. */
function adapt(state: Int32Array, at: number, length: number): void {
  const mean = state[at] ?? 0;
  state[at] = mean + (((length << 4) - mean) >> 2);
}
