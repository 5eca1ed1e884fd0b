import type { ChangedTraces } from "./changed-traces.ts";
import { CHUNK_ROWS, NO_TRACE, STATE_LOST, STATE_RUNNING } from "./span-chunk.ts";
import type { SpanTables } from "./span-tables.ts";

/**
 * Marks the open spans of agents' connections as lost, ended at the moment that is given for their connection, because
 * their process is gone. Returns how many there were.
 */
export function endOpenSpans(
  { chunks, origins, traces }: SpanTables,
  changed: ChangedTraces,
  ends: ReadonlyMap<number, bigint>,
): number {
  let count = 0;
  for (const chunk of chunks) {
    if (chunk === undefined) continue;
    for (let i = 0; i < CHUNK_ROWS; i++) {
      const slot = chunk.trace[i] ?? NO_TRACE;
      if (chunk.state[i] !== STATE_RUNNING || slot === NO_TRACE) continue;
      const { connection } = origins.get(chunk.origin[i] ?? 0) ?? {};
      const atUnixNano = connection === undefined ? undefined : ends.get(connection);
      if (atUnixNano === undefined) continue;
      const high = Number(BigInt.asUintN(32, atUnixNano >> 32n));
      const low = Number(BigInt.asUintN(32, atUnixNano));
      if (count++ === 0) changed.version++;
      traces.count(slot, chunk, i, -1);
      chunk.writeCount++;
      chunk.state[i] = STATE_LOST;
      chunk.endHigh[i] = high;
      chunk.endLow[i] = low;
      traces.count(slot, chunk, i, 1);
      traces.includeEnd(slot, high, low);
      changed.add(slot);
    }
  }
  return count;
}
