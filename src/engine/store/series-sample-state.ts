import { EXPONENTIAL_HISTOGRAM, HISTOGRAM, SUMMARY } from "../../model/metric.ts";
import { HAS_MAX, HAS_MIN, HAS_SUM, scalarCount } from "../../model/metric-points.ts";
import { COLUMN_SIZE } from "./series-integers.ts";

/** How a scalar of a data point is written. */
export interface ScalarCoding {
  readonly isDouble: boolean;
  /** The bit of the point's form that tells whether it is there; 0 where it always is. */
  readonly formBit: number;
}

/** What the lists of data points of a kind hold. `fixed` lists hardly ever change: bounds and quantiles. */
export type ListCoding = "none" | "fixed" | "counts" | "doubles";

const INTEGER: ScalarCoding = { isDouble: false, formBit: 0 };
const OF_HISTOGRAM: readonly ScalarCoding[] = [
  INTEGER,
  { isDouble: true, formBit: HAS_SUM },
  { isDouble: true, formBit: HAS_MIN },
  { isDouble: true, formBit: HAS_MAX },
];
const DOUBLE: ScalarCoding = { isDouble: true, formBit: 0 };

/** The scalars of histograms and summaries; the one of numbers depends on their form. */
export function scalarCodings(kind: number): readonly ScalarCoding[] {
  switch (kind) {
    case HISTOGRAM:
      return OF_HISTOGRAM;
    case EXPONENTIAL_HISTOGRAM:
      return OF_EXPONENTIAL_HISTOGRAM;
    case SUMMARY:
      return OF_SUMMARY;
    default:
      return [];
  }
}

const OF_EXPONENTIAL_HISTOGRAM = [...OF_HISTOGRAM, INTEGER, DOUBLE, INTEGER, INTEGER, INTEGER];
const OF_SUMMARY = [INTEGER, DOUBLE];

export function listCodings(kind: number): readonly [first: ListCoding, second: ListCoding] {
  if (kind === HISTOGRAM) return ["counts", "fixed"];
  if (kind === EXPONENTIAL_HISTOGRAM) return ["counts", "counts"];
  return kind === SUMMARY ? ["fixed", "doubles"] : ["none", "none"];
}

/** Columns of all points, before those of the scalars. */
export const TIME = 0;
export const START = COLUMN_SIZE;
/** The numbers of times that are shared (series-times.ts). */
export const TIME_NUMBER = 2 * COLUMN_SIZE;
export const FIRST_SCALAR = 3 * COLUMN_SIZE;

/** What is remembered of the samples before, the same while they are written and while they are read. */
export class SampleState {
  readonly columns: Int32Array;
  readonly first = new ListState();
  readonly second = new ListState();
  form = 0;
  flags = 0;
  isTimeShared = true;
  #scale = 0;
  /** The words of the fixed list, low and high by turns. */
  fixed: Uint32Array = NOTHING;

  constructor(kind: number) {
    const lengths = hasLists(kind) ? 2 * COLUMN_SIZE : 0;
    this.columns = new Int32Array(FIRST_SCALAR + scalarCount(kind) * COLUMN_SIZE + lengths);
  }

  /** Bytes of memory beyond the object itself. */
  get byteLength(): number {
    return this.columns.byteLength + this.first.byteLength + this.second.byteLength + this.fixed.byteLength;
  }

  /** A number of another form begins its column anew: integers and doubles use it differently. */
  changeForm(form: number, kind: number): void {
    if (form !== this.form && !hasLists(kind)) this.columns.fill(0, FIRST_SCALAR);
    this.form = form;
  }

  /** Buckets of another scale are other buckets: nothing is known of them. */
  rescale(scale: number): void {
    if (scale === this.#scale) return;
    this.#scale = scale;
    this.first.clear();
    this.second.clear();
  }

  clear(): void {
    this.columns.fill(0);
    this.first.clear();
    this.second.clear();
    this.form = 0;
    this.flags = 0;
    this.isTimeShared = true;
    this.#scale = 0;
    this.fixed = NOTHING;
  }
}

function hasLists(kind: number): boolean {
  return kind >= HISTOGRAM;
}

const NOTHING = new Uint32Array(0);

/** A column for each element of a list. */
export class ListState {
  columns: Int32Array = NO_COLUMNS;
  #offset = 0;

  get byteLength(): number {
    return this.columns.byteLength;
  }

  clear(): void {
    this.columns = NO_COLUMNS;
    this.#offset = 0;
  }

  /** Makes the columns those of the elements `offset` to `offset + length`; what is known of these is kept. */
  align(offset: number, length: number): void {
    const size = length * COLUMN_SIZE;
    if (offset === this.#offset && size <= this.columns.length) return;
    const moved = new Int32Array(size);
    const shift = (offset - this.#offset) * COLUMN_SIZE;
    if (shift >= 0) moved.set(this.columns.subarray(shift, shift + size));
    else if (-shift < size) moved.set(this.columns.subarray(0, size + shift), -shift);
    this.columns = moved;
    this.#offset = offset;
  }
}

const NO_COLUMNS = new Int32Array(0);
