import type { RunNumber, TraceId } from "../model/ids.ts";
import type { RequestRecord } from "./log/record.ts";
import { writeLogFields } from "./query/encode-logs-protobuf.ts";
import { RequestWriter } from "./request-writer.ts";
import type { CountedRecord } from "./run-file/write.ts";
import { wordsOfHex } from "./store/hex.ts";
import {
  ID_WORDS,
  indexInLogChunk,
  isRemoved,
  lastRowOfLogChunk,
  LOG_CHUNK_ROWS,
} from "./store/log-chunk.ts";
import type { LogStore } from "./store/log-store.ts";
import type { SpanOrigin } from "./store/origin-table.ts";

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
    addRow(writer, store, origin, row);
  }
  const ended = writer.end();
  if (ended !== undefined) yield ended;
}

/** What is to be logged again of a trace's log records. */
interface CarriedLogRecords {
  readonly records: readonly RequestRecord[];
  /** Older ones, for which there is no room. */
  readonly leftOutCount: number;
}

/**
 * The newest log records of a trace, 20,000 at most, one request for each session, run and channel, which stand for all that was logged
 * of these ({@link RequestRecord.isCarried}). Rows that have not been logged yet are left out.
 */
export function carriedLogRecords(
  store: LogStore,
  traceId: TraceId,
  isUnderWay: (row: number) => boolean,
): CarriedLogRecords {
  const rowsOfRequest = new Map<string, number[]>();
  let count = 0;
  for (const row of store.rowsOfTrace(wordsOfTrace(traceId))) {
    const origin = originOf(store, row);
    if (origin === undefined || isUnderWay(row)) continue;
    if (++count > MAX_CARRIED) continue;
    const request = JSON.stringify([origin.session, origin.run, origin.channel]);
    const rows = rowsOfRequest.get(request);
    if (rows === undefined) rowsOfRequest.set(request, [row]);
    else rows.push(row);
  }
  const writer = new RequestWriter("logs");
  const records = [...rowsOfRequest.values()].flatMap((rows): RequestRecord[] => {
    for (const [index, row] of rows.reverse().entries()) {
      const origin = originOf(store, row);
      if (origin === undefined) continue;
      if (index === 0) writer.begin(origin);
      addRow(writer, store, origin, row);
    }
    const { record } = writer.end() ?? {};
    return record?.kind === "request" ? [{ ...record, isCarried: true }] : [];
  });
  return { records, leftOutCount: Math.max(0, count - MAX_CARRIED) };
}

/** Of a trace: some fifty milliseconds of writing, in one go, since what comes later is not among them. */
const MAX_CARRIED = 20_000;

function wordsOfTrace(traceId: TraceId): Int32Array {
  const words = new Int32Array(ID_WORDS);
  words.set(wordsOfHex(traceId, 0), 0);
  words.set(wordsOfHex(traceId, 16), 2);
  return words;
}

function originOf(store: LogStore, row: number): SpanOrigin | undefined {
  const chunk = store.chunkOf(row);
  return chunk && store.originAt(chunk, indexInLogChunk(row));
}

function addRow(writer: RequestWriter, store: LogStore, origin: SpanOrigin, row: number): void {
  const chunk = store.chunkOf(row);
  const i = indexInLogChunk(row);
  const atMs = ((chunk?.timeHigh[i] ?? 0) * 2 ** 32 + (chunk?.timeLow[i] ?? 0)) / 1e6;
  writer.add(origin, atMs, (wire) => {
    const mark = wire.begin(0x12);
    writeLogFields(wire, store, row);
    wire.end(mark);
  });
}
