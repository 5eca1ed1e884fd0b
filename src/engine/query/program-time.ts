import { chunkIndexOf, indexInChunk, STATE_RUNNING } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { lastStartOf, lengthOf } from "../pause/intervals.ts";
import { MAX_OPENED_SPANS } from "./open-trace.ts";
import { orderTrace } from "./trace-order.ts";
import { isTouchedByPause, measurePauses } from "./trace-pauses.ts";

/** What pauses did to a trace as a whole, in nanoseconds; both absent where they did nothing. */
export interface TraceStandstill {
  readonly stoodNs?: number;
  /** Since when it stands still now, counted from its start. */
  readonly heldSinceNs?: number;
}

/** How long the debugger held the trace in this slot. Costs a pass over its spans when a pause touches it and it has changed. */
export function traceStandstill(store: SpanStore, slot: number): TraceStandstill {
  return pausedTrace(store, slot)?.trace ?? NOTHING;
}

/** A trace's duration less the time during which the debugger held all of it. */
export function programDurationNs(store: SpanStore, slot: number): number {
  const durationNs = store.traces.durationNs(slot);
  const { stoodNs = 0, heldSinceNs = durationNs } = traceStandstill(store, slot);
  return Math.max(0, Math.min(durationNs, heldSinceNs) - stoodNs);
}

/** How many failed spans of the trace in this slot failed for a reason of the program's own, and how many because of a pause. */
export function failureCounts(
  store: SpanStore,
  slot: number,
): { readonly errorCount: number; readonly failedInPauseCount: number } {
  const failedInPauseCount = pausedTrace(store, slot)?.failedInPauseCount ?? 0;
  const failedCount = store.traces.errorCount[slot] ?? 0;
  return { errorCount: Math.max(0, failedCount - failedInPauseCount), failedInPauseCount };
}

/** What pauses did to one span. */
export interface SpanStandstill {
  readonly stoodNs: number;
  /** It failed because somebody else was paused, who is named: its duration and its error say nothing of the program. */
  readonly failedIn: string | undefined;
}

/** What pauses did to the span of this row; undefined where they did nothing. */
export function spanStandstill(store: SpanStore, slot: number, row: number): SpanStandstill | undefined {
  return pausedTrace(store, slot)?.spans.get(row);
}

/**
 * How long the spans of the trace in this slot ran without the pauses, those included that still run: by row, in
 * nanoseconds, of a span that began and ended (or runs) at these moments since the epoch. Measured anew at each call.
 */
export function runningTimes(
  store: SpanStore,
  slot: number,
): (row: number, startNs: bigint, endNs: bigint) => number {
  const order = orderTrace(store, slot, MAX_OPENED_SPANS);
  const measured = measurePauses(store, slot, order);
  if (measured === undefined) return (_row, startNs, endNs) => Number(endNs - startNs);
  const traceStartNs = nanosOf(store.traces.startHigh[slot], store.traces.startLow[slot]);
  const placeOf = new Map<number, number>();
  order.rows.forEach((row, place) => placeOf.set(row, place));
  return (row, startNs, endNs) => {
    const at = placeOf.get(row) ?? -1;
    const heldSince = measured.heldSince[at] ?? Number.NaN;
    const endOffset = Number(endNs - traceStartNs);
    const stoppedAt = Number.isNaN(heldSince) ? endOffset : Math.min(endOffset, heldSince);
    return stoppedAt - Number(startNs - traceStartNs) - (measured.stoodNs[at] ?? 0);
  };
}

function nanosOf(high = 0, low = 0): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

interface PausedTrace {
  readonly version: number;
  readonly trace: TraceStandstill;
  readonly failedInPauseCount: number;
  /** By row, those that stood still or failed because of a pause. */
  readonly spans: ReadonlyMap<number, SpanStandstill>;
}

const NOTHING: TraceStandstill = {};

/** A trace that was paused is one that a person worked on; more of them than this are not looked at together. */
const MAX_CACHED = 2000;

const caches = new WeakMap<SpanStore, Map<number, PausedTrace>>();

function pausedTrace(store: SpanStore, slot: number): PausedTrace | undefined {
  if (!isTouchedByPause(store, slot)) return undefined;
  const version = store.traces.version[slot] ?? 0;
  const cache = caches.get(store) ?? new Map<number, PausedTrace>();
  caches.set(store, cache);
  const known = cache.get(slot);
  if (known?.version === version) return known;
  if (cache.size >= MAX_CACHED) cache.clear();
  const read = { version, ...readPausedTrace(store, slot) };
  cache.set(slot, read);
  return read;
}

function readPausedTrace(store: SpanStore, slot: number): Omit<PausedTrace, "version"> {
  const order = orderTrace(store, slot, MAX_OPENED_SPANS);
  const measured = measurePauses(store, slot, order);
  const spans = new Map<number, SpanStandstill>();
  if (measured === undefined) return { trace: NOTHING, failedInPauseCount: 0, spans };
  let failedInPauseCount = 0;
  order.rows.forEach((row, n) => {
    const stoodNs = measured.stoodNs[n] ?? 0;
    const failedIn = measured.failedIn(n);
    if (failedIn !== undefined) failedInPauseCount++;
    const running = store.chunks[chunkIndexOf(row)]?.state[indexInChunk(row)] === STATE_RUNNING;
    if (!running && (stoodNs > 0 || failedIn !== undefined)) spans.set(row, { stoodNs, failedIn });
  });
  const stoodNs = lengthOf(measured.whole);
  const heldSinceNs = lastStartOf(measured.whole);
  return {
    trace: { ...(stoodNs > 0 && { stoodNs }), ...(heldSinceNs !== undefined && { heldSinceNs }) },
    failedInPauseCount,
    spans,
  };
}
