import type { ChangedTraces } from "./changed-traces.ts";
import { removeRows } from "./span-removal.ts";
import type { SpanTables } from "./span-tables.ts";
import { NO_SLOT } from "./trace-table.ts";

/**
 * Lets whole traces leave, the one for which nothing arrived for the longest time first, a number of rows at a time: a trace
 * of a million spans would keep the thread for half a second. What arrives for a trace that is leaving leaves with it.
 */
export class SpanEviction {
  readonly #tables: SpanTables;
  readonly #changed: ChangedTraces;
  /** The trace some of whose rows have left. */
  #leaving = NO_SLOT;
  #count = 0;
  #untilMs: number | undefined;

  constructor(tables: SpanTables, changed: ChangedTraces) {
    this.#tables = tables;
    this.#changed = changed;
  }

  /** Traces that left. */
  get count(): number {
    return this.#count;
  }

  /** The newest moment of a trace that left, milliseconds since the epoch; undefined where none has. */
  get untilMs(): number | undefined {
    return this.#untilMs;
  }

  isLeaving(slot: number): boolean {
    return slot === this.#leaving && slot !== NO_SLOT;
  }

  /** Whether something has to leave, and can. */
  isDue(maxBytes: number): boolean {
    if (this.#leaving !== NO_SLOT) return true;
    return this.#tables.traces.oldest !== NO_SLOT && this.#tables.byteLength > maxBytes;
  }

  /** Lets some `maxRows` rows leave at most. */
  evict(maxBytes: number, maxRows: number): void {
    const { traces } = this.#tables;
    for (let rows = 0; rows < maxRows && this.isDue(maxBytes);) {
      if (this.#leaving === NO_SLOT) {
        this.#leaving = traces.oldest;
        this.#count++;
        this.#untilMs = Math.max(this.#untilMs ?? 0, traces.latestMs(this.#leaving));
      }
      const slot = this.#leaving;
      this.#changed.version++;
      rows += removeRows(this.#tables, slot, maxRows - rows);
      if (traces.version[slot] === 0) {
        this.#changed.delete(slot);
        this.#leaving = NO_SLOT;
      } else this.#changed.add(slot);
    }
  }

  /** To be called after traces were removed otherwise. */
  forgetRemoved(): void {
    if (this.#tables.traces.version[this.#leaving] === 0) this.#leaving = NO_SLOT;
  }
}
