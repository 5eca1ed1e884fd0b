import { SPAN_KINDS, type SpanKind } from "../../model/span.ts";
import { CHUNK_ROWS, NO_TRACE, STATE_RUNNING, STATUS_ERROR, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { spanStandstill } from "./program-time.ts";
import { durationNsAt } from "./search-match.ts";
import type { Sliced } from "./slices.ts";

/** What spans of one service and one name do, told apart by their kind. */
export interface Operation {
  readonly name: string;
  readonly kind: SpanKind;
}

/** How long the spans of one service and one name take, in nanoseconds; undefined where none has ended. */
export interface OperationStatistics {
  readonly service: string;
  readonly name: string;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly totalNs: number;
  readonly p50Ns: number | undefined;
  readonly p95Ns: number | undefined;
  readonly maxNs: number | undefined;
}

/** The names of all services that have spans, in alphabetical order. */
export function listServices(store: SpanStore): string[] {
  const names = new Set<string>();
  for (const origin of store.origins.all) if (origin !== undefined) names.add(origin.service);
  names.delete("");
  return [...names].sort();
}

/** The operations of one service, of one kind only where that is given, in alphabetical order. */
export function* listOperations(store: SpanStore, service: string, kind?: SpanKind): Sliced<Operation[]> {
  const found = new Map<string, Operation>();
  for (const chunk of store.chunks) {
    if (chunk === undefined) continue;
    for (let i = 0; i < CHUNK_ROWS; i++) {
      if (chunk.trace[i] === NO_TRACE) continue;
      const kindOfSpan = SPAN_KINDS[chunk.kind[i] ?? 0] ?? "unspecified";
      if (kind !== undefined && kindOfSpan !== kind) continue;
      if (store.originAt(chunk, i)?.service !== service) continue;
      const name = store.nameAt(chunk, i);
      found.set(`${kindOfSpan} ${name}`, { name, kind: kindOfSpan });
    }
    yield;
  }
  return [...found.values()].sort((a, b) => order(a.name, b.name) || order(a.kind, b.kind));
}

/**
 * One entry for each service and name; those that take the most time altogether come first. Durations are the program's
 * own: the debugger's pauses do not count, nor, unless asked for, do spans that failed because somebody else was paused.
 */
export function operationStatistics(
  store: SpanStore,
  { withFailedInPause = false }: { readonly withFailedInPause?: boolean } = {},
): OperationStatistics[] {
  const samples = new Map<string, Samples>();
  forEachSpan(store, (chunk, i, row) => {
    const standstill = spanStandstill(store, chunk.trace[i] ?? NO_TRACE, row);
    if (standstill?.failedIn !== undefined && !withFailedInPause) return;
    const service = store.originAt(chunk, i)?.service ?? "";
    const name = store.nameAt(chunk, i);
    const key = JSON.stringify([service, name]);
    let known = samples.get(key);
    if (known === undefined)
      samples.set(key, (known = { service, name, spanCount: 0, errorCount: 0, durationsNs: [] }));
    known.spanCount++;
    if (chunk.status[i] === STATUS_ERROR) known.errorCount++;
    if (chunk.state[i] !== STATE_RUNNING)
      known.durationsNs.push(durationNsAt(chunk, i) - (standstill?.stoodNs ?? 0));
  });
  return [...samples.values()]
    .map(statisticsOf)
    .sort((a, b) => b.totalNs - a.totalNs || order(a.name, b.name));
}

interface Samples {
  readonly service: string;
  readonly name: string;
  spanCount: number;
  errorCount: number;
  readonly durationsNs: number[];
}

function statisticsOf({ service, name, spanCount, errorCount, durationsNs }: Samples): OperationStatistics {
  const sorted = Float64Array.from(durationsNs).sort();
  return {
    service,
    name,
    spanCount,
    errorCount,
    totalNs: sorted.reduce((sum, duration) => sum + duration, 0),
    p50Ns: nearestRank(sorted, 0.5),
    p95Ns: nearestRank(sorted, 0.95),
    maxNs: sorted.at(-1),
  };
}

/** The smallest value that at least this share of the values does not exceed. */
function nearestRank(sorted: Float64Array, share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

function forEachSpan(store: SpanStore, visit: (chunk: SpanChunk, index: number, row: number) => void): void {
  for (const [number, chunk] of store.chunks.entries()) {
    if (chunk === undefined) continue;
    for (let i = 0; i < CHUNK_ROWS; i++)
      if (chunk.trace[i] !== NO_TRACE) visit(chunk, i, number * CHUNK_ROWS + i);
  }
}

/** By code units, the same on every machine. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
