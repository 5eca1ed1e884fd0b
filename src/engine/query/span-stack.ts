import type { SpanId, SpanRow, TraceId } from "../../model/ids.ts";
import type { SpanFrame, SpanStack } from "../../model/span-stack.ts";
import { wordsOfHex } from "../store/hex.ts";
import { chunkIndexOf, indexInChunk, STATE_RUNNING } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { NO_SLOT } from "../store/trace-table.ts";
import { CallerGuess } from "./guess-caller.ts";
import { MAX_OPENED_SPANS } from "./open-trace.ts";
import { runningTimes } from "./program-time.ts";
import { readSpanFrame } from "./span-frame.ts";
import { spanTimes } from "./span-times.ts";
import { orderTrace } from "./trace-order.ts";

/** Deeper than any stack that a person reads; ids that name each other in a circle end here too. */
const MAX_FRAMES = 200;

/** The span of this row and its ancestors through all processes, innermost first. */
export function readSpanStack(store: SpanStore, row: SpanRow, atMs: number): SpanStack {
  const own = store.chunkOf(row);
  if (own === undefined) return { frames: [], parentMissing: false };
  const runningTime = runningTimes(store, own.trace[indexInChunk(row)] ?? 0);
  const frames: SpanFrame[] = [];
  const seen = new Set<number>();
  let isGuess = false;
  for (let next: SpanRow | undefined = row; next !== undefined && frames.length < MAX_FRAMES;) {
    seen.add(next);
    const frame = readSpanFrame(store, next, atMs, runningTime);
    const chunk = store.chunkOf(next);
    if (frame === undefined || chunk === undefined) break;
    frames.push({ ...frame, guessedCaller: isGuess });
    const i = indexInChunk(next);
    const high = chunk.parentHigh[i] ?? 0;
    const low = chunk.parentLow[i] ?? 0;
    if (high === 0 && low === 0) return { frames, parentMissing: false };
    const slot = chunk.trace[i] ?? 0;
    const parent = findRow(store, slot, high, low, next);
    const caller: SpanRow | undefined = parent ?? guessCaller(store, slot, next);
    if (caller === undefined) return { frames, parentMissing: true };
    isGuess = parent === undefined;
    next = seen.has(caller) ? undefined : caller;
  }
  return { frames, parentMissing: false };
}

function guessCaller(store: SpanStore, slot: number, row: SpanRow): SpanRow | undefined {
  const order = orderTrace(store, slot, MAX_OPENED_SPANS);
  const { startHigh, startLow } = store.traces;
  const [baseHigh, baseLow] = [startHigh[slot] ?? 0, startLow[slot] ?? 0];
  const times = spanTimes(
    store,
    order.rows,
    (high = 0, low = 0) => (high - baseHigh) * 2 ** 32 + (low - baseLow),
  );
  const caller = new CallerGuess(store, order, times).of(order.rows.indexOf(row));
  return caller === undefined ? undefined : (order.rows[caller] as SpanRow | undefined);
}

/** The row of a span by its ids, one that still runs before others; undefined where none is held. */
export function rowOfSpan(store: SpanStore, traceId: TraceId, spanId: SpanId): SpanRow | undefined {
  const slot = store.traces.slotOf(traceId);
  if (slot === NO_SLOT) return undefined;
  const [high, low] = wordsOfHex(spanId, 0);
  return findRow(store, slot, high, low, -1);
}

/** Ids may be shared (Zipkin's client and server have one): another row than `except` is preferred to nothing. */
function findRow(
  store: SpanStore,
  slot: number,
  high: number,
  low: number,
  except: number,
): SpanRow | undefined {
  let found: number | undefined;
  for (const row of store.rowsOf(slot)) {
    const chunk = store.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined || row === except) continue;
    if (((chunk.idHigh[i] ?? 0) | 0) !== (high | 0) || ((chunk.idLow[i] ?? 0) | 0) !== (low | 0)) continue;
    if (chunk.state[i] === STATE_RUNNING) return row as SpanRow;
    found ??= row;
  }
  return found as SpanRow | undefined;
}
