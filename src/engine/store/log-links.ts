import { HashIndex, mixWords, NO_ITEM } from "./hash-index.ts";
import { ID_WORDS, indexInLogChunk, isRemoved, type LogChunk } from "./log-chunk.ts";
import { NO_ROW } from "./span-chunk.ts";

/** The rows that are held. */
interface Rows {
  chunkOf(row: number): LogChunk | undefined;
}

/**
 * Leads from a trace, or from a span of a trace, to its newest log record, on which the older ones hang. Rows of one trace
 * leave in the order in which they came: what a row hangs on leaves before it, so that a list ends where a row is no longer held.
 */
export class LogLinks {
  readonly #rows: Rows;
  readonly #previous: "previousInTrace" | "previousInSpan";
  /** How many of a row's words in {@link LogChunk.ids} are looked at. */
  readonly #words: number;
  #newest = this.#emptyIndex();

  constructor(rows: Rows, previous: "previousInTrace" | "previousInSpan", words: number) {
    this.#rows = rows;
    this.#previous = previous;
    this.#words = words;
  }

  get byteLength(): number {
    return this.#newest.byteLength;
  }

  clear(): void {
    this.#newest = this.#emptyIndex();
  }

  /** Adds a row whose ids are set. */
  add(row: number): void {
    const chunk = this.#rows.chunkOf(row);
    if (chunk === undefined) return;
    const i = indexInLogChunk(row);
    const at = i * ID_WORDS;
    const hash = this.#hashOf(chunk.ids, at);
    const place = this.#placeOf(chunk.ids, at, hash);
    const newest = this.#newest.item(place);
    chunk[this.#previous][i] = newest === NO_ITEM ? NO_ROW : newest;
    if (newest === NO_ITEM) this.#newest.add(hash, row);
    else this.#newest.replace(place, row);
  }

  /** Takes out a row that is the oldest of its trace, while its chunk is still held. */
  remove(row: number): void {
    const chunk = this.#rows.chunkOf(row);
    if (chunk === undefined) return;
    const at = indexInLogChunk(row) * ID_WORDS;
    const place = this.#placeOf(chunk.ids, at, this.#hashOf(chunk.ids, at));
    // Where it is the newest too, it is the last one.
    if (this.#newest.item(place) === row) this.#newest.remove(place);
  }

  /** The rows of the trace or span whose words begin at `at`, the one that arrived last first. */
  *rowsOf(ids: Int32Array, at: number): Generator<number> {
    let row = this.#newest.item(this.#placeOf(ids, at, this.#hashOf(ids, at)));
    while (row !== NO_ROW) {
      const chunk = this.#rows.chunkOf(row);
      if (chunk === undefined) return;
      const i = indexInLogChunk(row);
      if (!isRemoved(chunk, i)) yield row;
      row = chunk[this.#previous][i] ?? NO_ROW;
    }
  }

  #emptyIndex(): HashIndex {
    return new HashIndex((row) => {
      const chunk = this.#rows.chunkOf(row);
      return chunk === undefined ? 0 : this.#hashOf(chunk.ids, indexInLogChunk(row) * ID_WORDS);
    });
  }

  /** Where the newest row of these ids stands, or the free place where it would. */
  #placeOf(ids: Int32Array, at: number, hash: number): number {
    const index = this.#newest;
    for (let place = index.first(hash); ; place = index.after(place)) {
      const row = index.item(place);
      if (row === NO_ITEM) return place;
      if (!index.mayBe(place, hash)) continue;
      const held = this.#rows.chunkOf(row);
      if (held !== undefined && this.#isSame(held.ids, indexInLogChunk(row) * ID_WORDS, ids, at))
        return place;
    }
  }

  #isSame(held: Int32Array, heldAt: number, ids: Int32Array, at: number): boolean {
    for (let word = 0; word < this.#words; word++) if (held[heldAt + word] !== ids[at + word]) return false;
    return true;
  }

  #hashOf(ids: Int32Array, at: number): number {
    let hash: number | undefined;
    for (let word = 0; word < this.#words; word += 2)
      hash = mixWords(ids[at + word] ?? 0, ids[at + word + 1] ?? 0, hash);
    return hash ?? 0;
  }
}
