import { END, MALFORMED, type WireReader } from "../../base/wire-reader.ts";
import type { MetricBatch } from "../../model/metric-batch.ts";
import { FIRST_OFFSET, scalarCount, SECOND_OFFSET } from "../../model/metric-points.ts";
import { MAX_POINT_BYTES } from "../../model/item-limits.ts";
import { ACTIONS, POINT_FIELDS, type PointField } from "./otlp-metrics-fields.ts";
import { isWellFormedKeyValue } from "./span-check.ts";
import { WordList } from "./word-list.ts";

/** Reads data points of all kinds into one batch. */
export class DataPointDecoder {
  readonly #batch: MetricBatch;
  readonly #scalars = new Int32Array(MAX_SCALARS * 2);
  readonly #first = new WordList();
  readonly #second = new WordList();
  readonly #columns: PointHead = { timeLow: 0, timeHigh: 0, startLow: 0, startHigh: 0, flags: 0, form: 0 };

  constructor(batch: MetricBatch) {
    this.#batch = batch;
  }

  /** Reads the data point between the reader's position and limit; returns what is wrong with it, or an empty text. */
  decode(reader: WireReader, kind: number, metric: number): string {
    if (reader.limit - reader.position > MAX_POINT_BYTES) return TOO_LONG;
    reader.nestedCount = 0;
    const batch = this.#batch;
    const { points } = batch;
    const firstAttribute = batch.attributeCount;
    const extraLength = points.extras.length;
    const fault = this.#read(reader, POINT_FIELDS[kind] ?? []);
    if (fault !== "" || this.#isFull()) {
      batch.attributeCount = firstAttribute;
      points.extras.truncate(extraLength);
      return fault === ""
        ? "a request has more data points, buckets or attributes than are taken at once"
        : fault;
    }
    const head = this.#columns;
    const index = batch.addPoint(metric, firstAttribute);
    points.timeLow[index] = head.timeLow;
    points.timeHigh[index] = head.timeHigh;
    points.startLow[index] = head.startLow;
    points.startHigh[index] = head.startHigh;
    points.flags[index] = head.flags;
    points.form[index] = head.form;
    points.firstLength[index] = this.#first.count;
    points.secondLength[index] = this.#second.count;
    points.extraEnd[index] = points.extras.length;
    for (let word = 0, count = scalarCount(kind); word < count; word++)
      points.addWord(this.#scalars[word * 2] ?? 0, this.#scalars[word * 2 + 1] ?? 0);
    this.#first.copyTo(points);
    this.#second.copyTo(points);
    return "";
  }

  /** Whether the point that was just read is one too many. */
  #isFull(): boolean {
    const { points, count, attributeCount, body } = this.#batch;
    const words = points.wordCount + this.#first.count + this.#second.count;
    return (
      count >= Math.max(MIN_MAX_POINTS, body.length / BYTES_A_POINT) ||
      words > Math.max(MIN_MAX_WORDS, body.length / BYTES_A_WORD) ||
      attributeCount > Math.max(MIN_MAX_ATTRIBUTES, body.length / BYTES_AN_ATTRIBUTE)
    );
  }

  #read(reader: WireReader, fields: readonly (PointField | undefined)[]): string {
    const head = this.#columns;
    head.timeLow = head.timeHigh = head.startLow = head.startHigh = head.flags = head.form = 0;
    this.#scalars.fill(0);
    this.#first.clear();
    this.#second.clear();
    for (;;) {
      const fieldStart = reader.position;
      const tag = reader.next();
      if (tag === END) return "";
      const field = fields[tag];
      if (field === undefined) {
        // A field that is not known is kept as it came.
        if (tag === MALFORMED || !reader.skip(tag)) return NOT_WELL_FORMED;
        this.#batch.points.extras.raw(reader.bytes, fieldStart, reader.position);
      } else if ((tag & 7) === 2) {
        const end = reader.enter();
        if (end === MALFORMED) return NOT_WELL_FORMED;
        const fault = this.#readNested(reader, field, fieldStart, end);
        if (fault !== "") return fault;
        reader.position = end;
      } else if (!this.#readNumber(reader, tag, field)) return NOT_WELL_FORMED;
    }
  }

  #readNumber(reader: WireReader, tag: number, field: PointField): boolean {
    const head = this.#columns;
    if (!((tag & 7) === 1 ? reader.fixed64() : reader.skip(tag))) return false;
    switch (field.action) {
      case ACTIONS.time:
        head.timeLow = reader.low;
        head.timeHigh = reader.high;
        return true;
      case ACTIONS.start:
        head.startLow = reader.low;
        head.startHigh = reader.high;
        return true;
      case ACTIONS.flags:
        head.flags = reader.low;
        return true;
      case ACTIONS.value:
        head.form = field.form;
        break;
      case ACTIONS.scalar:
        head.form |= field.form;
        break;
      case ACTIONS.zigzag:
        unzigzag(reader);
        break;
      case ACTIONS.first:
        return this.#first.add(reader.low, reader.high);
      case ACTIONS.second:
        return this.#second.add(reader.low, reader.high);
      default:
        // The others are fields of bytes.
        return true;
    }
    this.#scalars[field.word * 2] = reader.low;
    this.#scalars[field.word * 2 + 1] = reader.high;
    return true;
  }

  #readNested(reader: WireReader, { action }: PointField, fieldStart: number, end: number): string {
    const start = reader.position;
    switch (action) {
      case ACTIONS.attribute:
        if (!isWellFormedKeyValue(reader, end)) return BAD_ATTRIBUTE;
        this.#batch.addAttribute(start, end);
        return "";
      case ACTIONS.exemplar:
        if (!isWellFormedExemplar(reader, end)) return "an exemplar of a data point is not well formed";
        this.#batch.points.extras.raw(reader.bytes, fieldStart, end);
        return "";
      case ACTIONS.first:
        return this.#readPacked(reader, this.#first, end);
      case ACTIONS.second:
        return this.#readPacked(reader, this.#second, end);
      case ACTIONS.positive:
        return this.#readBuckets(reader, this.#first, FIRST_OFFSET, end);
      case ACTIONS.negative:
        return this.#readBuckets(reader, this.#second, SECOND_OFFSET, end);
      default:
        return this.#readQuantile(reader, end);
    }
  }

  #readPacked({ bytes, position }: WireReader, list: WordList, end: number): string {
    if ((end - position) % 8 !== 0) return NOT_WELL_FORMED;
    return list.addFixed(bytes, position, end) ? "" : TOO_MANY;
  }

  #readBuckets(reader: WireReader, list: WordList, offset: number, end: number): string {
    const outer = reader.limit;
    reader.limit = end;
    for (let tag = reader.next(); tag !== END; tag = reader.next()) {
      if (tag === PACKED_COUNTS) {
        const listEnd = reader.enter();
        if (listEnd === MALFORMED) return NOT_WELL_FORMED;
        reader.limit = listEnd;
        while (reader.position < listEnd) {
          if (!reader.varint()) return NOT_WELL_FORMED;
          if (!list.add(reader.low, reader.high)) return TOO_MANY;
        }
        reader.limit = end;
      } else if (!reader.skip(tag)) return NOT_WELL_FORMED;
      else if (tag === OFFSET) {
        unzigzag(reader);
        this.#scalars[offset * 2] = reader.low;
        this.#scalars[offset * 2 + 1] = reader.high;
      } else if (tag === UNPACKED_COUNT && !list.add(reader.low, reader.high)) return TOO_MANY;
    }
    reader.limit = outer;
    return "";
  }

  #readQuantile(reader: WireReader, end: number): string {
    const outer = reader.limit;
    reader.limit = end;
    const pair: [number, number, number, number] = [0, 0, 0, 0];
    for (let tag = reader.next(); tag !== END; tag = reader.next()) {
      if ((tag & 7) !== 1) {
        if (!reader.skip(tag)) return NOT_WELL_FORMED;
        continue;
      }
      if (!reader.fixed64()) return NOT_WELL_FORMED;
      if (tag === QUANTILE) [pair[0], pair[1]] = [reader.low, reader.high];
      else if (tag === QUANTILE_VALUE) [pair[2], pair[3]] = [reader.low, reader.high];
    }
    reader.limit = outer;
    return this.#first.add(pair[0], pair[1]) && this.#second.add(pair[2], pair[3]) ? "" : TOO_MANY;
  }
}

interface PointHead {
  timeLow: number;
  timeHigh: number;
  startLow: number;
  startHigh: number;
  flags: number;
  form: number;
}

/** Of an exponential histogram. */
const MAX_SCALARS = 9;

/**
 * Points, words and attributes that are taken in any case, and the bytes that each has to have in a larger body: far more
 * than exporters send, and what bounds the batch, whatever a body says.
 */
const MIN_MAX_POINTS = 1 << 20;
const MIN_MAX_WORDS = 1 << 23;
const MIN_MAX_ATTRIBUTES = 1 << 22;
const BYTES_A_POINT = 32;
const BYTES_A_WORD = 4;
const BYTES_AN_ATTRIBUTE = 16;

const NOT_WELL_FORMED = "a data point is not well formed";
const BAD_ATTRIBUTE = "a data point's attributes are not well formed, nested too deeply, or too many";
const TOO_LONG = `a data point is longer than ${MAX_POINT_BYTES / 2 ** 20} MiB`;
const TOO_MANY = "a data point has more buckets than are taken";

const OFFSET = 0x08;
const UNPACKED_COUNT = 0x10;
const PACKED_COUNTS = 0x12;
const QUANTILE = 0x09;
const QUANTILE_VALUE = 0x11;
const FILTERED_ATTRIBUTE = 0x3a;

/** Makes the reader's varint, a sint32, a signed number of 64 bits. */
function unzigzag(reader: WireReader): void {
  const value = (reader.low >>> 1) ^ -(reader.low & 1);
  reader.low = value;
  reader.high = value < 0 ? -1 : 0;
}

function isWellFormedExemplar(reader: WireReader, end: number): boolean {
  const outer = reader.limit;
  reader.limit = end;
  for (let tag = reader.next(); tag !== END; tag = reader.next()) {
    if (tag !== FILTERED_ATTRIBUTE) {
      if (!reader.skip(tag)) return false;
      continue;
    }
    const attributeEnd = reader.enter();
    if (attributeEnd === MALFORMED || !isWellFormedKeyValue(reader, attributeEnd)) return false;
    reader.position = attributeEnd;
  }
  reader.limit = outer;
  return true;
}
