import type { TraceId } from "../../model/ids.ts";
import { chunkIndexOf, indexInChunk, NO_ROW, NO_TRACE } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import type { TraceCondition } from "./trace-condition.ts";
import type { RowTest } from "./row-test.ts";
import { ROWS_PER_YIELD, runAtOnce, type Sliced } from "./slices.ts";
import type { TraceSet } from "./trace-set.ts";

/** Brings a set of traces up to date with what happened to the store since this was made. */
export class ChangedWhileSearched {
  readonly #store: SpanStore;
  #seenVersion: number;
  /** Traces too large for one slice, by their slot, as of their last judgement: a slot may be given to another trace. */
  readonly #large = new Map<number, TraceId>();

  constructor(store: SpanStore) {
    this.#store = store;
    this.#seenVersion = store.version;
    for (let slot = 0; slot < store.traces.slotCount; slot++) this.#note(slot);
  }

  /** Judges what changed, again and again while things change; the last time without interruption. */
  *judgeAgain(traces: TraceSet, compile: () => readonly TraceCondition[]): Sliced<void> {
    for (let round = 1; ; round++) {
      const slots = this.#dropGone(traces);
      if (slots.length === 0) return;
      this.#seenVersion = this.#store.version;
      const conditions = compile();
      if (round === MAX_ROUNDS || this.#rowsOf(slots) <= ROWS_AT_ONCE) {
        this.#judgeAtOnce(traces, slots, conditions);
        return;
      }
      for (const slot of slots) {
        this.#note(slot);
        traces.set(slot, yield* meetsAll(this.#store, slot, conditions));
        yield;
      }
    }
  }

  #judgeAtOnce(traces: TraceSet, slots: readonly number[], conditions: readonly TraceCondition[]): void {
    const { spanCount } = this.#store.traces;
    let rows = 0;
    for (const slot of slots.toSorted((a, b) => (spanCount[a] ?? 0) - (spanCount[b] ?? 0))) {
      rows += spanCount[slot] ?? 0;
      if (rows <= ROWS_AT_ONCE) traces.set(slot, runAtOnce(meetsAll(this.#store, slot, conditions)));
      // It is announced as changed, so that whoever follows the store asks again.
      else if (this.#large.get(slot) !== this.#store.traces.idOf(slot)) traces.set(slot, false);
    }
  }

  /** Takes the traces that left out of the set; returns the slots of those that changed. */
  #dropGone(traces: TraceSet): number[] {
    const { version, slotCount } = this.#store.traces;
    const changed: number[] = [];
    for (let slot = 0; slot < slotCount; slot++) {
      const at = version[slot] ?? 0;
      if (at > this.#seenVersion) changed.push(slot);
      else if (at === 0) traces.set(slot, false);
    }
    return changed;
  }

  #rowsOf(slots: readonly number[]): number {
    return slots.reduce((sum, slot) => sum + (this.#store.traces.spanCount[slot] ?? 0), 0);
  }

  #note(slot: number): void {
    const { spanCount, version } = this.#store.traces;
    if (version[slot] !== 0 && (spanCount[slot] ?? 0) > LARGE)
      this.#large.set(slot, this.#store.traces.idOf(slot));
    else this.#large.delete(slot);
  }
}

/** Some milliseconds' worth. */
const ROWS_AT_ONCE = 16_384;
const LARGE = ROWS_AT_ONCE / 8;

/** Searching is several times as fast as receiving, so that the second round is nearly always short enough. */
const MAX_ROUNDS = 4;

/** Whether the trace in this slot meets all conditions. */
function* meetsAll(store: SpanStore, slot: number, conditions: readonly TraceCondition[]): Sliced<boolean> {
  for (const condition of conditions) {
    const meets =
      condition.kind === "trace"
        ? condition.test(slot)
        : (yield* hasSpan(store, slot, condition.span.test)) !== condition.negated;
    if (!meets) return false;
  }
  return true;
}

function* hasSpan(store: SpanStore, slot: number, test: RowTest): Sliced<boolean> {
  let looked = 0;
  for (let row = store.traces.lastRow[slot] ?? NO_ROW; row !== NO_ROW;) {
    const chunk = store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined || chunk.trace[i] === NO_TRACE) return false;
    if (test(chunk, i)) return true;
    row = chunk.previousInTrace[i] ?? NO_ROW;
    if (++looked % ROWS_PER_YIELD === 0) yield;
  }
  return false;
}
