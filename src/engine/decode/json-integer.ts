import { MINUS, PLUS, ZERO } from "./json-scanner.ts";

/** 64 bits as two unsigned halves, the last result of {@link readDecimal}. */
export const halves = { low: 0, high: 0 };

const MAX_DIGITS = 20;
/** So many digits are read in one go: as two words of four. */
const PART_DIGITS = 8;
const PART_UNIT = 1e8;
/** The lower half of 1e16. */
const TOP_UNIT_LOW = 0x6fc1_0000;

/**
 * Reads an integer in decimal digits, perhaps with a sign, from -2^63 to 2^64 - 1, into {@link halves}: negative ones
 * as two's complement. False for anything else.
 */
export function readDecimal(text: DataView, start: number, end: number): boolean {
  const sign = start < end ? text.getUint8(start) : 0;
  const from = sign === MINUS || sign === PLUS ? start + 1 : start;
  if (from >= end || end - from > MAX_DIGITS) return false;
  const lowerAt = Math.max(from, end - PART_DIGITS);
  const middleAt = Math.max(from, lowerAt - PART_DIGITS);
  const lower = readPart(text, lowerAt, end);
  const middle = readPart(text, middleAt, lowerAt);
  const top = readPart(text, from, middleAt);
  if (lower < 0 || middle < 0 || top < 0) return false;

  const low = (Math.imul(top, TOP_UNIT_LOW) + Math.imul(middle, PART_UNIT) + lower) >>> 0;
  // The sum is off by less than 2^15, which the division makes far less than a half.
  const high = Math.round((top * PART_UNIT * PART_UNIT + middle * PART_UNIT + lower - low) * 2 ** -32);
  if (high >= 2 ** 32) return false;
  if (sign === MINUS) {
    if (high > 2 ** 31 || (high === 2 ** 31 && low > 0)) return false;
    halves.low = -low >>> 0;
    halves.high = (~high + (low === 0 ? 1 : 0)) >>> 0;
    return true;
  }
  halves.low = low;
  halves.high = high;
  return true;
}

/** Up to eight digits as a number, 0 where there are none; -1 where something else is among them. */
function readPart(text: DataView, start: number, end: number): number {
  if (end - start === PART_DIGITS) return readEightDigits(text, start);
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = text.getUint8(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = (Math.imul(number, 10) + digit) | 0;
  }
  return number;
}

/** The digits' values lie in the bytes of two words, the first one lowest. */
function readEightDigits(text: DataView, at: number): number {
  const first = text.getInt32(at, true) ^ 0x30303030;
  const second = text.getInt32(at + 4, true) ^ 0x30303030;
  // A byte above 9 has its top bit set, or gets it.
  const faults = first | (first + 0x76767676) | second | (second + 0x76767676);
  return (faults & TOP_BITS) === 0 ? fourDigits(first) * 10_000 + fourDigits(second) : -1;
}

/** Adds neighbours up, in both halves of the word at once. */
function fourDigits(digits: number): number {
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}

const TOP_BITS = 0x80808080 | 0;

/** The same for a number that is written otherwise, such as 1e3; false where it is no integer of 64 bits. */
export function readWholeNumber(value: number): boolean {
  if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 64) return false;
  const bits = BigInt.asUintN(64, BigInt(value));
  halves.low = Number(bits & 0xffff_ffffn);
  halves.high = Number(bits >> 32n);
  return true;
}
