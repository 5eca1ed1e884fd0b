import { NANOS_PER_MILLI } from "../../base/time.ts";
import type { SpanRow } from "../../model/ids.ts";
import { SILENCE_MS } from "../../model/silence.ts";
import type { SpanFrame } from "../../model/span-stack.ts";
import { chunkIndexOf, indexInChunk, STATE_RUNNING } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { CodePlaceReader, isSamePath } from "./code-place.ts";
import { runningTimes } from "./program-time.ts";
import { readSpanFrame } from "./span-frame.ts";
import { SpanProcesses } from "./span-process.ts";

const A_MILLISECOND = 1_000_000n;

/** Lines of a file, from 1, both included. */
export interface Place {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** `isHeld`: its time stands still, as it is paused or waits for somebody who is. */
type UnfinishedSpan = SpanFrame & { readonly isHeld: boolean };

/** Whether a session's programs are being debugged. */
export interface SessionStates {
  /** "unknown" of one that nobody opened here, and of none. */
  stateOf(sessionId: string | undefined): "live" | "over" | "unknown";
}

/**
 * The spans that have begun and not ended, as far as anybody can tell, those that began first before others, `limit` of
 * them; and how many there are.
 */
export function listUnfinished(
  store: SpanStore,
  sessions: SessionStates,
  limit: number,
  atMs: number,
): { readonly spans: readonly UnfinishedSpan[]; readonly count: number } {
  const rows = unfinishedRows(store)
    .filter((one) => mayRun(store, one, sessions, atMs))
    .sort((a, b) => a.start - b.start);
  const now = BigInt(Math.round(atMs * 1000)) * 1000n;
  const timesOf = new Map<number, ReturnType<typeof runningTimes>>();
  const spans = rows.slice(0, limit).flatMap(({ row, slot }) => {
    const times = timesOf.get(slot) ?? runningTimes(store, slot);
    timesOf.set(slot, times);
    const frame = readSpanFrame(store, row, atMs, times);
    if (frame === undefined) return [];
    return { ...frame, isHeld: times(row, now, now + A_MILLISECOND) === times(row, now, now) };
  });
  return { spans, count: rows.length };
}

/**
 * Whether the program of an unfinished span may still be in it. Nobody else tells of the end of a program that has no agent: its
 * debug session is over, or, outside of any, nothing of the trace was heard for long.
 */
function mayRun(
  store: SpanStore,
  { row, slot }: UnfinishedRow,
  sessions: SessionStates,
  atMs: number,
): boolean {
  const chunk = store.chunkOf(row);
  const origin = chunk && store.originAt(chunk, indexInChunk(row));
  // What ends with its connection, or with its session, is no longer unfinished then.
  if (origin?.channel === "agent" || origin?.channel === "debugger") return true;
  if (origin?.channel === "file") return false;
  const state = sessions.stateOf(origin?.session);
  if (state !== "unknown") return state === "live";
  const { traces } = store;
  return atMs - (traces.startMs(slot) + traces.durationNs(slot) / NANOS_PER_MILLI) < SILENCE_MS;
}

/**
 * The unfinished span of a session, or of the process with this number, whose place in code lies in one of these, the
 * first of these before others, and of
 * several the one that began last. Undefined where there is none.
 */
export function unfinishedAt(
  store: SpanStore,
  { sessionId, processId }: { readonly sessionId: string; readonly processId?: number | undefined },
  places: readonly Place[],
): SpanRow | undefined {
  const reader = new CodePlaceReader(store);
  const processes = new SpanProcesses(store);
  let best: { readonly rank: number; readonly start: number; readonly row: SpanRow } | undefined;
  for (const { row, start } of unfinishedRows(store)) {
    const chunk = store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined) continue;
    const process = processes.processOf(chunk, i);
    // A program that was attached to sends its spans without the debugger's session.
    const isOf =
      process.sessionId === sessionId || store.pauses.concerns({ sessionId: undefined, processId }, process);
    if (!isOf) continue;
    if (!reader.read(chunk, i)) continue;
    const rank = places.findIndex(
      ({ path, firstLine, lastLine }) =>
        reader.line >= firstLine && reader.line <= lastLine && isSamePath(reader.path, path),
    );
    if (rank < 0) continue;
    if (best === undefined || rank < best.rank || (rank === best.rank && start >= best.start))
      best = { rank, start, row };
  }
  return best?.row;
}

interface UnfinishedRow {
  readonly row: SpanRow;
  /** Its trace. */
  readonly slot: number;
  /** Nanoseconds since the epoch, rounded: for sorting. */
  readonly start: number;
}

/** Costs a look at each trace, and at the spans of those that still run. */
function unfinishedRows(store: SpanStore): UnfinishedRow[] {
  const { traces } = store;
  const found: UnfinishedRow[] = [];
  for (let slot = 0; slot < traces.slotCount; slot++) {
    if ((traces.runningCount[slot] ?? 0) === 0 || traces.version[slot] === 0) continue;
    for (const row of store.rowsOf(slot)) {
      const chunk = store.chunks[chunkIndexOf(row)];
      const i = indexInChunk(row);
      if (chunk?.state[i] !== STATE_RUNNING) continue;
      const start = (chunk.startHigh[i] ?? 0) * 2 ** 32 + (chunk.startLow[i] ?? 0);
      found.push({ row: row as SpanRow, slot, start });
    }
  }
  return found;
}
