import { MINUS, PLUS, ZERO } from "./json-scanner.ts";

/** 64 bits as two unsigned halves, the last result of {@link readDecimal}. */
export const halves = { low: 0, high: 0 };

const MAX_DIGITS = 20;
/** The digits are read in two parts, both of which are exact as numbers. */
const LOW_DIGITS = 9;
const LOW_UNIT = 1e9;

/**
 * Reads an integer in decimal digits, perhaps with a sign, from -2^63 to 2^64 - 1, into {@link halves}: negative ones
 * as two's complement. False for anything else.
 */
export function readDecimal(text: Uint8Array, start: number, end: number): boolean {
  const sign = text[start];
  const from = sign === MINUS || sign === PLUS ? start + 1 : start;
  if (from >= end || end - from > MAX_DIGITS) return false;
  let upper = 0;
  let lower = 0;
  const split = end - LOW_DIGITS;
  for (let at = from; at < end; at++) {
    const digit = (text[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return false;
    if (at < split) upper = upper * 10 + digit;
    else lower = lower * 10 + digit;
  }
  // upper × 10^9 + lower, where `upper` has up to 37 bits: its halves are multiplied one by one to stay below 2^53.
  const upperHigh = Math.floor(upper / 0x1_0000) * LOW_UNIT;
  const rest = (upperHigh % 0x1_0000) * 0x1_0000 + (upper % 0x1_0000) * LOW_UNIT + lower;
  const high = Math.floor(upperHigh / 0x1_0000) + Math.floor(rest / 2 ** 32);
  const low = rest % 2 ** 32;
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

/** The same for a number that is written otherwise, such as 1e3; false where it is no integer of 64 bits. */
export function readWholeNumber(value: number): boolean {
  if (!Number.isInteger(value) || value < -(2 ** 63) || value >= 2 ** 64) return false;
  const bits = BigInt.asUintN(64, BigInt(value));
  halves.low = Number(bits & 0xffff_ffffn);
  halves.high = Number(bits >> 32n);
  return true;
}
