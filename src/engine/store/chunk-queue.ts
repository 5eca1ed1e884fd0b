import type { Chunk } from "./series-chunk.ts";

/** Chunks by the time at which a sample was written into them last: the longest untouched one leaves first. */
export class ChunkQueue {
  #chunks: { readonly chunk: Chunk; readonly touched: number }[] = [];
  #first = 0;

  add(chunk: Chunk): void {
    this.#chunks.push({ chunk, touched: chunk.touched });
  }

  /** Takes the next chunk out; one that was written to since it was put in goes to the end instead. */
  shift(): Chunk | undefined {
    while (this.#first < this.#chunks.length) {
      const entry = this.#chunks[this.#first++];
      if (this.#first > MAX_GAP && this.#first * 2 > this.#chunks.length) this.#compact();
      if (entry === undefined) continue;
      if (entry.chunk.touched === entry.touched) return entry.chunk;
      this.add(entry.chunk);
    }
    return undefined;
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
  }

  #compact(): void {
    this.#chunks = this.#chunks.slice(this.#first);
    this.#first = 0;
  }
}

/** Entries that were taken out and may still stand in the list. */
const MAX_GAP = 1024;
