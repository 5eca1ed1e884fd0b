import { HashIndex, mixWords, NO_ITEM } from "./hash-index.ts";
import { indexInChunk, type SpanChunk } from "./span-chunk.ts";

/**
 * Finds the rows that have the same trace and span id: resends, later forms of a running span, and true duplicates.
 * The index leads to the newest row only; older ones hang on it, so that a sender of a million equal ids makes
 * nothing slow.
 */
export class TwinIndex {
  readonly #rows: { chunkOf(row: number): SpanChunk | undefined };
  readonly #newest = new HashIndex((row) => this.#hashOfRow(row));
  readonly #older = new Map<number, number>();

  constructor(rows: { chunkOf(row: number): SpanChunk | undefined }) {
    this.#rows = rows;
  }

  get byteLength(): number {
    return this.#newest.byteLength + this.#older.size * MAP_ENTRY_BYTES;
  }

  /** The rows of this id, the newest first, at most {@link MAX_TWINS}. */
  find(slot: number, idHigh: number, idLow: number): readonly number[] {
    const place = this.#placeOf(slot, idHigh, idLow);
    const newest = this.#newest.item(place);
    if (newest === NO_ITEM) return NONE;
    const rows: number[] = [];
    for (let row: number | undefined = newest; row !== undefined && rows.length < MAX_TWINS;) {
      rows.push(row);
      row = this.#older.get(row);
    }
    return rows;
  }

  /** Adds a row whose columns are set; `hasTwins` says that {@link find} found others. */
  add(row: number, hasTwins: boolean): void {
    const chunk = this.#rows.chunkOf(row);
    if (chunk === undefined) return;
    const i = indexInChunk(row);
    const slot = chunk.trace[i] ?? 0;
    const high = chunk.idHigh[i] ?? 0;
    const low = chunk.idLow[i] ?? 0;
    if (!hasTwins) {
      this.#newest.add(hashOf(slot, high, low), row);
      return;
    }
    const place = this.#placeOf(slot, high, low);
    this.#older.set(row, this.#newest.item(place));
    this.#newest.replace(place, row);
  }

  /** Takes a row out together with all its twins: whole traces leave. Its columns have to be set still. */
  remove(row: number): void {
    const chunk = this.#rows.chunkOf(row);
    if (chunk === undefined) return;
    const i = indexInChunk(row);
    const place = this.#placeOf(chunk.trace[i] ?? 0, chunk.idHigh[i] ?? 0, chunk.idLow[i] ?? 0);
    // Rows leave newest first, so that a row with twins stands in the index when its turn comes.
    const older = this.#older.get(row);
    this.#older.delete(row);
    if (this.#newest.item(place) !== row) return;
    if (older === undefined) this.#newest.remove(place);
    else this.#newest.replace(place, older);
  }

  /** Where the id's newest row stands, or the free place where it would. */
  #placeOf(slot: number, idHigh: number, idLow: number): number {
    const index = this.#newest;
    const hash = hashOf(slot, idHigh, idLow);
    for (let place = index.first(hash); ; place = index.after(place)) {
      const row = index.item(place);
      if (row === NO_ITEM) return place;
      if (!index.mayBe(place, hash)) continue;
      const chunk = this.#rows.chunkOf(row);
      const i = indexInChunk(row);
      if (chunk?.idLow[i] === idLow && chunk.idHigh[i] === idHigh && chunk.trace[i] === slot) return place;
    }
  }

  #hashOfRow(row: number): number {
    const chunk = this.#rows.chunkOf(row);
    const i = indexInChunk(row);
    return hashOf(chunk?.trace[i] ?? 0, chunk?.idHigh[i] ?? 0, chunk?.idLow[i] ?? 0);
  }
}

/** A span is compared with this many of its twins. Beyond it a resend is kept as a row of its own. */
const MAX_TWINS = 16;

/** What an entry of a Map of numbers costs, roughly. */
const MAP_ENTRY_BYTES = 48;

const NONE: readonly number[] = [];

function hashOf(slot: number, idHigh: number, idLow: number): number {
  return mixWords(idLow, slot, mixWords(idHigh, slot));
}
