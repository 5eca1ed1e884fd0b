import type { TraceId } from "../../model/ids.ts";
import { indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { NO_SLOT } from "../store/trace-table.ts";
import { MAX_OPENED_SPANS } from "./open-trace.ts";
import { compileClause } from "./search-match.ts";
import { parseSearchText } from "./search-text.ts";
import { runAtOnce, ROWS_PER_YIELD, type Sliced } from "./slices.ts";
import { orderTraceSliced } from "./trace-order.ts";

interface FoundSpans {
  readonly rows: Float64Array<ArrayBuffer>;
}

/** {@link findSpansSliced} in one piece. */
export function findSpans(store: SpanStore, traceId: TraceId, text: string, nowMs: number): FoundSpans {
  return runAtOnce(findSpansSliced(store, traceId, text, nowMs));
}

/**
 * The rows of a trace's spans that meet every clause of the text, in the order in which the trace is opened. None
 * where the text has no clause. Rows that leave between two slices are not among them.
 *
 * @param nowMs since the epoch: the moment from which ages in the text count back
 */
export function* findSpansSliced(
  store: SpanStore,
  traceId: TraceId,
  text: string,
  nowMs: number,
): Sliced<FoundSpans> {
  const slot = store.traces.slotOf(traceId);
  const { clauses } = parseSearchText(text, nowMs);
  if (slot === NO_SLOT || clauses.length === 0) return { rows: new Float64Array(0) };
  const tests = clauses
    .map(({ negated, ...clause }) => ({ negated, ...compileClause(store, { negated, ...clause }) }))
    .sort((a, b) => a.cost - b.cost);
  const { rows } = yield* orderTraceSliced(store, slot, MAX_OPENED_SPANS);
  let count = 0;
  for (let n = 0; n < rows.length; n++) {
    const row = rows[n] ?? 0;
    const chunk = store.chunkOf(row);
    const i = indexInChunk(row);
    if (chunk !== undefined && tests.every(({ negated, test }) => test(chunk, i) !== negated))
      rows[count++] = row;
    if (n % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
  return { rows: rows.slice(0, count) };
}
