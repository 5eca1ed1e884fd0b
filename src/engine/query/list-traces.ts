import type { TraceFilter, TraceList } from "../../model/trace-list.ts";
import { CHUNK_ROWS, NO_TRACE } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { durationHistogram } from "./duration-histogram.ts";
import { compare, compileClause, placeTest, type RowTest } from "./search-match.ts";
import { parseSearchText, type SearchClause } from "./search-text.ts";
import { summarizeTrace } from "./trace-summary.ts";

/** Which traces are asked for, and how many of them at most. */
export interface TraceQuery {
  readonly filter: TraceFilter;
  readonly limit: number;
}

/**
 * The traces that match. A trace matches a clause when one of its spans does, or, negated, when none does; different
 * clauses may be met by different spans. `duration` and `run` speak of the trace as a whole.
 */
export function listTraces(store: SpanStore, query: TraceQuery): TraceList {
  const { filter } = query;
  const { clauses, problem } = parseSearchText(filter.text);
  const matching = new Matching(store);
  if (filter.run !== undefined) {
    const { run } = filter;
    matching.keepTraces((slot) => store.traces.run[slot] === run);
  }
  const { minDurationNs = Number.NEGATIVE_INFINITY, maxDurationNs = Number.POSITIVE_INFINITY } = filter;
  if (filter.minDurationNs !== undefined || filter.maxDurationNs !== undefined) {
    matching.keepTraces((slot) => {
      const duration = store.traces.durationNs(slot);
      return duration >= minDurationNs && duration <= maxDurationNs;
    });
  }
  if (filter.place !== undefined) matching.keepWithSpan(placeTest(store, filter.place), false);
  const emptiedBy = applyClauses(store, matching, clauses);

  const slots = matching.slots();
  return {
    traces: newest(store, slots, query.limit).map((slot) => summarizeTrace(store, slot)),
    matchingCount: slots.length,
    totalCount: store.traceCount,
    spanCount: store.spanCount,
    version: store.version,
    histogram: durationHistogram(
      Float64Array.from(slots, (slot) => store.traces.durationNs(slot)),
      Uint8Array.from(slots, (slot) => ((store.traces.errorCount[slot] ?? 0) > 0 ? 1 : 0)),
    ),
    ...(emptiedBy !== undefined && { emptiedBy }),
    ...(problem !== undefined && { textProblem: problem }),
  };
}

/** Applies the clauses one after the other; returns the text of the one after which nothing was left. */
function applyClauses(
  store: SpanStore,
  matching: Matching,
  clauses: readonly SearchClause[],
): string | undefined {
  for (const clause of clauses) {
    if (matching.count === 0) return undefined;
    if (clause.field === "duration") {
      matching.keepTraces((slot) => compare(store.traces.durationNs(slot), clause) !== clause.negated);
    } else if (clause.field === "run") {
      matching.keepTraces((slot) => compare(store.traces.run[slot] ?? 0, clause) !== clause.negated);
    } else matching.keepWithSpan(compileClause(store, clause), clause.negated);
    if (matching.count === 0) return clause.text;
  }
  return undefined;
}

/** The traces that no condition has removed yet. */
export class Matching {
  readonly #store: SpanStore;
  readonly #alive: Uint8Array;
  count = 0;

  constructor(store: SpanStore) {
    this.#store = store;
    this.#alive = new Uint8Array(store.traces.slotCount);
    for (let slot = 0; slot < this.#alive.length; slot++) {
      if (store.traces.version[slot] === 0) continue;
      this.#alive[slot] = 1;
      this.count++;
    }
  }

  keepTraces(test: (slot: number) => boolean): void {
    for (let slot = 0; slot < this.#alive.length; slot++) {
      if (this.#alive[slot] === 1 && !test(slot)) this.#remove(slot);
    }
  }

  /** Keeps the traces that have a span of this kind, or those that have none. */
  keepWithSpan(test: RowTest, negated: boolean): void {
    const alive = this.#alive;
    const hit = new Uint8Array(alive.length);
    let open = this.count;
    for (const chunk of this.#store.chunks) {
      if (chunk === undefined) continue;
      for (let i = 0; i < CHUNK_ROWS; i++) {
        const slot = chunk.trace[i] ?? NO_TRACE;
        if (slot === NO_TRACE || alive[slot] !== 1 || hit[slot] === 1 || !test(chunk, i)) continue;
        hit[slot] = 1;
        open--;
      }
      if (open === 0) break;
    }
    const unwanted = negated ? 1 : 0;
    for (let slot = 0; slot < alive.length; slot++) {
      if (alive[slot] === 1 && hit[slot] === unwanted) this.#remove(slot);
    }
  }

  slots(): Uint32Array {
    const slots = new Uint32Array(this.count);
    let filled = 0;
    for (let slot = 0; slot < this.#alive.length; slot++) if (this.#alive[slot] === 1) slots[filled++] = slot;
    return slots;
  }

  #remove(slot: number): void {
    this.#alive[slot] = 0;
    this.count--;
  }
}

/** The traces with the latest starts, the latest first. */
export function newest(store: SpanStore, slots: Uint32Array, limit: number): number[] {
  const count = Math.max(0, Math.min(limit, slots.length));
  if (count === 0) return [];
  const startOf = (slot: number): number => store.traces.startMs(slot);
  let candidates: Iterable<number> = slots;
  if (count < slots.length) {
    // Sorting numbers alone is many times faster than sorting slots by them, and tells where to cut.
    const starts = Float64Array.from(slots, startOf).sort();
    const oldest = starts[starts.length - count] ?? 0;
    candidates = slots.filter((slot) => startOf(slot) >= oldest);
  }
  return [...candidates].sort((a, b) => startOf(b) - startOf(a) || b - a).slice(0, count);
}
