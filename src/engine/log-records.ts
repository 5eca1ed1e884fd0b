import type { RunNumber } from "../model/ids.ts";
import { writeLogFields } from "./query/encode-logs-protobuf.ts";
import { RequestWriter } from "./request-writer.ts";
import type { CountedRecord } from "./run-file/write.ts";
import { indexInLogChunk, isRemoved, lastRowOfLogChunk, LOG_CHUNK_ROWS } from "./store/log-chunk.ts";
import type { LogStore } from "./store/log-store.ts";

/** Whoever takes requests may do other work after this many rows that gave none. */
const ROWS_BETWEEN_PAUSES = 16 * LOG_CHUNK_ROWS;

/**
 * The log records of these runs, or of all, as requests in the order of their arrival. `undefined` comes between rows
 * that are not among them, as a chance for other work. The store may change meanwhile.
 */
export function* logRecords(
  store: LogStore,
  runs: ReadonlySet<RunNumber> | undefined,
): Generator<CountedRecord | undefined> {
  const writer = new RequestWriter("logs");
  const end = store.endRow;
  for (let row = store.firstRow; row < end; row++) {
    if (row % ROWS_BETWEEN_PAUSES === 0) yield undefined;
    const chunk = store.chunkOf(row);
    const i = indexInLogChunk(row);
    if (chunk === undefined) row = lastRowOfLogChunk(row);
    const origin = chunk && store.origins.get(chunk.origin[i] ?? 0);
    if (chunk === undefined || origin === undefined || isRemoved(chunk, i)) continue;
    if (runs?.has(origin.run) === false) continue;
    if (!writer.takes(origin)) {
      const ended = writer.end();
      if (ended !== undefined) yield ended;
      writer.begin(origin);
    }
    const atMs = ((chunk.timeHigh[i] ?? 0) * 2 ** 32 + (chunk.timeLow[i] ?? 0)) / 1e6;
    writer.add(origin, atMs, (wire) => {
      const mark = wire.begin(0x12);
      writeLogFields(wire, store, row);
      wire.end(mark);
    });
  }
  const ended = writer.end();
  if (ended !== undefined) yield ended;
}
