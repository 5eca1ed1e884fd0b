import type { TraceSummary } from "../../model/trace.ts";
import type { TraceFilter, TraceList } from "../../model/trace-list.ts";
import type { SpanStore } from "../store/span-store.ts";
import { NO_SLOT } from "../store/trace-table.ts";
import { compare } from "./compare.ts";
import { durationHistogram } from "./duration-histogram.ts";
import { findTraces } from "./find-traces.ts";
import type { TraceCondition } from "./trace-condition.ts";
import { newestTraces } from "./newest-traces.ts";
import { failureCounts, programDurationNs } from "./program-time.ts";
import { compileClause } from "./search-match.ts";
import { placeCondition } from "./search-place.ts";
import { parseSearchText, type SearchClause } from "./search-text.ts";
import { runAtOnce, type Sliced } from "./slices.ts";
import { summarizeTrace } from "./trace-summary.ts";

/** Which traces are asked for, and how many of them at most. */
export interface TraceQuery {
  readonly filter: TraceFilter;
  readonly limit: number;
}

/** {@link listTracesSliced} in one piece. */
export function listTraces(store: SpanStore, query: TraceQuery, nowMs: number): TraceList {
  return runAtOnce(listTracesSliced(store, query, nowMs));
}

/**
 * The traces that match. A trace matches a clause when one of its spans does, or, negated, when none does; different
 * clauses may be met by different spans. `duration` and `run` speak of the trace as a whole. The store may change
 * between slices: what is listed is held at the end, each trace once.
 *
 * @param nowMs since the epoch: the moment from which ages in the filter's text count back
 */
export function* listTracesSliced(store: SpanStore, query: TraceQuery, nowMs: number): Sliced<TraceList> {
  const { clauses, problem } = parseSearchText(query.filter.text, nowMs);
  const compile = (): TraceCondition[] => [
    ...filterConditions(store, query.filter),
    ...clauses.map((clause) => clauseCondition(store, clause)),
  ];
  const { slots, emptiedBy } = yield* findTraces(store, compile);
  // From here to the next yield the store is as it was searched.
  const { version, traceCount, spanCount, traces } = store;
  const newest = newestTraces(store, slots, query.limit).map((slot) => ({
    slot,
    traceId: traces.idOf(slot),
  }));
  const durationsNs = new Float64Array(slots.length);
  const hasError = new Uint8Array(slots.length);
  for (let n = 0; n < slots.length; n++) {
    const slot = slots[n] ?? 0;
    durationsNs[n] = programDurationNs(store, slot);
    hasError[n] = failureCounts(store, slot).errorCount > 0 ? 1 : 0;
  }
  yield;

  const summaries: TraceSummary[] = [];
  for (const { slot, traceId } of newest) {
    if (traces.slotOf(traceId) !== slot) continue;
    summaries.push(yield* summarizeTrace(store, slot));
    yield;
  }
  const histogram = yield* durationHistogram(durationsNs, hasError);
  return {
    traces: summaries.filter(({ traceId }) => traces.slotOf(traceId) !== NO_SLOT),
    matchingCount: slots.length,
    totalCount: traceCount,
    spanCount,
    version,
    histogram,
    ...(emptiedBy?.text !== undefined && { emptiedBy: emptiedBy.text }),
    ...(problem !== undefined && { textProblem: problem }),
  };
}

function filterConditions(store: SpanStore, filter: TraceFilter): TraceCondition[] {
  const { traces } = store;
  const { run, place } = filter;
  const { minDurationNs = Number.NEGATIVE_INFINITY, maxDurationNs = Number.POSITIVE_INFINITY } = filter;
  const conditions: TraceCondition[] = [];
  if (run !== undefined) conditions.push({ kind: "trace", test: (slot) => traces.run[slot] === run });
  if (filter.minDurationNs !== undefined || filter.maxDurationNs !== undefined) {
    conditions.push({
      kind: "trace",
      test: (slot) => {
        const duration = programDurationNs(store, slot);
        return duration >= minDurationNs && duration <= maxDurationNs;
      },
    });
  }
  if (place !== undefined) {
    conditions.push({ kind: "span", span: placeCondition(store, place), negated: false });
  }
  return conditions;
}

function clauseCondition(store: SpanStore, clause: SearchClause): TraceCondition {
  const { traces } = store;
  const { text, negated } = clause;
  switch (clause.field) {
    case "duration":
      return {
        kind: "trace",
        text,
        test: (slot) => compare(programDurationNs(store, slot), clause) !== negated,
      };
    case "run":
      return { kind: "trace", text, test: (slot) => compare(traces.run[slot] ?? 0, clause) !== negated };
    default:
      return { kind: "span", text, span: compileClause(store, clause), negated };
  }
}
