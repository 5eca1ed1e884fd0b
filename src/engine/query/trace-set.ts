import type { SpanStore } from "../store/span-store.ts";
import { ROWS_PER_YIELD, type Sliced } from "./slices.ts";

/** A set of traces by their slots; at first of all that are held. */
export class TraceSet {
  readonly #store: SpanStore;
  #has: Uint8Array;
  #count = 0;

  constructor(store: SpanStore) {
    this.#store = store;
    this.#has = new Uint8Array(store.traces.slotCount);
    for (let slot = 0; slot < this.#has.length; slot++) {
      if (store.traces.version[slot] === 0) continue;
      this.#has[slot] = 1;
      this.#count++;
    }
  }

  get count(): number {
    return this.#count;
  }

  /** By slot: 1 for those in the set. */
  get flags(): Uint8Array {
    return this.#has;
  }

  has(slot: number): boolean {
    return this.#has[slot] === 1;
  }

  set(slot: number, isIn: boolean): void {
    if (this.has(slot) === isIn) return;
    if (slot >= this.#has.length) {
      const longer = new Uint8Array(Math.max(slot + 1, this.#store.traces.slotCount));
      longer.set(this.#has);
      this.#has = longer;
    }
    this.#has[slot] = isIn ? 1 : 0;
    this.#count += isIn ? 1 : -1;
  }

  /** Keeps those that pass. */
  *keep(test: (slot: number) => boolean): Sliced<void> {
    const { length } = this.#has;
    for (let slot = 0; slot < length; slot++) {
      if (this.#has[slot] === 1 && !test(slot)) this.set(slot, false);
      if (slot % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
    }
  }

  slots(): Uint32Array {
    const slots = new Uint32Array(this.#count);
    let filled = 0;
    for (let slot = 0; slot < this.#has.length; slot++) if (this.#has[slot] === 1) slots[filled++] = slot;
    return slots;
  }
}
