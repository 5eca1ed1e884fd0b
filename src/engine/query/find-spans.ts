import type { TraceId } from "../../model/ids.ts";
import { chunkIndexOf, indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { NO_SLOT } from "../store/trace-table.ts";
import { MAX_OPENED_SPANS } from "./open-trace.ts";
import { compileClause } from "./search-match.ts";
import { parseSearchText } from "./search-text.ts";
import { orderTrace } from "./trace-order.ts";

/**
 * The rows of a trace's spans that meet every clause of the text, in the order in which the trace is opened. None
 * where the text has no clause.
 */
export function findSpans(
  store: SpanStore,
  traceId: TraceId,
  text: string,
): { readonly rows: Float64Array<ArrayBuffer> } {
  const slot = store.traces.slotOf(traceId);
  const { clauses } = parseSearchText(text);
  if (slot === NO_SLOT || clauses.length === 0) return { rows: new Float64Array(0) };
  const tests = clauses.map((clause) => ({ negated: clause.negated, test: compileClause(store, clause) }));
  const found = orderTrace(store, slot, MAX_OPENED_SPANS).rows.filter((row) => {
    const chunk = store.chunks[chunkIndexOf(row)];
    return (
      chunk !== undefined && tests.every(({ negated, test }) => test(chunk, indexInChunk(row)) !== negated)
    );
  });
  return { rows: found };
}
