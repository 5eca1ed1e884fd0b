import type { TraceId } from "../../model/ids.ts";

export interface TraceChanges {
  readonly traceIds: readonly TraceId[];
  /** There were further ones. */
  readonly more: boolean;
}

/** Which traces changed since somebody last asked. */
export class ChangedTraces {
  readonly #slots = new Set<number>();
  #last: number | undefined;
  #takenVersion = 0;
  #overflowed = false;

  add(slot: number): void {
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
  retain(isHeld: (slot: number) => boolean): void {
    for (const slot of this.#slots) if (!isHeld(slot)) this.#slots.delete(slot);
    this.#last = undefined;
  }

  take(version: number, max: number, idOf: (slot: number) => TraceId): TraceChanges | undefined {
    if (version === this.#takenVersion) return undefined;
    const slots = [...this.#slots];
    const changes = {
      traceIds: slots.slice(0, max).map(idOf),
      more: this.#overflowed || slots.length > max,
    };
    this.#takenVersion = version;
    this.#overflowed = false;
    this.#last = undefined;
    this.#slots.clear();
    return changes;
  }
}

/** Ten times what one event names; beyond that only "there were more" is of use. */
const MAX_KEPT = 1000;
