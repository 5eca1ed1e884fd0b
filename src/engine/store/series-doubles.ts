import type { BitReader, BitWriter } from "./series-bits.ts";
import { readInteger, writeInteger } from "./series-integers.ts";

/**
 * Columns of doubles. Most are decimals of few digits (whole numbers most of all), which are written as integers times a power of ten
 * ({@link writeInteger}). From the first value on that is none, the bits that differ from the value before are
 * written, as in Gorilla (Pelkonen et al., VLDB 2015). Both are exact to the last bit.
 *
 * A column's state has the size of an integer column's, all 0 at the beginning: decimals without digits behind the point.
 */
export function writeDouble(bits: BitWriter, state: Int32Array, at: number, low: number, high: number): void {
  const mode = state[at + MODE] ?? 0;
  if (mode === XOR) {
    bits.write(0, 1);
    writeXor(bits, state, at, low, high);
    return;
  }
  const value = doubleOf(low, high);
  let exponent = mode;
  while (exponent <= MAX_EXPONENT && !isDecimal(value, exponent)) exponent++;
  if (exponent === mode) {
    bits.write(0, 1);
    writeDecimal(bits, state, at, value, mode);
  } else if (exponent <= MAX_EXPONENT) {
    bits.write(SWITCH | exponent, SWITCH_WIDTH);
    rescale(state, at, exponent);
    writeDecimal(bits, state, at, value, exponent);
  } else if (!Number.isFinite(value) || value === 0) {
    // Not a number, infinite, or minus zero: an exception, after which decimals go on.
    bits.write(SWITCH | RAW, SWITCH_WIDTH);
    bits.writeWide(low, high, 64);
  } else {
    bits.write(SWITCH | XOR, SWITCH_WIDTH);
    state.fill(0, at, at + MODE);
    state[at + MODE] = XOR;
    writeXor(bits, state, at, low, high);
  }
}

/** Reads the next value's bits into the reader's `low` and `high`. */
export function readDouble(bits: BitReader, state: Int32Array, at: number): void {
  if (bits.read(1) === 1) {
    const mode = bits.read(SWITCH_WIDTH - 1);
    if (mode === RAW) {
      bits.readWide(64);
      return;
    }
    if (mode === XOR) {
      state.fill(0, at, at + MODE);
      state[at + MODE] = XOR;
    } else rescale(state, at, mode);
  }
  const mode = state[at + MODE] ?? 0;
  if (mode === XOR) {
    readXor(bits, state, at);
    return;
  }
  readInteger(bits, state, at);
  scratch[0] = (bits.high * 2 ** 32 + (bits.low >>> 0)) / (POWERS[mode] ?? 1);
  bits.low = scratchWords[LOW_WORD] ?? 0;
  bits.high = scratchWords[1 - LOW_WORD] ?? 0;
}

/** The double that has these bits. */
export function doubleOf(low: number, high: number): number {
  scratchWords[LOW_WORD] = low;
  scratchWords[1 - LOW_WORD] = high;
  return scratch[0] ?? 0;
}

/** Places within a column's state besides those of integers: the width of the last difference, and digits behind the point or {@link XOR}. */
const LEADING = 2;
const TRAILING = 3;
const HAS_WINDOW = 4;
const MODE = 5;

/** A one and a code of four bits: digits behind the point, or one of two further. */
const SWITCH = 0x10;
const SWITCH_WIDTH = 5;
const RAW = 14;
const XOR = 15;

/** With more digits, what is left of a double's 53 bits saves nothing over {@link XOR}. */
const MAX_EXPONENT = 9;
const POWERS: readonly number[] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

const scratch = new Float64Array(1);
const scratchWords = new Int32Array(scratch.buffer);
/** Which of the two words is the lower one, on this machine. */
const LOW_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** Whether the value is exactly the double nearest to a whole number, minus zero excluded, divided by this power of ten. */
function isDecimal(value: number, exponent: number): boolean {
  const power = POWERS[exponent] ?? 1;
  const whole = Math.round(value * power);
  return Number.isSafeInteger(whole) && whole / power === value && !Object.is(whole, -0);
}

function writeDecimal(bits: BitWriter, state: Int32Array, at: number, value: number, exponent: number): void {
  const whole = Math.round(value * (POWERS[exponent] ?? 1));
  writeInteger(bits, state, at, whole | 0, Math.floor(whole / 2 ** 32));
}

/** More digits behind the point from now on: the values before, and their difference, are multiplied alike. */
function rescale(state: Int32Array, at: number, exponent: number): void {
  const factor = (POWERS[exponent] ?? 1) / (POWERS[state[at + MODE] ?? 0] ?? 1);
  for (const place of [0, 2]) {
    const whole = ((state[at + place + 1] ?? 0) * 2 ** 32 + ((state[at + place] ?? 0) >>> 0)) * factor;
    const kept = Number.isSafeInteger(whole) ? whole : 0;
    state[at + place] = kept | 0;
    state[at + place + 1] = Math.floor(kept / 2 ** 32);
  }
  state[at + MODE] = exponent;
}

function writeXor(bits: BitWriter, state: Int32Array, at: number, low: number, high: number): void {
  const xorLow = low ^ (state[at] ?? 0);
  const xorHigh = high ^ (state[at + 1] ?? 0);
  state[at] = low;
  state[at + 1] = high;
  if (xorLow === 0 && xorHigh === 0) {
    bits.write(0, 1);
    return;
  }
  const leading = Math.min(xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh), 31);
  const trailing = xorLow === 0 ? 32 + trailingZeros(xorHigh) : trailingZeros(xorLow);
  const windowLeading = state[at + LEADING] ?? 0;
  const windowTrailing = state[at + TRAILING] ?? 0;
  const fits = state[at + HAS_WINDOW] === 1 && leading >= windowLeading && trailing >= windowTrailing;
  const width = 64 - leading - trailing;
  // A window much wider than needed is left for a new one, which takes eleven bits.
  if (fits && 64 - windowLeading - windowTrailing <= width + 11) {
    bits.write(0b10, 2);
    writeShifted(bits, xorLow, xorHigh, windowTrailing, 64 - windowLeading - windowTrailing);
    return;
  }
  bits.write(0b11, 2);
  bits.write(leading, 5);
  bits.write(width - 1, 6);
  writeShifted(bits, xorLow, xorHigh, trailing, width);
  state[at + LEADING] = leading;
  state[at + TRAILING] = trailing;
  state[at + HAS_WINDOW] = 1;
}

function readXor(bits: BitReader, state: Int32Array, at: number): void {
  if (bits.read(1) === 1) {
    if (bits.read(1) === 1) {
      const leading = bits.read(5);
      state[at + LEADING] = leading;
      state[at + TRAILING] = 64 - leading - (bits.read(6) + 1);
    }
    const trailing = state[at + TRAILING] ?? 0;
    bits.readWide(64 - (state[at + LEADING] ?? 0) - trailing);
    const { low, high } = bits;
    state[at] = (state[at] ?? 0) ^ (trailing < 32 ? low << trailing : 0);
    state[at + 1] = (state[at + 1] ?? 0) ^ shiftedHigh(low, high, trailing);
  }
  bits.low = state[at] ?? 0;
  bits.high = state[at + 1] ?? 0;
}

/** Writes `width` bits of 64, without the lowest `shift`. */
function writeShifted(bits: BitWriter, low: number, high: number, shift: number, width: number): void {
  if (shift === 0) bits.writeWide(low, high, width);
  else if (shift < 32) bits.writeWide((low >>> shift) | (high << (32 - shift)), high >>> shift, width);
  else bits.writeWide(high >>> (shift - 32), 0, width);
}

/** The upper half of 64 bits that were moved up. */
function shiftedHigh(low: number, high: number, shift: number): number {
  if (shift === 0) return high;
  return shift < 32 ? (high << shift) | (low >>> (32 - shift)) : low << (shift - 32);
}

/** Of a word that is not 0. */
function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
