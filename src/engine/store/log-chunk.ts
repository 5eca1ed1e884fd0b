import { NO_ROW } from "./span-chunk.ts";

/**
 * The columns of {@link LOG_CHUNK_ROWS} consecutive log records. Times are nanoseconds since the epoch in two unsigned
 * halves, ids big-endian numbers in signed words. A chunk is given back when all of its rows have left.
 */
export class LogChunk {
  /** When it happened or, where the sender does not say, when it was observed. */
  readonly timeHigh = new Uint32Array(LOG_CHUNK_ROWS);
  readonly timeLow = new Uint32Array(LOG_CHUNK_ROWS);
  /** Of each row {@link ID_WORDS} words: four of the trace's id, zero for a record of no trace, then two of the span's. */
  readonly ids = new Int32Array(LOG_CHUNK_ROWS * ID_WORDS);
  /** The row of the same trace, and of the same span, that arrived before this one; {@link NO_ROW} for the first. */
  readonly previousInTrace = new Uint32Array(LOG_CHUNK_ROWS).fill(NO_ROW);
  readonly previousInSpan = new Uint32Array(LOG_CHUNK_ROWS).fill(NO_ROW);
  readonly origin = new Uint32Array(LOG_CHUNK_ROWS);
  /** Address of the record, see log-record-bytes.ts. */
  readonly record = new Uint32Array(LOG_CHUNK_ROWS);
  /** The body's number, {@link BODY_IN_RECORD} where the record holds it, if there is one. */
  readonly body = new Uint32Array(LOG_CHUNK_ROWS);
  /** Numbers of the severity's text and the event's name, {@link LABEL_IN_RECORD} where the record holds them. */
  readonly severityText = new Uint16Array(LOG_CHUNK_ROWS);
  readonly eventName = new Uint16Array(LOG_CHUNK_ROWS);
  /** OTLP's severity number; 0 where there is none or the record holds it. */
  readonly severity = new Uint8Array(LOG_CHUNK_ROWS);
  /** The sum of {@link TIME_IS_OBSERVED} and {@link REMOVED}, as far as they hold. */
  readonly marks = new Uint8Array(LOG_CHUNK_ROWS);
  /** Rows that have not left. */
  aliveCount = 0;
}

export const ID_WORDS = 6;
export const TRACE_WORDS = 4;

const ROW_BITS = 12;
export const LOG_CHUNK_ROWS = 1 << ROW_BITS;
const ROW_MASK = LOG_CHUNK_ROWS - 1;
/** Thirteen words, two columns of two bytes and two of one. */
export const LOG_CHUNK_BYTES = LOG_CHUNK_ROWS * 58;

/** The time is that of the observation. */
export const TIME_IS_OBSERVED = 1;
/** The record has left while others of its chunk stay. */
export const REMOVED = 2;
/** An earlier engine took the record. */
export const REPLAYED = 4;

export const BODY_IN_RECORD = 0xffff_ffff;
export const LABEL_IN_RECORD = 0xffff;

export function isRemoved(chunk: LogChunk, index: number): boolean {
  return ((chunk.marks[index] ?? 0) & REMOVED) !== 0;
}

export function isReplayed(chunk: LogChunk, index: number): boolean {
  return ((chunk.marks[index] ?? 0) & REPLAYED) !== 0;
}

/** The chunk that a row is in. */
export function logChunkIndexOf(row: number): number {
  return row >>> ROW_BITS;
}

/** The last row of the chunk that a row is in. Rows may be too many for bitwise operators. */
export function lastRowOfLogChunk(row: number): number {
  return row - (row & ROW_MASK) + ROW_MASK;
}

/** The row's index in the columns of its chunk. */
export function indexInLogChunk(row: number): number {
  return row & ROW_MASK;
}
