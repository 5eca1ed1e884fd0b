import { EXPONENTIAL_HISTOGRAM, GAUGE, HISTOGRAM, SUM, SUMMARY } from "../../model/metric.ts";
import {
  DOUBLE,
  FIRST_OFFSET,
  INTEGER,
  SCALE,
  scalarCount,
  SECOND_OFFSET,
  type PointColumns,
} from "../../model/metric-points.ts";
import type { BitWriter } from "./series-bits.ts";
import { writeDouble } from "./series-doubles.ts";
import { COLUMN_SIZE, writeInteger } from "./series-integers.ts";
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
import { NOT_SHARED } from "./series-times.ts";

/**
 * Writes one data point behind those that the state remembers: its start, what of it hardly ever changes where it did,
 * its time, its scalars and its lists. {@link readSample} reads it.
 * @param timeNumber of its time where that is shared, else {@link NOT_SHARED}
 */
export function writeSample(
  bits: BitWriter,
  state: SampleState,
  kind: number,
  points: PointColumns,
  index: number,
  timeNumber: number,
): void {
  writeHead(bits, state, kind, points, index, timeNumber !== NOT_SHARED);
  writeTime(bits, state.columns, points, index, timeNumber);
  if (kind === GAUGE || kind === SUM) writeNumber(bits, state, points, index);
  else {
    writeScalars(bits, state, kind, points, index);
    writeLists(bits, state, kind, points, index);
  }
}

/** The time of the last sample is known whichever way it was written. */
function writeTime(
  bits: BitWriter,
  columns: Int32Array,
  points: PointColumns,
  index: number,
  timeNumber: number,
): void {
  const low = points.timeLow[index] ?? 0;
  const high = points.timeHigh[index] ?? 0;
  if (timeNumber === NOT_SHARED) {
    writeInteger(bits, columns, TIME, low, high);
    return;
  }
  writeInteger(bits, columns, TIME_NUMBER, timeNumber, 0);
  columns[TIME] = low;
  columns[TIME + 1] = high;
}

/** One bit where start, form, flags, the fixed list and the way of writing times are as before and nothing is extra. */
function writeHead(
  bits: BitWriter,
  state: SampleState,
  kind: number,
  points: PointColumns,
  index: number,
  isTimeShared: boolean,
): void {
  const form = points.form[index] ?? 0;
  const flags = points.flags[index] ?? 0;
  const extraStart = points.extraStart(index);
  const extraLength = (points.extraEnd[index] ?? 0) - extraStart;
  const fixed = fixedRange(points, index, kind);
  const isFixed = fixed === undefined || isSameList(state.fixed, points, fixed.start, fixed.length);
  const isShape = form === state.form && flags === state.flags && extraLength === 0 && isFixed;
  const isTime = isTimeShared === state.isTimeShared;
  if (isShape && isTime && isSameStart(state, points, index)) {
    bits.write(0, 1);
    return;
  }
  bits.write(1, 1);
  writeStart(bits, state, points, index);
  bits.write(isTimeShared ? 1 : 0, 1);
  state.isTimeShared = isTimeShared;
  bits.write(isShape ? 0 : 1, 1);
  if (isShape) return;
  bits.write(form, 3);
  bits.write(flags === state.flags ? 0 : 1, 1);
  if (flags !== state.flags) bits.write(flags, 32);
  bits.write(isFixed ? 0 : 1, 1);
  if (!isFixed) writeFixed(bits, state, points, fixed.start, fixed.length);
  bits.write(extraLength === 0 ? 0 : 1, 1);
  if (extraLength > 0) writeExtras(bits, points.extras.buffer, extraStart, extraLength);
  state.changeForm(form, kind);
  state.flags = flags;
}

function isSameStart({ columns }: SampleState, points: PointColumns, index: number): boolean {
  return (
    ((points.startLow[index] ?? 0) | 0) === columns[START] &&
    ((points.startHigh[index] ?? 0) | 0) === columns[START + 1]
  );
}

/** Most series have one start, or begin each interval where the last one ended. */
function writeStart(bits: BitWriter, state: SampleState, points: PointColumns, index: number): void {
  const { columns } = state;
  const low = (points.startLow[index] ?? 0) | 0;
  const high = (points.startHigh[index] ?? 0) | 0;
  if (low === columns[TIME] && high === columns[TIME + 1]) {
    bits.write(0, 1);
    columns[START] = low;
    columns[START + 1] = high;
  } else if (isSameStart(state, points, index)) bits.write(0b10, 2);
  else {
    bits.write(0b11, 2);
    writeInteger(bits, columns, START, low, high);
  }
}

function fixedRange(
  points: PointColumns,
  index: number,
  kind: number,
): { readonly start: number; readonly length: number } | undefined {
  if (kind !== HISTOGRAM && kind !== SUMMARY) return undefined;
  const [first, second] = listCodings(kind);
  const start = (points.wordStart[index] ?? 0) + scalarCount(kind);
  const firstLength = points.firstLength[index] ?? 0;
  if (first === "fixed") return { start, length: firstLength };
  return { start: start + firstLength, length: second === "fixed" ? (points.secondLength[index] ?? 0) : 0 };
}

function isSameList(known: Uint32Array, points: PointColumns, start: number, length: number): boolean {
  if (known.length !== length * 2) return false;
  for (let i = 0; i < length; i++) {
    if (known[i * 2] !== points.wordLow[start + i] || known[i * 2 + 1] !== points.wordHigh[start + i])
      return false;
  }
  return true;
}

function writeFixed(
  bits: BitWriter,
  state: SampleState,
  points: PointColumns,
  start: number,
  length: number,
): void {
  state.fixed = new Uint32Array(length * 2);
  bits.write(length, 32);
  for (let i = 0; i < length; i++) {
    const low = points.wordLow[start + i] ?? 0;
    const high = points.wordHigh[start + i] ?? 0;
    state.fixed[i * 2] = low;
    state.fixed[i * 2 + 1] = high;
    bits.writeWide(low, high, 64);
  }
}

function writeExtras(bits: BitWriter, bytes: Uint8Array, start: number, length: number): void {
  bits.write(length, 32);
  for (let at = start; at < start + length; at++) bits.write(bytes[at] ?? 0, 8);
}

function writeNumber(bits: BitWriter, state: SampleState, points: PointColumns, index: number): void {
  const word = points.wordStart[index] ?? 0;
  const low = points.wordLow[word] ?? 0;
  const high = points.wordHigh[word] ?? 0;
  if (points.form[index] === INTEGER) writeInteger(bits, state.columns, FIRST_SCALAR, low, high);
  else if (points.form[index] === DOUBLE) writeDouble(bits, state.columns, FIRST_SCALAR, low, high);
}

function writeScalars(
  bits: BitWriter,
  state: SampleState,
  kind: number,
  points: PointColumns,
  index: number,
): void {
  const form = points.form[index] ?? 0;
  let word = points.wordStart[index] ?? 0;
  let at = FIRST_SCALAR;
  for (const { isDouble, formBit } of scalarCodings(kind)) {
    const low = points.wordLow[word] ?? 0;
    const high = points.wordHigh[word++] ?? 0;
    const write = isDouble ? writeDouble : writeInteger;
    if ((form & formBit) === formBit) write(bits, state.columns, at, low, high);
    at += COLUMN_SIZE;
  }
}

function writeLists(
  bits: BitWriter,
  state: SampleState,
  kind: number,
  points: PointColumns,
  index: number,
): void {
  const at = state.columns.length - 2 * COLUMN_SIZE;
  const firstLength = points.firstLength[index] ?? 0;
  const secondLength = points.secondLength[index] ?? 0;
  writeInteger(bits, state.columns, at, firstLength, 0);
  writeInteger(bits, state.columns, at + COLUMN_SIZE, secondLength, 0);
  const word = points.wordStart[index] ?? 0;
  const isExponential = kind === EXPONENTIAL_HISTOGRAM;
  const offsetAt = (place: number): number => (isExponential ? (points.wordLow[word + place] ?? 0) | 0 : 0);
  if (isExponential) state.rescale((points.wordLow[word + SCALE] ?? 0) | 0);
  const [first, second] = listCodings(kind);
  if (first !== "fixed") state.first.align(offsetAt(FIRST_OFFSET), firstLength);
  if (second !== "fixed") state.second.align(offsetAt(SECOND_OFFSET), secondLength);
  const start = word + scalarCount(kind);
  writeList(bits, state.first, first, points, start, firstLength);
  writeList(bits, state.second, second, points, start + firstLength, secondLength);
}

function writeList(
  bits: BitWriter,
  { columns }: ListState,
  coding: ListCoding,
  points: PointColumns,
  start: number,
  length: number,
): void {
  if (coding === "fixed") return;
  for (let i = 0; i < length; i++) {
    const low = points.wordLow[start + i] ?? 0;
    const high = points.wordHigh[start + i] ?? 0;
    if (coding === "counts") writeInteger(bits, columns, i * COLUMN_SIZE, low, high);
    else writeDouble(bits, columns, i * COLUMN_SIZE, low, high);
  }
}
