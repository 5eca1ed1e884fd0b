import { NANOS_PER_MILLI } from "../base/time.ts";
import { OUTSIDE_ANY_RUN, type RunNumber } from "../model/ids.ts";
import { indexInLogChunk, isRemoved, lastRowOfLogChunk } from "./store/log-chunk.ts";
import type { LogStore } from "./store/log-store.ts";
import type { SeriesStore } from "./store/series-store.ts";
import type { SpanStore } from "./store/span-store.ts";

/** From when to when a run's telemetry is, milliseconds since the epoch. */
interface Stretch {
  startMs: number;
  endMs: number;
}

/** The runs of which anything is held, be it traces, log records or metrics: each signal leaves memory by itself. */
export function heldRuns(
  store: SpanStore,
  logs: LogStore,
  series: SeriesStore,
): ReadonlyMap<RunNumber, Readonly<Stretch>> {
  const found = new Map<RunNumber, Stretch>();
  const add = (run: number | undefined, startMs: number, endMs: number): void => {
    if (run === undefined || run === OUTSIDE_ANY_RUN) return;
    const known = found.get(run as RunNumber);
    if (known === undefined) found.set(run as RunNumber, { startMs, endMs });
    else {
      known.startMs = Math.min(known.startMs, startMs);
      known.endMs = Math.max(known.endMs, endMs);
    }
  };
  const { traces } = store;
  for (let slot = 0; slot < traces.slotCount; slot++)
    if (traces.version[slot] !== 0) add(traces.run[slot], traces.startMs(slot), traces.latestMs(slot));
  for (let row = logs.firstRow; row < logs.endRow; row++) {
    const chunk = logs.chunkOf(row);
    const i = indexInLogChunk(row);
    if (chunk === undefined) row = lastRowOfLogChunk(row);
    else if (!isRemoved(chunk, i)) {
      const atMs = ((chunk.timeHigh[i] ?? 0) * 2 ** 32 + (chunk.timeLow[i] ?? 0)) / NANOS_PER_MILLI;
      add(logs.origins.get(chunk.origin[i] ?? 0)?.run, atMs, atMs);
    }
  }
  for (const { metric, chunks } of series.all) {
    const run = series.origins.get(metric.origin)?.run;
    for (const { minNs, maxNs } of chunks) add(run, minNs / NANOS_PER_MILLI, maxNs / NANOS_PER_MILLI);
  }
  return found;
}
