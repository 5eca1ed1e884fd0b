import type { ChangedTraces } from "./changed-traces.ts";
import { CHUNK_ROWS, NO_TRACE, STATE_LOST, STATE_RUNNING, type SpanChunk } from "./span-chunk.ts";
import type { SpanTables } from "./span-tables.ts";

/**
 * Marks the open spans of agents' connections as lost, ended at the moment that is given for their connection, because
 * their process is gone. Returns how many there were.
 */
export function endOpenSpans(
  tables: SpanTables,
  changed: ChangedTraces,
  ends: ReadonlyMap<number, bigint>,
): number {
  const moments = momentsOf(tables, ends);
  if (moments.size === 0) return 0;
  let count = 0;
  changed.version++;
  for (const chunk of tables.chunks)
    if (chunk !== undefined) count += endOpenSpansIn(chunk, tables, changed, moments);
  if (count === 0) changed.version--;
  return count;
}

/** Nanoseconds since the epoch in two unsigned halves. */
interface Moment {
  readonly high: number;
  readonly low: number;
}

/** When the spans of an origin have ended, by its number: a process has few origins and many spans. */
function momentsOf({ origins }: SpanTables, ends: ReadonlyMap<number, bigint>): Map<number, Moment> {
  const moments = new Map<number, Moment>();
  for (const [number, origin] of origins.all.entries()) {
    const at = origin?.connection === undefined ? undefined : ends.get(origin.connection);
    if (at === undefined) continue;
    moments.set(number, {
      high: Number(BigInt.asUintN(32, at >> 32n)),
      low: Number(BigInt.asUintN(32, at)),
    });
  }
  return moments;
}

function endOpenSpansIn(
  chunk: SpanChunk,
  { traces }: SpanTables,
  changed: ChangedTraces,
  moments: ReadonlyMap<number, Moment>,
): number {
  let count = 0;
  for (let i = 0; i < CHUNK_ROWS; i++) {
    const slot = chunk.trace[i] ?? NO_TRACE;
    if (chunk.state[i] !== STATE_RUNNING || slot === NO_TRACE) continue;
    const moment = moments.get(chunk.origin[i] ?? 0);
    if (moment === undefined) continue;
    count++;
    traces.count(slot, chunk, i, -1);
    chunk.writeCount++;
    chunk.state[i] = STATE_LOST;
    chunk.endHigh[i] = moment.high;
    chunk.endLow[i] = moment.low;
    traces.count(slot, chunk, i, 1);
    traces.includeEnd(slot, moment.high, moment.low);
    changed.add(slot);
  }
  return count;
}
