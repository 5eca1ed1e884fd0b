import { HashIndex, mixWords, NO_ITEM } from "./hash-index.ts";
import { indexInChunk, NO_ROW, type SpanChunk } from "./span-chunk.ts";

/** The rows that are looked at, and the traces they are of. */
interface TwinRows {
  chunkOf(row: number): SpanChunk | undefined;
  readonly traces: {
    readonly slotCount: number;
    readonly version: Float64Array;
    readonly lastRow: Uint32Array;
    readonly spanCount: Uint32Array;
  };
}

/**
 * Finds the rows that have the same trace and span id: resends, later forms of a running span, and true duplicates.
 * The few rows of a small trace are gone through one by one: they came lately and lie side by side, where an index of
 * all rows means reading memory far away (a tenth of the time for storing, and ten bytes a span). The rows of a large
 * trace stand in such an index. It leads to the newest row only; older ones hang on it, so that a sender of a million
 * equal ids makes nothing slow.
 */
export class TwinIndex {
  readonly #rows: TwinRows;
  #newest = this.#emptyIndex();
  readonly #older = new Map<number, number>();

  constructor(rows: TwinRows) {
    this.#rows = rows;
  }

  get byteLength(): number {
    return this.#newest.byteLength + this.#older.size * MAP_ENTRY_BYTES;
  }

  /** The newest row of this id, {@link NO_ROW} where there is none. */
  find(slot: number, idHigh: number, idLow: number): number {
    const { traces } = this.#rows;
    if (!this.#isIndexed(slot)) return this.#walk(traces.lastRow[slot] ?? NO_ROW, idHigh, idLow);
    return this.#newest.item(this.#placeOf(hashOf(slot, idHigh, idLow), slot, idHigh, idLow));
  }

  /** The row of the same id that came before this one, {@link NO_ROW} where there is none. */
  olderThan(row: number): number {
    const chunk = this.#rows.chunkOf(row);
    const i = indexInChunk(row);
    if (chunk === undefined) return NO_ROW;
    if (this.#isIndexed(chunk.trace[i] ?? 0)) return this.#older.get(row) ?? NO_ROW;
    return this.#walk(chunk.previousInTrace[i] ?? NO_ROW, chunk.idHigh[i] ?? 0, chunk.idLow[i] ?? 0);
  }

  /** Adds a row that is the newest of its trace, which counts it already. */
  add(row: number): void {
    const slot = this.#rows.chunkOf(row)?.trace[indexInChunk(row)] ?? 0;
    if (!this.#isIndexed(slot)) return;
    if (this.#rows.traces.spanCount[slot] === MAX_WALKED + 1) this.#addAll(row);
    else this.#put(row);
  }

  /** Takes a row out together with all its twins: whole traces leave, newest row first, counted to the end. Its columns have to be set still. */
  remove(row: number): void {
    const chunk = this.#rows.chunkOf(row);
    if (chunk === undefined) return;
    const i = indexInChunk(row);
    const slot = chunk.trace[i] ?? 0;
    if (!this.#isIndexed(slot)) return;
    const high = chunk.idHigh[i] ?? 0;
    const low = chunk.idLow[i] ?? 0;
    const place = this.#placeOf(hashOf(slot, high, low), slot, high, low);
    // Rows leave newest first, so that a row with twins stands in the index when its turn comes.
    const older = this.#older.get(row);
    this.#older.delete(row);
    if (this.#newest.item(place) !== row) return;
    if (older === undefined) this.#newest.remove(place);
    else this.#newest.replace(place, older);
  }

  /** Begins anew with the traces that are held now: the quickest way to let many rows leave. */
  rebuild(): void {
    this.#newest = this.#emptyIndex();
    this.#older.clear();
    const { traces } = this.#rows;
    for (let slot = 0; slot < traces.slotCount; slot++)
      if (traces.version[slot] !== 0 && this.#isIndexed(slot)) this.#addAll(traces.lastRow[slot] ?? NO_ROW);
  }

  #emptyIndex(): HashIndex {
    return new HashIndex((row) => this.#hashOfRow(row));
  }

  #isIndexed(slot: number): boolean {
    return (this.#rows.traces.spanCount[slot] ?? 0) > MAX_WALKED;
  }

  /** The newest row with this id, from this row of the same trace back. */
  #walk(from: number, idHigh: number, idLow: number): number {
    let row = from;
    while (row !== NO_ROW) {
      const chunk = this.#rows.chunkOf(row);
      if (chunk === undefined) return NO_ROW;
      const i = indexInChunk(row);
      if (chunk.idLow[i] === idLow && chunk.idHigh[i] === idHigh) return row;
      row = chunk.previousInTrace[i] ?? NO_ROW;
    }
    return NO_ROW;
  }

  /** This row and all before it, the oldest first. */
  #addAll(newest: number): void {
    const rows: number[] = [];
    for (let row = newest; row !== NO_ROW;) {
      rows.push(row);
      row = this.#rows.chunkOf(row)?.previousInTrace[indexInChunk(row)] ?? NO_ROW;
    }
    for (const row of rows.reverse()) this.#put(row);
  }

  #put(row: number): void {
    const chunk = this.#rows.chunkOf(row);
    const i = indexInChunk(row);
    const slot = chunk?.trace[i] ?? 0;
    const high = chunk?.idHigh[i] ?? 0;
    const low = chunk?.idLow[i] ?? 0;
    const hash = hashOf(slot, high, low);
    const place = this.#placeOf(hash, slot, high, low);
    const newest = this.#newest.item(place);
    if (newest === NO_ITEM) {
      this.#newest.add(hash, row);
      return;
    }
    this.#older.set(row, newest);
    this.#newest.replace(place, row);
  }

  /** Where the id's newest row stands, or the free place where it would. */
  #placeOf(hash: number, slot: number, idHigh: number, idLow: number): number {
    const index = this.#newest;
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

/** Rows of a trace that are gone through; most traces have no more. */
const MAX_WALKED = 24;

/** What an entry of a Map of numbers costs, roughly. */
const MAP_ENTRY_BYTES = 48;

function hashOf(slot: number, idHigh: number, idLow: number): number {
  return mixWords(idLow, slot, mixWords(idHigh, slot));
}
