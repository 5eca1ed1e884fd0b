import type { TraceId } from "../../model/ids.ts";
import { HashIndex, mixWords, NO_ITEM } from "./hash-index.ts";
import { hexOfWords, wordsOfHex } from "./hex.ts";
import { NO_ROW, STATE_LOST, STATE_RUNNING, STATUS_ERROR, type SpanChunk } from "./span-chunk.ts";

/** Stands for "no trace" in the links of the table. */
export const NO_SLOT = 0xffff_ffff;

/**
 * What is known of each trace as columns; a trace has a slot, which another one gets after it has left. Traces that
 * are not pinned are chained in the order in which something last arrived for them: that is the order they leave in.
 */
export class TraceTable {
  /** Four signed words for each slot, big-endian. */
  #id = new Int32Array(INITIAL_SLOTS * 4);
  #older = new Uint32Array(INITIAL_SLOTS);
  #newer = new Uint32Array(INITIAL_SLOTS);
  #used = 0;
  #count = 0;
  readonly #free: number[] = [];
  #index = this.#emptyIndex();
  #oldest = NO_SLOT;
  #newest = NO_SLOT;
  #newestReplayed = NO_SLOT;
  /** The slot that {@link find} or {@link add} returned last. */
  #lastFound = 0;

  /**
   * Whether what is added and touched now arrived long ago and is read again from a log. Such traces are chained before
   * all that arrived since: {@link replayed} tells them, until {@link endReplay}.
   */
  isReplaying = false;
  replayed = new Uint8Array(INITIAL_SLOTS);

  /** The row that arrived last. */
  lastRow = new Uint32Array(INITIAL_SLOTS);
  spanCount = new Uint32Array(INITIAL_SLOTS);
  errorCount = new Uint32Array(INITIAL_SLOTS);
  runningCount = new Uint32Array(INITIAL_SLOTS);
  lostCount = new Uint32Array(INITIAL_SLOTS);
  /** Earliest start and latest moment (start or end), nanoseconds since the epoch. */
  startHigh = new Uint32Array(INITIAL_SLOTS);
  startLow = new Uint32Array(INITIAL_SLOTS);
  latestHigh = new Uint32Array(INITIAL_SLOTS);
  latestLow = new Uint32Array(INITIAL_SLOTS);
  run = new Uint32Array(INITIAL_SLOTS);
  pinned = new Uint8Array(INITIAL_SLOTS);
  /** The store's version at the trace's last change; 0 for a slot that is free. */
  version = new Float64Array(INITIAL_SLOTS);

  /** Make one column longer each. */
  readonly #columns: readonly ((length: number) => ArrayBufferView)[] = [
    (length) => (this.#id = filled(new Int32Array(length * 4), this.#id)),
    (length) => (this.#older = filled(new Uint32Array(length), this.#older)),
    (length) => (this.#newer = filled(new Uint32Array(length), this.#newer)),
    (length) => (this.replayed = filled(new Uint8Array(length), this.replayed)),
    (length) => (this.lastRow = filled(new Uint32Array(length), this.lastRow)),
    (length) => (this.spanCount = filled(new Uint32Array(length), this.spanCount)),
    (length) => (this.errorCount = filled(new Uint32Array(length), this.errorCount)),
    (length) => (this.runningCount = filled(new Uint32Array(length), this.runningCount)),
    (length) => (this.lostCount = filled(new Uint32Array(length), this.lostCount)),
    (length) => (this.startHigh = filled(new Uint32Array(length), this.startHigh)),
    (length) => (this.startLow = filled(new Uint32Array(length), this.startLow)),
    (length) => (this.latestHigh = filled(new Uint32Array(length), this.latestHigh)),
    (length) => (this.latestLow = filled(new Uint32Array(length), this.latestLow)),
    (length) => (this.run = filled(new Uint32Array(length), this.run)),
    (length) => (this.pinned = filled(new Uint8Array(length), this.pinned)),
    (length) => (this.version = filled(new Float64Array(length), this.version)),
  ];
  /** Slots that all columns have. */
  #slots = INITIAL_SLOTS;
  /** Columns that have twice as many, the first ones. */
  #grownCount = 0;
  /** The slot at which the next column grows. */
  #growAt = INITIAL_SLOTS / 2;
  #columnBytes = INITIAL_SLOTS * SLOT_BYTES;

  get traceCount(): number {
    return this.#count;
  }

  /** Slots run from 0 to here; those of version 0 are free. */
  get slotCount(): number {
    return this.#used;
  }

  /** The slot that leaves first, {@link NO_SLOT} where all are pinned. */
  get oldest(): number {
    return this.#oldest;
  }

  get byteLength(): number {
    return this.#index.byteLength + this.#columnBytes;
  }

  idOf(slot: number): TraceId {
    const at = slot * 4;
    const id = this.#id;
    return (hexOfWords(id[at], id[at + 1]) + hexOfWords(id[at + 2], id[at + 3])) as TraceId;
  }

  word(slot: number, index: number): number {
    return this.#id[slot * 4 + index] ?? 0;
  }

  slotOf(traceId: TraceId): number {
    const [a, b] = wordsOfHex(traceId, 0);
    const [c, d] = wordsOfHex(traceId, 16);
    return this.find(a, b, c, d);
  }

  find(a: number, b: number, c: number, d: number): number {
    // Spans of one trace mostly arrive together.
    const last = this.#lastFound;
    if (this.#hasId(last, a, b, c, d) && this.version[last] !== 0) return last;
    const index = this.#index;
    const hash = hashOfId(a, b, c, d);
    for (let place = index.first(hash); ; place = index.after(place)) {
      const slot = index.item(place);
      if (slot === NO_ITEM) return NO_SLOT;
      if (!index.mayBe(place, hash)) continue;
      if (this.#hasId(slot, a, b, c, d)) return (this.#lastFound = slot);
    }
  }

  #hasId(slot: number, a: number, b: number, c: number, d: number): boolean {
    const id = this.#id;
    const at = slot * 4;
    return id[at + 3] === d && id[at + 2] === c && id[at + 1] === b && id[at] === a;
  }

  /** A new slot for a trace that {@link find} does not know. */
  add(a: number, b: number, c: number, d: number): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#growAt) this.#grow();
    const at = slot * 4;
    this.#id[at] = a;
    this.#id[at + 1] = b;
    this.#id[at + 2] = c;
    this.#id[at + 3] = d;
    this.lastRow[slot] = NO_ROW;
    this.spanCount[slot] = 0;
    this.errorCount[slot] = 0;
    this.runningCount[slot] = 0;
    this.lostCount[slot] = 0;
    this.startHigh[slot] = 0xffff_ffff;
    this.startLow[slot] = 0xffff_ffff;
    this.latestHigh[slot] = 0;
    this.latestLow[slot] = 0;
    this.run[slot] = 0;
    this.pinned[slot] = 0;
    this.#index.add(hashOfId(a, b, c, d), slot);
    this.#lastFound = slot;
    this.#link(slot);
    this.#count++;
    return slot;
  }

  remove(slot: number): void {
    const index = this.#index;
    let place = index.first(this.#hashOf(slot));
    while (index.item(place) !== slot) place = index.after(place);
    index.remove(place);
    if (this.pinned[slot] === 0) this.#unlink(slot);
    this.version[slot] = 0;
    this.#free.push(slot);
    this.#count--;
  }

  /** Removes all traces whose slot has no flag of 1. */
  retain(kept: Uint8Array): void {
    this.#index = this.#emptyIndex();
    this.#count = 0;
    for (let slot = 0; slot < this.#used; slot++) {
      if (this.version[slot] === 0) continue;
      if (kept[slot] === 1) {
        this.#index.add(this.#hashOf(slot), slot);
        this.#count++;
        continue;
      }
      if (this.pinned[slot] === 0) this.#unlink(slot);
      this.version[slot] = 0;
      this.#free.push(slot);
    }
  }

  /** Makes a trace the last one to leave. */
  touch(slot: number): void {
    if (this.pinned[slot] === 1) return;
    const isReplayed = this.replayed[slot] === 1;
    const stays = this.isReplaying
      ? !isReplayed || slot === this.#newestReplayed
      : !isReplayed && slot === this.#newest;
    if (stays) return;
    this.#unlink(slot);
    this.#link(slot);
  }

  /** From now on all traces are equal. */
  endReplay(): void {
    this.replayed.fill(0);
    this.#newestReplayed = NO_SLOT;
  }

  setPinned(slot: number, pinned: boolean): void {
    if ((this.pinned[slot] === 1) === pinned) return;
    if (pinned) this.#unlink(slot);
    else this.#link(slot);
    this.pinned[slot] = pinned ? 1 : 0;
  }

  /** Widens the trace's time to these moments. */
  include(slot: number, high: number, low: number): void {
    if (isEarlier(high, low, this.startHigh[slot] ?? 0, this.startLow[slot] ?? 0)) {
      this.startHigh[slot] = high;
      this.startLow[slot] = low;
    }
    this.includeEnd(slot, high, low);
  }

  includeEnd(slot: number, high: number, low: number): void {
    if (isEarlier(this.latestHigh[slot] ?? 0, this.latestLow[slot] ?? 0, high, low)) {
      this.latestHigh[slot] = high;
      this.latestLow[slot] = low;
    }
  }

  /** Adds a row to its trace's counts, or takes it out of them. */
  count(slot: number, chunk: SpanChunk, i: number, by: 1 | -1): void {
    this.spanCount[slot] = (this.spanCount[slot] ?? 0) + by;
    if (chunk.status[i] === STATUS_ERROR) this.errorCount[slot] = (this.errorCount[slot] ?? 0) + by;
    if (chunk.state[i] === STATE_RUNNING) this.runningCount[slot] = (this.runningCount[slot] ?? 0) + by;
    else if (chunk.state[i] === STATE_LOST) this.lostCount[slot] = (this.lostCount[slot] ?? 0) + by;
  }

  durationNs(slot: number): number {
    return (
      ((this.latestHigh[slot] ?? 0) - (this.startHigh[slot] ?? 0)) * 2 ** 32 +
      ((this.latestLow[slot] ?? 0) - (this.startLow[slot] ?? 0))
    );
  }

  /** Milliseconds since the epoch. */
  startMs(slot: number): number {
    return millisOf(this.startHigh[slot] ?? 0, this.startLow[slot] ?? 0);
  }

  latestMs(slot: number): number {
    return millisOf(this.latestHigh[slot] ?? 0, this.latestLow[slot] ?? 0);
  }

  #emptyIndex(): HashIndex {
    return new HashIndex((slot) => this.#hashOf(slot));
  }

  #hashOf(slot: number): number {
    return hashOfId(this.word(slot, 0), this.word(slot, 1), this.word(slot, 2), this.word(slot, 3));
  }

  #link(slot: number): void {
    const older = this.isReplaying ? this.#newestReplayed : this.#newest;
    const newer = older === NO_SLOT ? this.#oldest : (this.#newer[older] ?? NO_SLOT);
    this.#older[slot] = older;
    this.#newer[slot] = newer;
    if (older === NO_SLOT) this.#oldest = slot;
    else this.#newer[older] = slot;
    if (newer === NO_SLOT) this.#newest = slot;
    else this.#older[newer] = slot;
    this.replayed[slot] = this.isReplaying ? 1 : 0;
    if (this.isReplaying) this.#newestReplayed = slot;
  }

  #unlink(slot: number): void {
    const older = this.#older[slot] ?? NO_SLOT;
    const newer = this.#newer[slot] ?? NO_SLOT;
    // All that are older than a replayed one are replayed, too.
    if (slot === this.#newestReplayed) this.#newestReplayed = older;
    if (older === NO_SLOT) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NO_SLOT) this.#newest = older;
    else this.#older[newer] = older;
  }

  /**
   * Doubles one column. Each has its turn while the second half of the slots is taken: to make room for a million traces
   * in all columns at once would stop everything.
   */
  #grow(): void {
    const column = this.#columns[this.#grownCount++]?.(this.#slots * 2);
    this.#columnBytes += (column?.byteLength ?? 0) / 2;
    if (this.#grownCount === this.#columns.length) {
      this.#slots *= 2;
      this.#grownCount = 0;
    }
    this.#growAt = Math.floor((this.#slots / 2) * (1 + this.#grownCount / this.#columns.length));
  }
}

const INITIAL_SLOTS = 1024;
/** Sixteen columns of four bytes, one of eight, two of one. */
const SLOT_BYTES = 74;

function hashOfId(a: number, b: number, c: number, d: number): number {
  return mixWords(c, d, mixWords(a, b));
}

export function isEarlier(high: number, low: number, thanHigh: number, thanLow: number): boolean {
  return high < thanHigh || (high === thanHigh && low < thanLow);
}

/** Milliseconds from nanoseconds in two halves. */
function millisOf(high: number, low: number): number {
  return high * 4294.967296 + low / 1e6;
}

function filled<Column extends Uint32Array | Int32Array | Float64Array | Uint8Array>(
  into: Column,
  from: Column,
): Column {
  into.set(from);
  return into;
}
