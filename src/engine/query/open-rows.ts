import { CHUNK_ROWS, NO_TRACE, type SpanChunk } from "../store/span-chunk.ts";
import type { RowTest } from "./row-test.ts";

/** The rows of chunks that a search still asks about. */
export interface OpenRows {
  /** Traces that were not found yet. */
  readonly openCount: number;
  isOpen(chunk: SpanChunk, i: number): boolean;
  find(chunk: SpanChunk, i: number): void;
  /** Tests the open rows of a chunk one after the other. */
  test(chunk: SpanChunk, test: RowTest): void;
}

/** Open are the rows of traces that have neither dropped out nor been found. */
export class RowsOfTraces implements OpenRows {
  readonly #candidates: Uint8Array;
  /** By slot: 1 where a row was found. */
  readonly found: Uint8Array;
  openCount: number;

  /** @param candidates by slot: 1 for the traces in question, `count` of them. */
  constructor(candidates: Uint8Array, count: number) {
    this.#candidates = candidates;
    this.found = new Uint8Array(candidates.length);
    this.openCount = count;
  }

  isOpen(chunk: SpanChunk, i: number): boolean {
    const slot = chunk.trace[i] ?? NO_TRACE;
    return slot !== NO_TRACE && this.#candidates[slot] === 1 && this.found[slot] === 0;
  }

  find(chunk: SpanChunk, i: number): void {
    const slot = chunk.trace[i] ?? NO_TRACE;
    if (this.found[slot] !== 0) return;
    this.found[slot] = 1;
    this.openCount--;
  }

  test(chunk: SpanChunk, test: RowTest): void {
    for (let i = 0; i < CHUNK_ROWS; i++) if (this.isOpen(chunk, i) && test(chunk, i)) this.find(chunk, i);
  }
}

/** Of these rows those that pass both tests: `before` is made of every open row, `after` only of what would be found. */
export function narrowed(rows: OpenRows, before: RowTest, after: RowTest): OpenRows {
  return {
    get openCount() {
      return rows.openCount;
    },
    isOpen: (chunk, i) => rows.isOpen(chunk, i) && before(chunk, i),
    find(chunk, i) {
      if (after(chunk, i)) rows.find(chunk, i);
    },
    test: (chunk, test) => rows.test(chunk, (_, i) => before(chunk, i) && test(chunk, i) && after(chunk, i)),
  };
}
