import type { RunNumber, TraceId } from "../model/ids.ts";
import { writeSpan } from "./query/encode-protobuf.ts";
import { RequestWriter } from "./request-writer.ts";
import type { CountedRecord } from "./run-file/write.ts";
import type { SpanOrigin } from "./store/origin-table.ts";
import { CHUNK_ROWS, indexInChunk, NO_TRACE, STATE_LOST, STATE_RUNNING } from "./store/span-chunk.ts";
import type { SpanChunk } from "./store/span-chunk.ts";
import type { SpanStore } from "./store/span-store.ts";
import { NO_SLOT } from "./store/trace-table.ts";

/** Whoever takes records may do other work after this many rows that gave none. */
const ROWS_BETWEEN_PAUSES = 16 * CHUNK_ROWS;

/**
 * Under which numbers of connections spans of agents are written, so that whoever reads them knows which end with which
 * process.
 */
export interface ConnectionNumbers {
  /** For spans that run: the number of the agent's connection, and what it becomes. */
  readonly running: (connection: number) => number;
  /** For spans that ended with their process: a number that nothing else has. */
  readonly lost: () => number;
}

/**
 * The spans in these rows as requests, in the rows' order, which is that of their arrival. Spans that were lost with
 * their process are written as running, on a connection that is gone at the moment of their end. `undefined` comes
 * between rows that have left, as a chance for other work. The store may change meanwhile: what is there when a row's
 * turn comes is written.
 */
export function* spanRecords(
  store: SpanStore,
  rows: Iterable<number>,
  connections: ConnectionNumbers,
): Generator<CountedRecord | undefined> {
  const writer = new RequestWriter("traces");
  let connection = NO_CONNECTION;
  let idleRows = 0;
  for (const row of rows) {
    const chunk = store.chunkOf(row);
    const i = indexInChunk(row);
    const origin = chunk && store.originAt(chunk, i);
    if (chunk === undefined || origin === undefined) {
      if (++idleRows % ROWS_BETWEEN_PAUSES === 0) yield undefined;
      continue;
    }
    const before = connection;
    connection = connectionOf(chunk, i, origin, connections, before);
    if (!writer.takes(origin, connection.number)) {
      yield* ended(writer, before);
      writer.begin(origin, connection.number);
    }
    const isLost = chunk.state[i] === STATE_LOST;
    writer.add(origin, latestMs(chunk, i), (wire) => writeSpan(wire, store, chunk, i, !isLost));
  }
  yield* ended(writer, connection);
}

/** The open request, and that its connection is gone where it is. */
function* ended(writer: RequestWriter, { number, goneAtMs }: RequestConnection): Generator<CountedRecord> {
  const request = writer.end();
  if (request === undefined) return;
  yield request;
  if (number === undefined || goneAtMs === undefined) return;
  yield { record: { kind: "agent-gone", connection: number, atMs: goneAtMs }, itemCount: 0 };
}

/** All rows of these traces that are held, or of all traces of the runs, or all there are; in order of arrival. */
export function* rowsOfRuns(store: SpanStore, runs: ReadonlySet<RunNumber> | undefined): Generator<number> {
  const { chunks, traces } = store;
  for (let number = 0; number < chunks.length; number++) {
    const chunk = chunks[number];
    if (chunk === undefined) continue;
    for (let i = 0; i < CHUNK_ROWS; i++) {
      const slot = chunk.trace[i] ?? NO_TRACE;
      if (slot === NO_TRACE) continue;
      if (runs === undefined || runs.has((traces.run[slot] ?? 0) as RunNumber)) yield number * CHUNK_ROWS + i;
    }
  }
}

export function rowsOfTraces(store: SpanStore, traceIds: readonly TraceId[]): Float64Array {
  const slots = traceIds.map((id) => store.traces.slotOf(id)).filter((slot) => slot !== NO_SLOT);
  return Float64Array.from(slots.flatMap((slot) => [...store.rowsOf(slot)])).sort();
}

/** The traces that are pinned, of these runs or of all. */
export function pinnedTraces(store: SpanStore, runs?: ReadonlySet<RunNumber>): TraceId[] {
  const { traces } = store;
  const ids: TraceId[] = [];
  for (let slot = 0; slot < traces.slotCount; slot++) {
    if (traces.version[slot] === 0 || traces.pinned[slot] !== 1) continue;
    if (runs === undefined || runs.has((traces.run[slot] ?? 0) as RunNumber)) ids.push(traces.idOf(slot));
  }
  return ids;
}

interface RequestConnection {
  readonly number: number | undefined;
  /** Milliseconds since the epoch at which the connection is gone; undefined while it is there. */
  readonly goneAtMs: number | undefined;
  readonly agent: number | undefined;
}

const NO_CONNECTION: RequestConnection = { number: undefined, goneAtMs: undefined, agent: undefined };

/** The last connection where it is the same: spans that were lost together stay together. */
function connectionOf(
  chunk: SpanChunk,
  i: number,
  { connection }: SpanOrigin,
  numbers: ConnectionNumbers,
  last: RequestConnection,
): RequestConnection {
  const state = chunk.state[i];
  if (connection === undefined || (state !== STATE_RUNNING && state !== STATE_LOST)) return NO_CONNECTION;
  if (state === STATE_RUNNING)
    return { number: numbers.running(connection), goneAtMs: undefined, agent: connection };
  const goneAtMs = millisOf(chunk.endHigh[i], chunk.endLow[i]);
  if (last.agent === connection && last.goneAtMs === goneAtMs) return last;
  return { number: numbers.lost(), goneAtMs, agent: connection };
}

function latestMs({ startHigh, startLow, endHigh, endLow }: SpanChunk, i: number): number {
  return Math.max(millisOf(startHigh[i], startLow[i]), millisOf(endHigh[i], endLow[i]));
}

/** Milliseconds from nanoseconds in two halves. */
function millisOf(high = 0, low = 0): number {
  return (high * 2 ** 32 + low) / 1e6;
}
