import type { SpanStore } from "../store/span-store.ts";
import { RowsOfTraces } from "./open-rows.ts";
import type { SpanCondition } from "./span-condition.ts";
import type { Sliced } from "./slices.ts";
import type { TraceSet } from "./trace-set.ts";

/** Keeps the traces that have a span that meets the condition, or, negated, those that have none. */
export function* keepWithSpan(
  store: SpanStore,
  traces: TraceSet,
  condition: SpanCondition,
  negated: boolean,
): Sliced<void> {
  const rows = new RowsOfTraces(traces.flags, traces.count);
  // Chunks that are added meanwhile hold rows of traces that changed, which are judged anew anyhow.
  const chunkCount = store.chunks.length;
  for (let number = 0; number < chunkCount && rows.openCount > 0; number++) {
    const chunk = store.chunks[number];
    if (chunk === undefined) continue;
    if (condition.scan === undefined) rows.test(chunk, condition.test);
    else condition.scan(chunk, rows);
    yield;
  }
  yield* traces.keep((slot) => (rows.found[slot] === 1) !== negated);
}
