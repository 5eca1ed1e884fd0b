import { CHUNK_ROWS, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import type { OpenRows } from "./open-rows.ts";
import type { RowTest } from "./row-test.ts";
import type { Needle } from "./text-needles.ts";

/**
 * Finds rows by bytes of their records: whole pages of records are searched natively, and only rows in which the bytes
 * are found are tested. Chunks are to be scanned in their order, which searches each page once.
 */
export class ByteScan {
  readonly #store: SpanStore;
  readonly #chooseNeedles: (sample: Buffer) => readonly Needle[];
  #needles: readonly Needle[] | undefined;
  #bytes: Uint8Array | undefined;
  #page: Buffer = Buffer.alloc(0);
  /** Where each needle stands next in the page, and the first of these places; infinity where there is none. */
  #next: number[] = [];
  #nearest = -1;
  /** Where the search for these began: what lies before it was not looked at. */
  #from = 0;

  /** @param chooseNeedles is given records as they are, and answers with what one of has to be in a row. */
  constructor(store: SpanStore, chooseNeedles: (sample: Buffer) => readonly Needle[]) {
    this.#store = store;
    this.#chooseNeedles = chooseNeedles;
  }

  scan(chunk: SpanChunk, rows: OpenRows, test: RowTest): void {
    const { records } = this.#store;
    const order = orderByAddress(chunk);
    for (let n = 0; n < CHUNK_ROWS; n++) {
      const i = order === undefined ? n : (order[n] ?? 0);
      if (!rows.isOpen(chunk, i)) continue;
      const address = chunk.record[i] ?? 0;
      const bytes = records.bytesAt(address);
      const start = records.startAt(address);
      if (bytes !== this.#bytes || start < this.#from) this.#turnTo(bytes);
      if (this.#nearest < start) this.#advance(start);
      if (this.#nearest === Number.POSITIVE_INFINITY || this.#nearest >= records.endAt(address)) continue;
      if (test(chunk, i)) rows.find(chunk, i);
    }
  }

  #turnTo(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#page = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#needles ??= this.#chooseNeedles(sampleOf(this.#store));
    this.#next = this.#needles.map(() => -1);
    this.#nearest = -1;
  }

  #advance(from: number): void {
    this.#from = from;
    const needles = this.#needles ?? [];
    let nearest = Number.POSITIVE_INFINITY;
    for (let n = 0; n < needles.length; n++) {
      let next = this.#next[n] ?? -1;
      if (next < from) {
        next = this.#find(needles[n], from);
        this.#next[n] = next;
      }
      if (next < nearest) nearest = next;
    }
    this.#nearest = nearest;
  }

  #find(needle: Needle | undefined, from: number): number {
    if (needle === undefined) return Number.POSITIVE_INFINITY;
    const page = this.#page;
    let at = page.indexOf(needle.bytes, from);
    while (at >= 0 && !needle.isWanted(page, at)) at = page.indexOf(needle.bytes, at + 1);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  }
}

/** Enough to tell frequent bytes from rare ones, searched in some microseconds. */
const SAMPLE_BYTES = 32 * 1024;

/** Records from the middle of what is held: the first ones of a program are unlike the rest. */
function sampleOf({ chunks, records }: SpanStore): Buffer {
  const middle = chunks.length >> 1;
  const chunk =
    chunks.slice(middle).find((one) => one !== undefined) ?? chunks.find((one) => one !== undefined);
  const bytes = records.bytesAt(chunk?.record[0] ?? 0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SAMPLE_BYTES));
}

/**
 * The rows of a chunk by where their records lie; undefined where they lie in the order of the rows, or nearly so: spans
 * that were sent at their start and at their end have their records in the order of their ends.
 */
function orderByAddress(chunk: SpanChunk): Uint16Array | undefined {
  const { record } = chunk;
  let descents = 0;
  for (let i = 1; i < CHUNK_ROWS; i++) if ((record[i] ?? 0) < (record[i - 1] ?? 0)) descents++;
  if (descents <= MAX_DESCENTS) return undefined;
  const keys = Float64Array.from(record, (address, i) => address * CHUNK_ROWS + i).sort();
  return Uint16Array.from(keys, (key) => key % CHUNK_ROWS);
}

/** Each costs one more search of a page, as much as a fraction of sorting. */
const MAX_DESCENTS = 8;
