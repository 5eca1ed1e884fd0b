import { EXPONENTIAL_HISTOGRAM, GAUGE, SUM } from "../../model/metric.ts";
import {
  DOUBLE,
  FIRST_OFFSET,
  INTEGER,
  SCALE,
  SECOND_OFFSET,
  type PointColumns,
} from "../../model/metric-points.ts";
import type { BitReader } from "./series-bits.ts";
import { readDouble } from "./series-doubles.ts";
import { COLUMN_SIZE, readInteger } from "./series-integers.ts";
import {
  FIRST_SCALAR,
  listCodings,
  scalarCodings,
  START,
  TIME,
  TIME_NUMBER,
  type ListCoding,
  type ListState,
  type SampleState,
} from "./series-sample-state.ts";
import type { SharedTimes } from "./series-times.ts";

/** Reads the data point that {@link writeSample} wrote at this place, in the same state, into the columns. */
export function readSample(
  bits: BitReader,
  state: SampleState,
  kind: number,
  times: SharedTimes,
  into: PointColumns,
): void {
  const index = into.add();
  if (bits.read(1) === 1) readHead(bits, state, kind, into);
  into.startLow[index] = state.columns[START] ?? 0;
  into.startHigh[index] = state.columns[START + 1] ?? 0;
  readTime(bits, state, times);
  into.timeLow[index] = state.columns[TIME] ?? 0;
  into.timeHigh[index] = state.columns[TIME + 1] ?? 0;
  into.form[index] = state.form;
  into.flags[index] = state.flags;
  into.extraEnd[index] = into.extras.length;
  into.firstLength[index] = 0;
  into.secondLength[index] = 0;
  if (kind === GAUGE || kind === SUM) readNumber(bits, state, into);
  else {
    readScalars(bits, state, kind, into);
    readLists(bits, state, kind, into, index);
  }
}

function readTime(bits: BitReader, { isTimeShared, columns }: SampleState, times: SharedTimes): void {
  if (!isTimeShared) {
    readInteger(bits, columns, TIME);
    return;
  }
  readInteger(bits, columns, TIME_NUMBER);
  const number = bits.low >>> 0;
  columns[TIME] = times.lowOf(number);
  columns[TIME + 1] = times.highOf(number);
}

/** What has changed since the last sample. */
function readHead(bits: BitReader, state: SampleState, kind: number, into: PointColumns): void {
  readStart(bits, state);
  state.isTimeShared = bits.read(1) === 1;
  if (bits.read(1) === 0) return;
  state.changeForm(bits.read(3), kind);
  if (bits.read(1) === 1) state.flags = bits.read(32) >>> 0;
  if (bits.read(1) === 1) {
    state.fixed = new Uint32Array(bits.read(32) * 2);
    for (let i = 0; i < state.fixed.length; i += 2) {
      bits.readWide(64);
      state.fixed[i] = bits.low;
      state.fixed[i + 1] = bits.high;
    }
  }
  if (bits.read(1) === 1) for (let left = bits.read(32); left > 0; left--) into.extras.byte(bits.read(8));
}

function readStart(bits: BitReader, { columns }: SampleState): void {
  if (bits.read(1) === 0) {
    columns[START] = columns[TIME] ?? 0;
    columns[START + 1] = columns[TIME + 1] ?? 0;
  } else if (bits.read(1) === 1) readInteger(bits, columns, START);
}

function readNumber(bits: BitReader, state: SampleState, into: PointColumns): void {
  bits.low = 0;
  bits.high = 0;
  if (state.form === INTEGER) readInteger(bits, state.columns, FIRST_SCALAR);
  else if (state.form === DOUBLE) readDouble(bits, state.columns, FIRST_SCALAR);
  into.addWord(bits.low, bits.high);
}

function readScalars(bits: BitReader, state: SampleState, kind: number, into: PointColumns): void {
  let at = FIRST_SCALAR;
  for (const { isDouble, formBit } of scalarCodings(kind)) {
    bits.low = 0;
    bits.high = 0;
    const read = isDouble ? readDouble : readInteger;
    if ((state.form & formBit) === formBit) read(bits, state.columns, at);
    into.addWord(bits.low, bits.high);
    at += COLUMN_SIZE;
  }
}

function readLists(
  bits: BitReader,
  state: SampleState,
  kind: number,
  into: PointColumns,
  index: number,
): void {
  const at = state.columns.length - 2 * COLUMN_SIZE;
  readInteger(bits, state.columns, at);
  const firstLength = bits.low;
  readInteger(bits, state.columns, at + COLUMN_SIZE);
  const secondLength = bits.low;
  into.firstLength[index] = firstLength;
  into.secondLength[index] = secondLength;
  const word = into.wordStart[index] ?? 0;
  const isExponential = kind === EXPONENTIAL_HISTOGRAM;
  const offsetAt = (place: number): number => (isExponential ? (into.wordLow[word + place] ?? 0) | 0 : 0);
  if (isExponential) state.rescale((into.wordLow[word + SCALE] ?? 0) | 0);
  const [first, second] = listCodings(kind);
  if (first !== "fixed") state.first.align(offsetAt(FIRST_OFFSET), firstLength);
  if (second !== "fixed") state.second.align(offsetAt(SECOND_OFFSET), secondLength);
  readList(bits, state, state.first, first, into, firstLength);
  readList(bits, state, state.second, second, into, secondLength);
}

function readList(
  bits: BitReader,
  { fixed }: SampleState,
  { columns }: ListState,
  coding: ListCoding,
  into: PointColumns,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    if (coding === "fixed") {
      into.addWord(fixed[i * 2] ?? 0, fixed[i * 2 + 1] ?? 0);
      continue;
    }
    if (coding === "counts") readInteger(bits, columns, i * COLUMN_SIZE);
    else readDouble(bits, columns, i * COLUMN_SIZE);
    into.addWord(bits.low, bits.high);
  }
}
