import { STATUS_ERROR, chunkIndexOf, indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { ROWS_PER_YIELD, type Sliced } from "./slices.ts";
import { summarizeTrace } from "./trace-summary.ts";

/** A `TraceSummary` of Jaeger's API, version 3. Fields that are zero are left out, as proto3 has it in JSON. */
export interface JaegerSummary {
  readonly traceId: string;
  readonly rootServiceName?: string;
  readonly rootOperationName?: string;
  readonly minStartTimeUnixNano: string;
  readonly maxEndTimeUnixNano: string;
  readonly spanCount: number;
  readonly errorSpanCount?: number;
  readonly orphanSpanCount?: number;
  /** By name. */
  readonly services: readonly ServiceSummary[];
}

interface ServiceSummary {
  readonly name: string;
  readonly spanCount: number;
  readonly errorSpanCount?: number;
}

/** Jaeger's summary of the trace in this slot. Its end is the latest that is known, while spans run. */
export function* jaegerSummary(store: SpanStore, slot: number): Sliced<JaegerSummary> {
  const {
    name,
    services: names,
    missingParentCount,
    spanCount,
    errorCount,
  } = yield* summarizeTrace(store, slot);
  const { startHigh, startLow } = store.traces;
  const start = (BigInt(startHigh[slot] ?? 0) << 32n) | BigInt(startLow[slot] ?? 0);
  const end = start + BigInt(Math.max(0, Math.round(store.traces.durationNs(slot))));
  const services = yield* countByService(store, slot);
  return {
    traceId: store.traces.idOf(slot),
    ...unlessEmpty("rootServiceName", names[0] ?? ""),
    ...unlessEmpty("rootOperationName", name),
    minStartTimeUnixNano: start.toString(),
    maxEndTimeUnixNano: end.toString(),
    spanCount,
    ...unlessEmpty("errorSpanCount", errorCount),
    ...unlessEmpty("orphanSpanCount", missingParentCount),
    services,
  };
}

function* countByService(store: SpanStore, slot: number): Sliced<readonly ServiceSummary[]> {
  const counts = new Map<string, { spans: number; errors: number }>();
  let looked = 0;
  for (const row of store.rowsOf(slot)) {
    if (++looked % ROWS_PER_YIELD === 0) yield;
    const chunk = store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined) continue;
    const service = store.originAt(chunk, i)?.service ?? "";
    const count = counts.get(service) ?? { spans: 0, errors: 0 };
    counts.set(service, count);
    count.spans++;
    if (chunk.status[i] === STATUS_ERROR) count.errors++;
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { spans, errors }]) => ({
      name,
      spanCount: spans,
      ...unlessEmpty("errorSpanCount", errors),
    }));
}

function unlessEmpty<Name extends string, Value extends string | number>(
  name: Name,
  value: Value,
): Partial<Record<Name, Value>> {
  const field: Partial<Record<Name, Value>> = {};
  if (value !== "" && value !== 0) field[name] = value;
  return field;
}
