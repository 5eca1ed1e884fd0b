import type { RunNumber } from "../../model/ids.ts";
import type { TraceSummary } from "../../model/trace.ts";
import { chunkIndexOf, indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { isEarlier } from "../store/trace-table.ts";
import { failureCounts, traceStandstill } from "./program-time.ts";
import { ROWS_PER_YIELD, type Sliced } from "./slices.ts";
import { SpanIdTable } from "./span-id-table.ts";
import { SpanSubjects } from "./span-subject.ts";

/** What the list shows of the trace in this slot. Costs a pass over its spans when it has changed since the last time. */
export function* summarizeTrace(store: SpanStore, slot: number): Sliced<TraceSummary> {
  const version = store.traces.version[slot] ?? 0;
  const known = cacheOf(store);
  const cached = known.get(slot);
  if (cached?.version === version) return cached.summary;
  const { traces } = store;
  const traceId = traces.idOf(slot);
  const ofSpans = yield* summarizeSpans(store, store.rowsOf(slot));
  const failures = failureCounts(store, slot);
  const summary: TraceSummary = {
    traceId,
    run: (traces.run[slot] ?? 0) as RunNumber,
    ...ofSpans,
    spanCount: traces.spanCount[slot] ?? 0,
    errorCount: failures.errorCount,
    ...(failures.failedInPauseCount > 0 && { failedInPauseCount: failures.failedInPauseCount }),
    runningCount: traces.runningCount[slot] ?? 0,
    lostCount: traces.lostCount[slot] ?? 0,
    startMs: traces.startMs(slot),
    durationNs: traces.durationNs(slot),
    ...traceStandstill(store, slot),
    pinned: traces.pinned[slot] === 1,
  };
  if (known.size >= MAX_CACHED) known.clear();
  known.set(slot, { version, summary });
  return summary;
}

/** More than a list shows at a time, and no more than a megabyte. */
const MAX_CACHED = 2000;

/** By slot; versions tell a slot's next trace from its last one. */
type Cache = Map<number, { readonly version: number; readonly summary: TraceSummary }>;

const caches = new WeakMap<SpanStore, Cache>();

function cacheOf(store: SpanStore): Cache {
  const known = caches.get(store);
  if (known !== undefined) return known;
  const cache: Cache = new Map();
  caches.set(store, cache);
  return cache;
}

function* summarizeSpans(
  store: SpanStore,
  rows: Float64Array,
): Sliced<Pick<TraceSummary, "name" | "subject" | "services" | "missingParentCount">> {
  const ids = new SpanIdTable(rows.length);
  const firstOfService = new Map<string, Earliest>();
  let root: Earliest | undefined;
  let first: Earliest | undefined;
  for (let n = 0; n < rows.length; n++) {
    if (n % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
    const row = rows[n] ?? 0;
    const chunk = store.chunks[chunkIndexOf(row)];
    if (chunk === undefined) continue;
    const i = indexInChunk(row);
    ids.add(chunk.idHigh[i] ?? 0, chunk.idLow[i] ?? 0);
    const high = chunk.startHigh[i] ?? 0;
    const low = chunk.startLow[i] ?? 0;
    if (first === undefined || isEarlier(high, low, first.high, first.low)) first = { row, high, low };
    const isRoot = chunk.parentHigh[i] === 0 && chunk.parentLow[i] === 0;
    if (isRoot && (root === undefined || isEarlier(high, low, root.high, root.low)))
      root = { row, high, low };
    const service = store.originAt(chunk, i)?.service ?? "";
    const known = firstOfService.get(service);
    if (known === undefined || isEarlier(high, low, known.high, known.low)) {
      firstOfService.set(service, { row, high, low });
    }
  }
  const head = root ?? first;
  return {
    name: head === undefined ? "" : nameOf(store, head.row),
    ...subjectOf(store, head?.row ?? -1),
    services: inOrder(firstOfService, head === undefined ? "" : serviceOf(store, head.row)),
    missingParentCount: yield* countMissingParents(store, rows, ids),
  };
}

interface Earliest {
  readonly row: number;
  readonly high: number;
  readonly low: number;
}

/** The root's service first, even where clocks disagree. */
function inOrder(services: ReadonlyMap<string, Earliest>, first: string): string[] {
  const sorted = [...services]
    .sort(([, a], [, b]) => a.high - b.high || a.low - b.low)
    .map(([service]) => service);
  return [first, ...sorted.filter((service) => service !== first)].filter((service) => services.has(service));
}

function* countMissingParents(store: SpanStore, rows: Float64Array, ids: SpanIdTable): Sliced<number> {
  let missing: SpanIdTable | undefined;
  let count = 0;
  for (let n = 0; n < rows.length; n++) {
    if (n % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
    const row = rows[n] ?? 0;
    const chunk = store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    const high = chunk?.parentHigh[i] ?? 0;
    const low = chunk?.parentLow[i] ?? 0;
    if ((high === 0 && low === 0) || ids.find(high, low) >= 0) continue;
    missing ??= new SpanIdTable(rows.length);
    if (missing.add(high, low)) count++;
  }
  return count;
}

function nameOf(store: SpanStore, row: number): string {
  const chunk = store.chunkOf(row);
  return chunk === undefined ? "" : store.nameAt(chunk, indexInChunk(row));
}

function subjectOf(store: SpanStore, row: number): Pick<TraceSummary, "subject"> {
  const chunk = store.chunkOf(row);
  const subject = chunk === undefined ? "" : new SpanSubjects(store).read(chunk, indexInChunk(row));
  return subject === "" ? {} : { subject };
}

function serviceOf(store: SpanStore, row: number): string {
  const chunk = store.chunkOf(row);
  return chunk === undefined ? "" : (store.originAt(chunk, indexInChunk(row))?.service ?? "");
}
