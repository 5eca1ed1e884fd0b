import { CHUNK_ROWS, NO_TRACE, type SpanChunk } from "../store/span-chunk.ts";
import type { RowTest } from "./row-test.ts";

/** The rows of chunks that a search still asks about: those of traces that have neither dropped out nor been found. */
export class OpenRows {
  readonly #candidates: Uint8Array;
  /** By slot: 1 where a row was found. */
  readonly found: Uint8Array;
  /** Traces that were not found yet. */
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

  /** Tests the open rows of a chunk one after the other. */
  test(chunk: SpanChunk, test: RowTest): void {
    for (let i = 0; i < CHUNK_ROWS; i++) if (this.isOpen(chunk, i) && test(chunk, i)) this.find(chunk, i);
  }
}
