import type { TraceId } from "../../model/ids.ts";
import type { TraceTable } from "./trace-table.ts";

export interface TraceChanges {
  readonly traceIds: readonly TraceId[];
  /** There were further ones. */
  readonly more: boolean;
}

/** Which traces changed since somebody last asked, and in which version of the store they did. */
export class ChangedTraces {
  /** The store's version: grows with every change. */
  version = 0;
  readonly #traces: Pick<TraceTable, "idOf" | "version">;
  readonly #slots = new Set<number>();
  #last: number | undefined;
  #takenVersion = 0;
  #overflowed = false;

  constructor(traces: Pick<TraceTable, "idOf" | "version">) {
    this.#traces = traces;
  }

  /** Takes down that a trace has changed, in the version that the store is at. */
  add(slot: number): void {
    this.#traces.version[slot] = this.version;
    // Spans of one trace arrive together: most calls repeat the last one.
    if (slot === this.#last) return;
    this.#last = slot;
    if (this.#slots.size < MAX_KEPT) this.#slots.add(slot);
    else if (!this.#slots.has(slot)) this.#overflowed = true;
  }

  delete(slot: number): void {
    this.#slots.delete(slot);
    this.#last = undefined;
  }

  /** Forgets those that are not held any more. */
  retainHeld(): void {
    for (const slot of this.#slots) if (this.#traces.version[slot] === 0) this.#slots.delete(slot);
    this.#last = undefined;
  }

  /** At most `max` of them; undefined where nothing changed. */
  take(max: number): TraceChanges | undefined {
    if (this.version === this.#takenVersion) return undefined;
    const slots = [...this.#slots];
    const changes = {
      traceIds: slots.slice(0, max).map((slot) => this.#traces.idOf(slot)),
      more: this.#overflowed || slots.length > max,
    };
    this.#takenVersion = this.version;
    this.#overflowed = false;
    this.#last = undefined;
    this.#slots.clear();
    return changes;
  }
}

/** Ten times what one event names; beyond that only "there were more" is of use. */
const MAX_KEPT = 1000;
