import type { PointColumns } from "../../model/metric-points.ts";
import type { ByteArena } from "./byte-arena.ts";
import { BitReader, BitWriter } from "./series-bits.ts";
import { readSample } from "./series-sample-reader.ts";
import { SampleState, TIME_NUMBER } from "./series-sample-state.ts";
import { writeSample } from "./series-sample-writer.ts";
import { NOT_SHARED, type SharedTimes } from "./series-times.ts";

/** Some samples of one series, compressed. It can be read without any other, with the times that it shares. */
export interface Chunk {
  /** The series' number. */
  readonly series: number;
  /** Whether its samples are such as an earlier engine took. */
  readonly isReplayed: boolean;
  count: number;
  /** Nanoseconds since the epoch as doubles, which are in the order of the exact times but may be equal where those are not. */
  minNs: number;
  maxNs: number;
  /** The number of its first time that is shared (series-times.ts), {@link NOT_SHARED} where none is. */
  timesFrom: number;
  /** Where it lies in the arena; undefined while it is being written. */
  address: number | undefined;
  /** The store's version when a sample was written last. */
  touched: number;
}

/** Writes samples of one series, in the order in which they come, into one chunk after the other. */
export class ChunkWriter {
  readonly #kind: number;
  readonly #state: SampleState;
  #bits = new BitWriter(INITIAL_BYTES);
  #byteLength: number;
  /** The chunk that is being written, if one is. */
  open: Chunk | undefined;

  /** @param kind index into METRIC_KINDS */
  constructor(kind: number) {
    this.#kind = kind;
    this.#state = new SampleState(kind);
    this.#byteLength = this.#measure();
  }

  /** Bytes of memory that it takes. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Whether the open chunk takes no sample whose time has this number, or is not shared. */
  isFullFor(timeNumber: number): boolean {
    if (this.open === undefined) return false;
    const { count, timesFrom } = this.open;
    if (count >= MAX_SAMPLES || this.#bits.byteLength >= MAX_CHUNK_BYTES) return true;
    return timesFrom !== NOT_SHARED && timeNumber - timesFrom > MAX_TIMES_HELD;
  }

  /** Writes a data point; the chunk that is {@link open} has to be there, and holds its time where that has a number. */
  append(chunk: Chunk, points: PointColumns, index: number, timeNs: number, timeNumber: number): void {
    if (chunk.timesFrom === NOT_SHARED && timeNumber !== NOT_SHARED)
      this.#state.columns[TIME_NUMBER] = chunk.timesFrom = timeNumber;
    writeSample(this.#bits, this.#state, this.#kind, points, index, timeNumber);
    this.#byteLength = this.#measure();
    chunk.count++;
    if (timeNs < chunk.minNs) chunk.minNs = timeNs;
    if (timeNs > chunk.maxNs) chunk.maxNs = timeNs;
  }

  /** Ends the open chunk: what was written of it moves into the arena. */
  seal(arena: ByteArena): void {
    if (this.open !== undefined) this.open.address = arena.append(this.#bits.buffer, this.#bits.byteLength);
    this.drop();
  }

  /** Forgets the open chunk. */
  drop(): void {
    this.open = undefined;
    this.#state.clear();
    // What one large sample made is given back.
    if (this.#bits.buffer.length > MAX_KEPT_BYTES) this.#bits = new BitWriter(INITIAL_BYTES);
    else this.#bits.clear();
    this.#byteLength = this.#measure();
  }

  #measure(): number {
    return this.#bits.buffer.length + this.#state.byteLength + WRITER_BYTES;
  }

  /** The bytes of the open chunk. */
  get buffer(): Uint8Array {
    return this.#bits.buffer;
  }
}

/** Reads all samples of a chunk, which begins at this place of the bytes, into the columns. */
export function readChunk(
  bytes: Uint8Array,
  start: number,
  { count, timesFrom }: Chunk,
  kind: number,
  times: SharedTimes,
  into: PointColumns,
): void {
  const reader = new BitReader(bytes, start);
  const state = new SampleState(kind);
  state.columns[TIME_NUMBER] = timesFrom;
  for (let i = 0; i < count; i++) readSample(reader, state, kind, times, into);
}

/** Of an object in the store's lists. */
export const CHUNK_BYTES = 120;
/** Of a writer's objects, its arrays' contents not counted. */
const WRITER_BYTES = 500;

/** The first sample is written in full: its share is small in this many, and few are read in vain for a short range. */
const MAX_SAMPLES = 240;
/** A series that is hardly ever written to keeps at most 128 KiB of times that others have. */
const MAX_TIMES_HELD = 1 << 14;
/** Wide histograms come to this first. */
const MAX_CHUNK_BYTES = 1 << 12;
const INITIAL_BYTES = 64;
const MAX_KEPT_BYTES = 1 << 14;
