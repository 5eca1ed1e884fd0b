import { MINUS, PLUS, ZERO } from "./json-scanner.ts";

/** 64 bits as two unsigned halves, the last result of {@link readDecimal}. */
export const halves = { low: 0, high: 0 };

const MAX_DIGITS = 20;
/** So many digits are read at a time: they fit into a 32-bit integer. */
const PART_DIGITS = 9;
const PART_UNIT = 1e9;

/**
 * Reads an integer in decimal digits, perhaps with a sign, from -2^63 to 2^64 - 1, into {@link halves}: negative ones
 * as two's complement. False for anything else.
 */
export function readDecimal(text: Uint8Array, start: number, end: number): boolean {
  const sign = text[start];
  const from = sign === MINUS || sign === PLUS ? start + 1 : start;
  if (from >= end || end - from > MAX_DIGITS) return false;
  const lowerAt = Math.max(from, end - PART_DIGITS);
  const middleAt = Math.max(from, lowerAt - PART_DIGITS);
  const lower = readPart(text, lowerAt, end);
  const middle = readPart(text, middleAt, lowerAt);
  const top = readPart(text, from, middleAt);
  if (lower < 0 || middle < 0 || top < 0) return false;

  // `upper` has up to 37 bits: its halves are multiplied one by one to stay below 2^53.
  const upper = top * PART_UNIT + middle;
  const upperHigh = Math.floor(upper / 0x1_0000);
  const highProduct = upperHigh * PART_UNIT;
  const highCarry = Math.floor(highProduct / 0x1_0000);
  const rest =
    (highProduct - highCarry * 0x1_0000) * 0x1_0000 + (upper - upperHigh * 0x1_0000) * PART_UNIT + lower;
  const restHigh = Math.floor(rest / 2 ** 32);
  const high = highCarry + restHigh;
  const low = rest - restHigh * 2 ** 32;
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

/** Up to nine digits as a number, 0 where there are none; -1 where something else is among them. */
function readPart(text: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (text[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = (Math.imul(number, 10) + digit) | 0;
  }
  return number;
}

/** The same for a number that is written otherwise, such as 1e3; false where it is no integer of 64 bits. */
export function readWholeNumber(value: number): boolean {
  if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 64) return false;
  const bits = BigInt.asUintN(64, BigInt(value));
  halves.low = Number(bits & 0xffff_ffffn);
  halves.high = Number(bits >> 32n);
  return true;
}
