import type { WireWriter } from "../../base/wire-writer.ts";
import { EXPONENTIAL_HISTOGRAM, HISTOGRAM, SUMMARY } from "../../model/metric.ts";
import {
  COUNT,
  DOUBLE,
  FIRST_OFFSET,
  HAS_MAX,
  HAS_MIN,
  HAS_SUM,
  MAX,
  MIN,
  NO_VALUE,
  SCALE,
  scalarCount,
  SECOND_OFFSET,
  SUM_OF_VALUES,
  ZERO_COUNT,
  ZERO_THRESHOLD,
  type PointColumns,
} from "../../model/metric-points.ts";
import { attributesOfKey } from "../store/series-keys.ts";

/** Writes the fields of a data point message of this kind of metric (opentelemetry-proto, metrics/v1). */
export function writeDataPoint(
  writer: WireWriter,
  kind: number,
  key: Uint8Array,
  points: PointColumns,
  index: number,
): void {
  const fields = FIELDS[kind] ?? NUMBER_FIELDS;
  for (const [start, end] of attributesOfKey(key)) writer.bytesField(fields.attributes, key, start, end);
  writeFixed(writer, 0x11, points.startLow[index] ?? 0, points.startHigh[index] ?? 0);
  writeFixed(writer, 0x19, points.timeLow[index] ?? 0, points.timeHigh[index] ?? 0);
  const word = points.wordStart[index] ?? 0;
  if (kind < HISTOGRAM) writeValue(writer, points, index, word);
  else {
    writeWordUnlessZero(writer, 0x21, points, word + COUNT);
    writeFurther(writer, kind, points, index, word);
  }
  writer.raw(points.extras.buffer, points.extraStart(index), points.extraEnd[index] ?? 0);
  const flags = points.flags[index] ?? 0;
  if (flags === 0) return;
  writer.varint(fields.flags);
  writer.varint(flags);
}

interface Fields {
  readonly attributes: number;
  readonly flags: number;
}

const NUMBER_FIELDS: Fields = { attributes: 0x3a, flags: 0x40 };
const FIELDS: Readonly<Record<number, Fields>> = {
  [HISTOGRAM]: { attributes: 0x4a, flags: 0x50 },
  [EXPONENTIAL_HISTOGRAM]: { attributes: 0x0a, flags: 0x50 },
};

function writeValue(writer: WireWriter, points: PointColumns, index: number, word: number): void {
  const form = points.form[index] ?? NO_VALUE;
  if (form !== NO_VALUE) writeWord(writer, form === DOUBLE ? 0x21 : 0x31, points, word);
}

function writeFurther(
  writer: WireWriter,
  kind: number,
  points: PointColumns,
  index: number,
  word: number,
): void {
  const form = points.form[index] ?? 0;
  const first = word + scalarCount(kind);
  const second = first + (points.firstLength[index] ?? 0);
  const end = second + (points.secondLength[index] ?? 0);
  if (kind === SUMMARY) {
    writeWordUnlessZero(writer, 0x29, points, word + SUM_OF_VALUES);
    writeQuantiles(writer, points, first, second);
    return;
  }
  if ((form & HAS_SUM) !== 0) writeWord(writer, 0x29, points, word + SUM_OF_VALUES);
  if (kind === HISTOGRAM) {
    if ((form & HAS_MIN) !== 0) writeWord(writer, 0x59, points, word + MIN);
    if ((form & HAS_MAX) !== 0) writeWord(writer, 0x61, points, word + MAX);
    writePacked(writer, 0x32, points, first, second);
    writePacked(writer, 0x3a, points, second, end);
    return;
  }
  if ((form & HAS_MIN) !== 0) writeWord(writer, 0x61, points, word + MIN);
  if ((form & HAS_MAX) !== 0) writeWord(writer, 0x69, points, word + MAX);
  writeZigzag(writer, 0x30, (points.wordLow[word + SCALE] ?? 0) | 0);
  writeWordUnlessZero(writer, 0x39, points, word + ZERO_COUNT);
  writeWordUnlessZero(writer, 0x71, points, word + ZERO_THRESHOLD);
  writeBuckets(writer, 0x42, points, word + FIRST_OFFSET, first, second);
  writeBuckets(writer, 0x4a, points, word + SECOND_OFFSET, second, end);
}

function writeBuckets(
  writer: WireWriter,
  tag: number,
  points: PointColumns,
  offsetWord: number,
  start: number,
  end: number,
): void {
  const offset = (points.wordLow[offsetWord] ?? 0) | 0;
  if (offset === 0 && start === end) return;
  const mark = writer.begin(tag);
  writeZigzag(writer, 0x08, offset);
  if (end > start) {
    const list = writer.begin(0x12);
    for (let word = start; word < end; word++)
      writer.varint64(points.wordLow[word] ?? 0, points.wordHigh[word] ?? 0);
    writer.end(list);
  }
  writer.end(mark);
}

function writeQuantiles(writer: WireWriter, points: PointColumns, first: number, second: number): void {
  for (let i = 0; i < second - first; i++) {
    const mark = writer.begin(0x32);
    writeWordUnlessZero(writer, 0x09, points, first + i);
    writeWordUnlessZero(writer, 0x11, points, second + i);
    writer.end(mark);
  }
}

function writePacked(
  writer: WireWriter,
  tag: number,
  points: PointColumns,
  start: number,
  end: number,
): void {
  if (start === end) return;
  writer.varint(tag);
  writer.varint((end - start) * 8);
  for (let word = start; word < end; word++)
    writer.fixed64(points.wordLow[word] ?? 0, points.wordHigh[word] ?? 0);
}

function writeZigzag(writer: WireWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.varint(tag);
  writer.varint(((value << 1) ^ (value >> 31)) >>> 0);
}

function writeWord(writer: WireWriter, tag: number, points: PointColumns, word: number): void {
  writer.varint(tag);
  writer.fixed64(points.wordLow[word] ?? 0, points.wordHigh[word] ?? 0);
}

function writeWordUnlessZero(writer: WireWriter, tag: number, points: PointColumns, word: number): void {
  writeFixed(writer, tag, points.wordLow[word] ?? 0, points.wordHigh[word] ?? 0);
}

/** Fields that are not optional are left out where they are 0. */
function writeFixed(writer: WireWriter, tag: number, low: number, high: number): void {
  if (low === 0 && high === 0) return;
  writer.varint(tag);
  writer.fixed64(low, high);
}
