/**
 * The columns of {@link CHUNK_ROWS} consecutive rows. Times are nanoseconds since the epoch in two
 * unsigned halves, ids big-endian numbers in two signed ones. A chunk is given back when all of its rows have left.
 */
export class SpanChunk {
  /** Slot of the trace, {@link NO_TRACE} for a row that has left. */
  readonly trace = new Uint32Array(CHUNK_ROWS).fill(NO_TRACE);
  /** The trace's row before this one, in order of arrival; {@link NO_ROW} for the first. */
  readonly previousInTrace = new Uint32Array(CHUNK_ROWS);
  readonly idHigh = new Int32Array(CHUNK_ROWS);
  readonly idLow = new Int32Array(CHUNK_ROWS);
  /** Zero, both of them, for a root. */
  readonly parentHigh = new Int32Array(CHUNK_ROWS);
  readonly parentLow = new Int32Array(CHUNK_ROWS);
  readonly startHigh = new Uint32Array(CHUNK_ROWS);
  readonly startLow = new Uint32Array(CHUNK_ROWS);
  /** Zero, both of them, while the span runs. */
  readonly endHigh = new Uint32Array(CHUNK_ROWS);
  readonly endLow = new Uint32Array(CHUNK_ROWS);
  /** The name's number, {@link NAME_IN_RECORD} where the record holds it. */
  readonly name = new Uint32Array(CHUNK_ROWS);
  readonly origin = new Uint32Array(CHUNK_ROWS);
  /** Address of the record, see span-record.ts. */
  readonly record = new Uint32Array(CHUNK_ROWS);
  /** Index into SPAN_KINDS. */
  readonly kind = new Uint8Array(CHUNK_ROWS);
  /** Index into SPAN_STATUSES. */
  readonly status = new Uint8Array(CHUNK_ROWS);
  /** Index into SPAN_STATES. */
  readonly state = new Uint8Array(CHUNK_ROWS);
  /** Rows that have not left. */
  aliveCount = 0;
  /** Grows with every row that is written or changed, so that what was derived from the rows is known to be old. */
  writeCount = 0;
}

const ROW_BITS = 12;
export const CHUNK_ROWS = 1 << ROW_BITS;
const ROW_MASK = CHUNK_ROWS - 1;
/** Thirteen columns of four bytes and three of one. */
export const CHUNK_BYTES = CHUNK_ROWS * 55;

export const NO_TRACE = 0xffff_ffff;
export const NO_ROW = 0xffff_ffff;
export const NAME_IN_RECORD = 0xffff_ffff;

/** Index into SPAN_STATUSES. */
export const STATUS_ERROR = 2;

/** Indexes into SPAN_STATES. */
export const STATE_ENDED = 0;
export const STATE_RUNNING = 1;
export const STATE_LOST = 2;

/** The chunk that a row is in. */
export function chunkIndexOf(row: number): number {
  return row >>> ROW_BITS;
}

/** The row's index in the columns of its chunk. */
export function indexInChunk(row: number): number {
  return row & ROW_MASK;
}
