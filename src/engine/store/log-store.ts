import type { LogBatch } from "../../model/log-batch.ts";
import { NO_OFFSET } from "../../model/span-batch.ts";
import { AttributeDictionary } from "./attribute-dictionary.ts";
import { ByteArena } from "./byte-arena.ts";
import { ByteInterner, NOT_INTERNED } from "./byte-interner.ts";
import { keptTraces } from "./kept-traces.ts";
import { LogBodies } from "./log-bodies.ts";
import {
  BODY_IN_RECORD,
  ID_WORDS,
  indexInLogChunk,
  lastRowOfLogChunk,
  LABEL_IN_RECORD,
  isRemoved,
  isReplayed,
  LOG_CHUNK_BYTES,
  LOG_CHUNK_ROWS,
  LogChunk,
  logChunkIndexOf,
  REMOVED,
  REPLAYED,
  TRACE_WORDS,
} from "./log-chunk.ts";
import { areZero, setIds, setTime } from "./log-columns.ts";
import { LogLinks } from "./log-links.ts";
import { writeLogRecord } from "./log-record-bytes.ts";
import { OriginTable, type BatchOrigin, type SpanOrigin } from "./origin-table.ts";
import { RecentRequests } from "./recent-requests.ts";
import { NO_ROW } from "./span-chunk.ts";
import { partsOfRecord, type RecordParts } from "./span-record.ts";

/** What became of a request's records. */
export interface LogAppendOutcome {
  readonly addedCount: number;
  /** Records of a request that was taken already ({@link RecentRequests}). */
  readonly duplicateCount: number;
}

/** Tells something of a row that is held. */
export type LogRowTest = (chunk: LogChunk, index: number, row: number) => boolean;

/** How a batch came. */
export interface LogArrival {
  /** Which part of its request it is. */
  readonly part?: number;
  /** An earlier engine took it already ({@link LogStore.clearReplayed}). */
  readonly isReplayed?: boolean;
  /** It is all that one session and run had of one trace: what was replayed of that before goes. */
  readonly isCarried?: boolean;
  /** It was taken in part before a {@link LogStore.clear}, which left nothing of it. */
  readonly isRestarted?: boolean;
}

/**
 * All log records that are held, in columns, bounded by bytes: beyond the bound the records that arrived first leave, those
 * that are spared only when they are more than half of all. Rows
 * are numbered in order of arrival and no number is used twice. Everything that was received can be written out again
 * (query/encode-logs-protobuf.ts).
 */
export class LogStore {
  readonly origins = new OriginTable();
  readonly attributes: AttributeDictionary;
  readonly bodies = new LogBodies();
  /** Texts of severities and names of events, by the numbers in {@link LogChunk}. */
  readonly labels = new ByteInterner({ entries: LABEL_IN_RECORD, bytes: 1 << 20 });
  /** What columns do not hold, by the addresses in {@link LogChunk.record}. */
  readonly records = new ByteArena();
  /** By chunk number; undefined where all rows have left. */
  readonly #chunks: (LogChunk | undefined)[] = [];
  readonly #ofTrace = new LogLinks(this, "previousInTrace", TRACE_WORDS);
  readonly #ofSpan = new LogLinks(this, "previousInSpan", ID_WORDS);
  readonly #recent = new RecentRequests();
  #chunkCount = 0;
  #firstRow = 0;
  #nextRow = 0;
  #count = 0;
  #version = 0;
  /** Rows before this one have left or were spared. */
  #sparedUntil = 0;
  /** What is held of rows before this one was kept by {@link clear}. */
  #keptUntil = 0;
  /** Of the rows before #sparedUntil, those that are held. */
  #sparedCount = 0;
  readonly #isSpared: LogRowTest;
  #maxBytes: number;
  #evictedCount = 0;

  /** @param isSpared tells rows that are not to leave yet; it says the same of all rows of a trace */
  constructor({
    maxBytes,
    isSpared = () => false,
  }: {
    readonly maxBytes: number;
    readonly isSpared?: LogRowTest;
  }) {
    this.#maxBytes = Math.min(maxBytes, MAX_BYTES);
    this.#isSpared = isSpared;
    // Tables only shrink when all records have left: they may never take all that there is.
    this.attributes = new AttributeDictionary(Math.min(this.#maxBytes >>> 3, 32 << 20));
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Records that are held. */
  get count(): number {
    return this.#count;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Bytes of memory that the records and all indexes take. */
  get bytes(): number {
    return (
      this.#chunkCount * LOG_CHUNK_BYTES +
      this.records.byteLength +
      this.origins.byteLength +
      this.attributes.byteLength +
      this.bodies.byteLength +
      this.labels.byteLength +
      this.#ofTrace.byteLength +
      this.#ofSpan.byteLength +
      this.#recent.byteLength
    );
  }

  /** Records that left because of the bound. */
  get evictedCount(): number {
    return this.#evictedCount;
  }

  /** Rows run from here to {@link endRow}; some of them, whole chunks among them, may have left. */
  get firstRow(): number {
    return this.#firstRow;
  }

  get endRow(): number {
    return this.#nextRow;
  }

  /** Takes a decoded batch; the batch may be used again at once. */
  append(
    batch: LogBatch,
    from: BatchOrigin,
    { part = 0, isReplayed = false, isCarried = false, isRestarted = false }: LogArrival = {},
  ): LogAppendOutcome {
    if (batch.count === 0) return NOTHING_APPENDED;
    if (isCarried && part === 0) this.#dropReplayed(batch, from);
    const seen = isCarried ? undefined : this.#recent.seen(batch, from.session, part);
    if (seen === "now") return { addedCount: 0, duplicateCount: batch.count };
    const isKept = seen === "aged" && !isRestarted ? keptTraces(this, this.#keptUntil) : undefined;
    let duplicateCount = 0;
    this.#version++;
    const origins = batch.scopes.map((_, index) => this.origins.acquire(batch, index, from));
    for (let index = 0; index < batch.count; index++) {
      if (isKept?.(batch, index) === true) {
        duplicateCount++;
        continue;
      }
      this.#appendRecord(batch, index, origins[batch.scope[index] ?? 0] ?? 0, isReplayed ? REPLAYED : 0);
      // One request may hold more than the bound.
      if (index % EVICT_EVERY_RECORDS === EVICT_EVERY_RECORDS - 1) this.#evict();
    }
    for (const origin of origins) this.origins.release(origin);
    this.attributes.release();
    this.bodies.interner.release();
    this.labels.release();
    this.#evict();
    return { addedCount: batch.count - duplicateCount, duplicateCount };
  }

  /** Forgets all records but those that are to be kept. They do not count as evicted. */
  clear(isKept?: LogRowTest): void {
    this.#version++;
    if (isKept === undefined) {
      this.#recent.clear();
      this.records.clear();
      this.origins.clear();
      this.#count = 0;
      this.#begin();
      return;
    }
    this.#recent.age();
    this.#keptUntil = this.#nextRow;
    // What leaves stands between what stays.
    this.#ofTrace.clear();
    this.#ofSpan.clear();
    for (const [row, chunk, i] of this.#held()) if (!isKept(chunk, i, row)) this.#giveBack(row, chunk, i);
    this.#dropRemoved();
    for (const [row, chunk, i] of this.#held()) this.#link(row, chunk, i);
    this.#sparedUntil = this.#firstRow;
    this.#sparedCount = 0;
  }

  /** The same, of those records alone that were replayed. */
  clearReplayed(isKept?: LogRowTest): void {
    this.clear((chunk, i, row) => !isReplayed(chunk, i) || isKept?.(chunk, i, row) === true);
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = Math.min(maxBytes, MAX_BYTES);
    this.#evict();
  }

  /** The chunk of a row that is held, undefined for one that left or never was. */
  chunkOf(row: number): LogChunk | undefined {
    return row < this.#firstRow ? undefined : this.#chunks[logChunkIndexOf(row)];
  }

  /** The rows of a trace, the one that arrived last first. @param ids four words */
  rowsOfTrace(ids: Int32Array): Iterable<number> {
    return this.#ofTrace.rowsOf(ids, 0);
  }

  /** The rows of a span, the one that arrived last first. @param ids four words of the trace, two of the span */
  rowsOfSpan(ids: Int32Array): Iterable<number> {
    return this.#ofSpan.rowsOf(ids, 0);
  }

  originAt(chunk: LogChunk, index: number): SpanOrigin | undefined {
    return this.origins.get(chunk.origin[index] ?? 0);
  }

  /** What columns do not hold, in the form of log-record-bytes.ts. */
  recordAt(chunk: LogChunk, index: number): RecordParts {
    const address = chunk.record[index] ?? 0;
    const { records } = this;
    return partsOfRecord(records.bytesAt(address), records.startAt(address), records.endAt(address));
  }

  #appendRecord(batch: LogBatch, index: number, origin: number, mark: number): void {
    const row = this.#nextRow++;
    const chunk = this.#openChunk(row);
    const i = indexInLogChunk(row);
    const { body } = batch;
    const bodyStart = batch.bodyStart[index] ?? NO_OFFSET;
    const bodyNumber =
      bodyStart === NO_OFFSET
        ? NOT_INTERNED
        : this.bodies.numberOf(body, bodyStart, batch.bodyEnd[index] ?? 0);
    const severityText = this.#label(body, batch.severityTextStart[index], batch.severityTextEnd[index]);
    const eventName = this.#label(body, batch.eventNameStart[index], batch.eventNameEnd[index]);
    const record = writeLogRecord(batch, index, this.attributes, {
      body: bodyNumber === NOT_INTERNED,
      severityText: severityText === LABEL_IN_RECORD,
      eventName: eventName === LABEL_IN_RECORD,
    });
    chunk.record[i] = this.records.append(record.buffer, record.length);
    chunk.body[i] = bodyNumber === NOT_INTERNED ? BODY_IN_RECORD : bodyNumber;
    chunk.severityText[i] = severityText;
    chunk.eventName[i] = eventName;
    chunk.severity[i] = batch.severity[index] ?? 0;
    chunk.origin[i] = origin;
    this.origins.use(origin);
    setTime(chunk, i, batch, index);
    chunk.marks[i] = (chunk.marks[i] ?? 0) | mark;
    chunk.aliveCount++;
    this.#count++;
    setIds(chunk.ids, i * ID_WORDS, batch, index);
    this.#link(row, chunk, i);
  }

  #link(row: number, { ids }: LogChunk, i: number): void {
    const at = i * ID_WORDS;
    if (areZero(ids, at, TRACE_WORDS)) return;
    this.#ofTrace.add(row);
    if (!areZero(ids, at + TRACE_WORDS, ID_WORDS - TRACE_WORDS)) this.#ofSpan.add(row);
  }

  #label(bytes: Uint8Array, start = 0, end = 0): number {
    const label = end - start > MAX_LABEL_BYTES ? NOT_INTERNED : this.labels.intern(0, bytes, start, end);
    return label === NOT_INTERNED ? LABEL_IN_RECORD : label;
  }

  #openChunk(row: number): LogChunk {
    const number = logChunkIndexOf(row);
    const known = this.#chunks[number];
    if (known !== undefined) return known;
    const chunk = new LogChunk();
    this.#chunks[number] = chunk;
    this.#chunkCount++;
    return chunk;
  }

  #evict(): void {
    while (this.bytes > this.#maxBytes && this.#count > 0) {
      // Where most of what is held was spared, the oldest of it has to leave after all.
      const isSparing = this.#sparedCount * 2 <= this.#count;
      const from = isSparing ? Math.max(this.#sparedUntil, this.#firstRow) : this.#firstRow;
      // Adding up the bytes costs more than letting a row go.
      const until = Math.min(from + EVICTED_AT_ONCE, this.#nextRow);
      for (let row = from; row < until; row++) {
        const chunk = this.chunkOf(row);
        const i = indexInLogChunk(row);
        if (chunk === undefined || isRemoved(chunk, i)) continue;
        if (isSparing && this.#isSpared(chunk, i, row)) this.#sparedCount++;
        else this.#evictRow(row, chunk, i);
      }
      if (isSparing) this.#sparedUntil = until;
      this.#dropRemoved();
    }
  }

  /** Lets a row go, after what is older of its trace: that was spared once. */
  #evictRow(row: number, chunk: LogChunk, i: number): void {
    for (let older = chunk.previousInTrace[i] ?? NO_ROW; older !== NO_ROW;) {
      const held = this.chunkOf(older);
      const at = indexInLogChunk(older);
      if (held === undefined || isRemoved(held, at)) break;
      this.#evictedCount++;
      this.#giveBack(older, held, at);
      older = held.previousInTrace[at] ?? NO_ROW;
    }
    this.#evictedCount++;
    this.#giveBack(row, chunk, i);
  }

  /** Gives back what a row holds; its place in the columns stays while others of its chunk are held. */
  #giveBack(row: number, chunk: LogChunk, i: number): void {
    chunk.marks[i] = (chunk.marks[i] ?? 0) | REMOVED;
    this.records.free(chunk.record[i] ?? 0);
    this.origins.release(chunk.origin[i] ?? 0);
    chunk.aliveCount--;
    this.#count--;
    if (row < this.#sparedUntil) this.#sparedCount--;
    const last = lastRowOfLogChunk(row);
    if (chunk.aliveCount > 0 || last >= this.#nextRow) return;
    for (let left = last - LOG_CHUNK_ROWS + 1; left <= last; left++) this.#unlink(left);
    this.#chunks[logChunkIndexOf(row)] = undefined;
    this.#chunkCount--;
  }

  #unlink(row: number): void {
    this.#ofTrace.remove(row);
    this.#ofSpan.remove(row);
  }

  /** Moves the first row up to one that is held. */
  #dropRemoved(): void {
    if (this.#count === 0) {
      this.#begin();
      return;
    }
    while (this.#firstRow < this.#nextRow) {
      const chunk = this.chunkOf(this.#firstRow);
      if (chunk === undefined) {
        this.#firstRow = lastRowOfLogChunk(this.#firstRow) + 1;
        continue;
      }
      if (!isRemoved(chunk, indexInLogChunk(this.#firstRow))) return;
      this.#unlink(this.#firstRow++);
    }
  }

  /** Forgets what was replayed of a trace for a session, run and channel; all that there was of it comes now. */
  #dropReplayed(batch: LogBatch, { session, run, channel }: BatchOrigin): void {
    const ids = new Int32Array(ID_WORDS);
    setIds(ids, 0, batch, 0);
    if (areZero(ids, 0, TRACE_WORDS)) return;
    for (const row of [...this.rowsOfTrace(ids)]) {
      const chunk = this.chunkOf(row);
      const i = indexInLogChunk(row);
      const origin = chunk && this.originAt(chunk, i);
      if (chunk === undefined || origin === undefined || !isReplayed(chunk, i)) continue;
      if (origin.session === session && origin.run === run && origin.channel === channel)
        this.#giveBack(row, chunk, i);
    }
  }

  *#held(): Generator<readonly [row: number, chunk: LogChunk, index: number]> {
    for (let row = this.#firstRow; row < this.#nextRow; row++) {
      const chunk = this.chunkOf(row);
      const i = indexInLogChunk(row);
      if (chunk === undefined) row = lastRowOfLogChunk(row);
      else if (!isRemoved(chunk, i)) yield [row, chunk, i];
    }
  }

  /** Nothing is held: gives all tables back. Rows go on with the next chunk, since no number is used twice. */
  #begin(): void {
    this.#chunks.fill(undefined, logChunkIndexOf(this.#firstRow));
    this.#chunkCount = 0;
    this.#firstRow = this.#nextRow = this.#sparedUntil = this.#chunks.length * LOG_CHUNK_ROWS;
    this.#sparedCount = 0;
    this.attributes.clear();
    this.bodies.clear();
    this.labels.clear();
    this.#ofTrace.clear();
    this.#ofSpan.clear();
  }
}

const NOTHING_APPENDED: LogAppendOutcome = { addedCount: 0, duplicateCount: 0 };

const EVICTED_AT_ONCE = 64;
const EVICT_EVERY_RECORDS = 1 << 14;
const MAX_LABEL_BYTES = 128;

/** Records have 32-bit addresses; this leaves room for the largest request above the bound. */
const MAX_BYTES = 3.5 * 2 ** 30;
