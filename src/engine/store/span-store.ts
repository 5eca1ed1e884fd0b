import type { WireWriter } from "../../base/wire-writer.ts";
import type { RunNumber, TraceId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";
import type { SpanBatch } from "../../model/span-batch.ts";
import { NO_OFFSET } from "../../model/span-batch.ts";
import { PauseBook, type HeldPause } from "../pause/pause-book.ts";
import { NOTHING_APPENDED, type AppendOutcome } from "./append-outcome.ts";
import { AttributeDictionary } from "./attribute-dictionary.ts";
import { ByteArena } from "./byte-arena.ts";
import { ByteInterner, NOT_INTERNED } from "./byte-interner.ts";
import { ChangedTraces, type TraceChanges } from "./changed-traces.ts";
import { isSameParent, isSameRecord, isSameSource, isSameStart } from "./same-span.ts";
import { OriginTable, type BatchOrigin, type SpanOrigin } from "./origin-table.ts";
import {
  CHUNK_BYTES,
  CHUNK_ROWS,
  NAME_IN_RECORD,
  NO_ROW,
  NO_TRACE,
  STATE_ENDED,
  STATE_LOST,
  STATE_RUNNING,
  SpanChunk,
  chunkIndexOf,
  indexInChunk,
} from "./span-chunk.ts";
import { nameInRecord, partsOfRecord, writeSpanRecord, type RecordParts } from "./span-record.ts";
import { removeTrace, retainTraces, type Removed, type SpanTables } from "./span-removal.ts";
import { NO_SLOT, TraceTable } from "./trace-table.ts";
import { TwinIndex } from "./twin-index.ts";
import { judgeTwin } from "./twin.ts";

/**
 * All spans that are held, in columns, bounded by bytes: beyond the bound whole traces leave, the one for which
 * nothing arrived for the longest time first; a pinned trace never leaves. Rows are numbered in order of arrival and
 * no number is used twice. Everything that was received can be written out again (query/encode-protobuf.ts).
 */
export class SpanStore {
  readonly traces = new TraceTable();
  readonly origins = new OriginTable();
  readonly attributes = new AttributeDictionary();
  /** When the debugger held the processes that the spans are of. */
  readonly pauses: PauseBook;
  /** Names of spans, by the number in {@link SpanChunk.name}. */
  readonly names = new ByteInterner({ entries: 1 << 18, bytes: 16 << 20 });
  readonly #records = new ByteArena();
  /** By chunk number; undefined where all rows have left. */
  readonly #chunks: (SpanChunk | undefined)[] = [];
  readonly #twins = new TwinIndex(this);
  readonly #changed = new ChangedTraces();
  readonly #tables: SpanTables;
  #chunkCount = 0;
  #nextRow = 0;
  #spanCount = 0;
  #version = 0;
  #maxBytes: number;
  #isAppending = false;
  #evictedCount = 0;
  #evictedUntilMs: number | undefined;

  constructor(limits: { readonly maxBytes: number; readonly hostName?: string }) {
    this.#maxBytes = Math.min(limits.maxBytes, MAX_BYTES);
    this.pauses = new PauseBook(limits.hostName);
    const { traces, origins, attributes, names } = this;
    const tables = { records: this.#records, twins: this.#twins, chunks: this.#chunks };
    this.#tables = { traces, origins, attributes, names, ...tables };
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get spanCount(): number {
    return this.#spanCount;
  }

  /** The number of the next row: how many there have been. */
  get nextRow(): number {
    return this.#nextRow;
  }

  get traceCount(): number {
    return this.traces.traceCount;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Bytes of memory that the spans and all indexes take. */
  get bytes(): number {
    return (
      this.#chunkCount * CHUNK_BYTES +
      this.#records.byteLength +
      this.traces.byteLength +
      this.origins.byteLength +
      this.attributes.byteLength +
      this.names.byteLength +
      this.#twins.byteLength
    );
  }

  /** Traces that left because of the bound. */
  get evictedCount(): number {
    return this.#evictedCount;
  }

  /** The newest moment of a trace that left, milliseconds since the epoch; undefined where none has. */
  get evictedUntilMs(): number | undefined {
    return this.#evictedUntilMs;
  }

  /** Takes a decoded batch; the batch may be used again at once. */
  append(batch: SpanBatch, from: BatchOrigin): AppendOutcome {
    if (batch.count === 0) return NOTHING_APPENDED;
    this.#version++;
    this.#isAppending = true;
    const scopeOrigins = batch.scopes.map((_, index) => this.origins.acquire(batch, index, from));
    let addedCount = 0;
    let completedCount = 0;
    for (let index = 0; index < batch.count; index++) {
      const origin = scopeOrigins[batch.scope[index] ?? 0] ?? 0;
      const fate = this.#appendSpan(batch, index, origin, from);
      if (fate === "separate") addedCount++;
      else if (fate === "complete") completedCount++;
      // One request may hold more than the bound: its first traces leave before its last ones come.
      if (index % EVICT_EVERY_SPANS === EVICT_EVERY_SPANS - 1) this.#evict();
    }
    for (const origin of scopeOrigins) this.origins.release(origin);
    this.#isAppending = false;
    this.attributes.release();
    this.names.release();
    this.#evict();
    return { addedCount, completedCount, duplicateCount: batch.count - addedCount - completedCount };
  }

  /**
   * Takes what an earlier engine took before anything that has arrived here: traces that only this brings leave first.
   * After the last batch {@link endReplay} is to be called.
   */
  appendReplayed(batch: SpanBatch, from: BatchOrigin): AppendOutcome {
    this.traces.isReplaying = true;
    try {
      return this.append(batch, from);
    } finally {
      this.traces.isReplaying = false;
    }
  }

  endReplay(): void {
    this.traces.endReplay();
  }

  /**
   * Marks the open spans of an agent's connection as lost, ended at this moment, because their process is gone.
   * Returns how many there were.
   */
  endOpenSpansOf(connection: number, atUnixNano: bigint): number {
    return this.endOpenSpans(new Map([[connection, atUnixNano]]));
  }

  /** The same for many connections at once, each with the moment of its end. */
  endOpenSpans(ends: ReadonlyMap<number, bigint>): number {
    let count = 0;
    for (const chunk of this.#chunks) {
      if (chunk === undefined) continue;
      for (let i = 0; i < CHUNK_ROWS; i++) {
        const slot = chunk.trace[i] ?? NO_TRACE;
        if (chunk.state[i] !== STATE_RUNNING || slot === NO_TRACE) continue;
        const { connection } = this.origins.get(chunk.origin[i] ?? 0) ?? {};
        const atUnixNano = connection === undefined ? undefined : ends.get(connection);
        if (atUnixNano === undefined) continue;
        const high = Number(BigInt.asUintN(32, atUnixNano >> 32n));
        const low = Number(BigInt.asUintN(32, atUnixNano));
        if (count++ === 0) this.#version++;
        this.traces.count(slot, chunk, i, -1);
        chunk.writeCount++;
        chunk.state[i] = STATE_LOST;
        chunk.endHigh[i] = high;
        chunk.endLow[i] = low;
        this.traces.count(slot, chunk, i, 1);
        this.traces.includeEnd(slot, high, low);
        this.#markChanged(slot);
      }
    }
    return count;
  }

  /** Takes what the debugger told of a pause; the traces of that time count as changed. */
  recordPause(pause: Pause): void {
    this.#version++;
    this.#markPaused([this.pauses.record(pause)]);
  }

  /** Ends the pauses that last, because their debugger is gone. */
  endOpenPauses(atUnixNano: bigint): void {
    this.#version++;
    this.#markPaused(this.pauses.endOpen(atUnixNano));
  }

  /** Keeps a trace from leaving, or lets it go again; false where it is not held. */
  pin(traceId: TraceId, pinned: boolean): boolean {
    const slot = this.traces.slotOf(traceId);
    if (slot === NO_SLOT) return false;
    this.#version++;
    this.traces.setPinned(slot, pinned);
    this.#markChanged(slot);
    this.#evict();
    return true;
  }

  /** Forgets all traces, or all that are not pinned. They do not count as evicted. */
  clear(keepPinned: boolean): void {
    this.#clear(keepPinned, false);
    if (!keepPinned) this.pauses.clear();
  }

  /** The same, of those traces alone that only {@link appendReplayed} has brought so far. */
  clearReplayed(keepPinned: boolean): void {
    this.#clear(keepPinned, true);
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = Math.min(maxBytes, MAX_BYTES);
    this.#evict();
  }

  /** The traces that changed since the last call, at most `max` of them; undefined where nothing changed. */
  takeChangedTraces(max: number): TraceChanges | undefined {
    return this.#changed.take(this.#version, max, (slot) => this.traces.idOf(slot));
  }

  /** The chunk of a row that is held, undefined for one that left or never was. */
  chunkOf(row: number): SpanChunk | undefined {
    const chunk = this.#chunks[chunkIndexOf(row)];
    return chunk === undefined || chunk.trace[indexInChunk(row)] === NO_TRACE ? undefined : chunk;
  }

  /** All chunks by their number, with gaps where all rows have left. */
  get chunks(): readonly (SpanChunk | undefined)[] {
    return this.#chunks;
  }

  /** Where the records of rows lie ({@link SpanChunk.record}), for scanning many of them at once. */
  get records(): Pick<ByteArena, "bytesAt" | "startAt" | "endAt"> {
    return this.#records;
  }

  /** The rows of a trace in order of arrival. */
  rowsOf(slot: number): Float64Array {
    const rows = new Float64Array(this.traces.spanCount[slot] ?? 0);
    let at = rows.length;
    for (let row = this.traces.lastRow[slot] ?? NO_ROW; row !== NO_ROW && at > 0;) {
      rows[--at] = row;
      row = this.#chunks[chunkIndexOf(row)]?.previousInTrace[indexInChunk(row)] ?? NO_ROW;
    }
    return rows;
  }

  originAt(chunk: SpanChunk, index: number): SpanOrigin | undefined {
    return this.origins.get(chunk.origin[index] ?? 0);
  }

  nameAt(chunk: SpanChunk, index: number): string {
    const name = chunk.name[index] ?? NAME_IN_RECORD;
    return name === NAME_IN_RECORD ? nameInRecord(this.recordAt(chunk, index)) : this.names.textOf(name);
  }

  recordAt(chunk: SpanChunk, index: number): RecordParts {
    const address = chunk.record[index] ?? 0;
    const records = this.#records;
    return partsOfRecord(records.bytesAt(address), records.startAt(address), records.endAt(address));
  }

  #clear(keepPinned: boolean, onlyReplayed: boolean): void {
    const { pinned, replayed } = this.traces;
    this.#version++;
    const isKept = (slot: number): boolean =>
      (keepPinned && pinned[slot] === 1) || (onlyReplayed && replayed[slot] !== 1);
    this.#left(retainTraces(this.#tables, isKept));
    this.#changed.retain((slot) => this.traces.version[slot] !== 0);
  }

  #appendSpan(
    batch: SpanBatch,
    index: number,
    origin: number,
    from: BatchOrigin,
  ): "drop" | "complete" | "separate" {
    const slot = this.#slotFor(batch, index, from.run);
    const nameStart = batch.nameStart[index] ?? 0;
    const nameEnd = batch.nameEnd[index] ?? 0;
    const name = this.names.intern(0, batch.body, nameStart, nameEnd);
    const record = writeSpanRecord(batch, index, this.attributes, name === NOT_INTERNED);
    const nameNumber = name === NOT_INTERNED ? NAME_IN_RECORD : name;
    const at = batch.spanId[index] ?? 0;
    const idHigh = batch.words.getInt32(at);
    const idLow = batch.words.getInt32(at + 4);

    let twin = this.#twins.find(slot, idHigh, idLow);
    for (let n = 0; twin !== NO_ROW && n < MAX_TWINS; n++) {
      const fate = this.#meetTwin(twin, batch, index, origin, from, nameNumber, record);
      if (fate === "complete") this.traces.touch(slot);
      if (fate !== "separate") return fate;
      twin = this.#twins.olderThan(twin);
    }

    const row = this.#nextRow++;
    const chunk = this.#openChunk(row);
    const i = indexInChunk(row);
    chunk.trace[i] = slot;
    chunk.previousInTrace[i] = this.traces.lastRow[slot] ?? NO_ROW;
    this.traces.lastRow[slot] = row;
    chunk.idHigh[i] = idHigh;
    chunk.idLow[i] = idLow;
    chunk.aliveCount++;
    this.#spanCount++;
    this.#fill(chunk, i, batch, index, origin, nameNumber, record);
    this.#twins.add(row);
    this.traces.touch(slot);
    return "separate";
  }

  #slotFor(batch: SpanBatch, index: number, run: RunNumber): number {
    const at = batch.traceId[index] ?? 0;
    const { words } = batch;
    const a = words.getInt32(at);
    const b = words.getInt32(at + 4);
    const c = words.getInt32(at + 8);
    const d = words.getInt32(at + 12);
    const known = this.traces.find(a, b, c, d);
    const slot = known === NO_SLOT ? this.traces.add(a, b, c, d) : known;
    // The first session that knows of it is the one it belongs to.
    if (this.traces.run[slot] === 0) this.traces.run[slot] = run;
    return slot;
  }

  /** Compares a span with the held one of the same ids, and overwrites that where it is the same span. */
  #meetTwin(
    row: number,
    batch: SpanBatch,
    index: number,
    origin: number,
    from: BatchOrigin,
    name: number,
    record: WireWriter,
  ): "drop" | "complete" | "separate" {
    const chunk = this.#chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined) return "separate";
    const heldOrigin = this.originAt(chunk, i);
    if (heldOrigin === undefined || heldOrigin.session !== from.session) return "separate";
    // What the debugger saw of a span knows no kind, and not always the start.
    if (heldOrigin.channel !== "debugger" && !isSameStart(chunk, i, batch, index)) return "separate";
    const address = chunk.record[i] ?? 0;
    const start = this.#records.startAt(address);
    const size = this.#records.endAt(address) - start;
    const endHigh = batch.endHigh[index] ?? 0;
    const endLow = batch.endLow[index] ?? 0;
    const arrivingOrigin = this.origins.get(origin);
    const equal =
      (chunk.origin[i] === origin || isSameSource(heldOrigin, arrivingOrigin)) &&
      chunk.name[i] === name &&
      chunk.status[i] === batch.status[index] &&
      chunk.endHigh[i] === endHigh &&
      chunk.endLow[i] === endLow &&
      isSameParent(chunk, i, batch, index) &&
      isSameRecord(this.#records.bytesAt(address), start, size, record);
    const fate = judgeTwin(
      {
        state: chunk.state[i] ?? 0,
        endHigh: chunk.endHigh[i] ?? 0,
        endLow: chunk.endLow[i] ?? 0,
        byAgent: heldOrigin.channel === "agent",
        size,
      },
      {
        state: endHigh === 0 && endLow === 0 ? STATE_RUNNING : STATE_ENDED,
        endHigh,
        endLow,
        byAgent: from.channel === "agent",
        size: record.length,
      },
      equal,
    );
    if (fate !== "complete") return fate;
    this.traces.count(chunk.trace[i] ?? NO_TRACE, chunk, i, -1);
    this.#records.free(address);
    this.origins.release(chunk.origin[i] ?? 0);
    this.#fill(chunk, i, batch, index, origin, name, record);
    return fate;
  }

  /** Sets the columns that a later form of the same span may change, and those of its trace. */
  #fill(
    chunk: SpanChunk,
    i: number,
    batch: SpanBatch,
    index: number,
    origin: number,
    name: number,
    record: WireWriter,
  ): void {
    const slot = chunk.trace[i] ?? NO_TRACE;
    chunk.writeCount++;
    const parent = batch.parentSpanId[index] ?? NO_OFFSET;
    chunk.parentHigh[i] = parent === NO_OFFSET ? 0 : batch.words.getInt32(parent);
    chunk.parentLow[i] = parent === NO_OFFSET ? 0 : batch.words.getInt32(parent + 4);
    const startHigh = (chunk.startHigh[i] = batch.startHigh[index] ?? 0);
    const startLow = (chunk.startLow[i] = batch.startLow[index] ?? 0);
    const endHigh = (chunk.endHigh[i] = batch.endHigh[index] ?? 0);
    const endLow = (chunk.endLow[i] = batch.endLow[index] ?? 0);
    chunk.name[i] = name;
    chunk.kind[i] = batch.kind[index] ?? 0;
    chunk.status[i] = batch.status[index] ?? 0;
    chunk.state[i] = endHigh === 0 && endLow === 0 ? STATE_RUNNING : STATE_ENDED;
    chunk.origin[i] = origin;
    this.origins.use(origin);
    chunk.record[i] = this.#records.append(record.buffer, record.length);
    this.traces.count(slot, chunk, i, 1);
    this.traces.include(slot, startHigh, startLow);
    this.traces.includeEnd(slot, endHigh, endLow);
    this.#markChanged(slot);
  }

  #openChunk(row: number): SpanChunk {
    const number = chunkIndexOf(row);
    const known = this.#chunks[number];
    if (known !== undefined) return known;
    const chunk = new SpanChunk();
    this.#chunks[number] = chunk;
    this.#chunkCount++;
    return chunk;
  }

  #markPaused(pauses: readonly HeldPause[]): void {
    const { traces } = this;
    for (let slot = 0; slot < traces.slotCount && pauses.length > 0; slot++) {
      if (traces.version[slot] === 0) continue;
      const start = this.pauses.sinceBaseOf(traces.startHigh[slot], traces.startLow[slot]);
      const end = traces.runningCount[slot] === 0 ? start + traces.durationNs(slot) : Infinity;
      if (pauses.some((pause) => pause.start <= end && pause.end >= start)) this.#markChanged(slot);
    }
  }

  #markChanged(slot: number): void {
    this.traces.version[slot] = this.#version;
    this.#changed.add(slot);
  }

  #evict(): void {
    while (this.bytes > this.#maxBytes && this.traces.oldest !== NO_SLOT) {
      const slot = this.traces.oldest;
      this.#evictedCount++;
      this.#evictedUntilMs = Math.max(this.#evictedUntilMs ?? 0, this.traces.latestMs(slot));
      this.#version++;
      this.#removeTrace(slot);
    }
  }

  #removeTrace(slot: number): void {
    this.#left(removeTrace(this.#tables, slot));
    this.#changed.delete(slot);
  }

  #left({ rows, chunks }: Removed): void {
    this.#spanCount -= rows;
    this.#chunkCount -= chunks;
    // The rest of a batch refers to what is numbered now.
    if (this.#spanCount > 0 || this.#isAppending) return;
    this.attributes.clear();
    this.names.clear();
  }
}

const EVICT_EVERY_SPANS = 1 << 16;

/** A span is compared with this many of its twins. Beyond it a resend is kept as a row of its own. */
const MAX_TWINS = 16;

/** Records have 32-bit addresses; this leaves room for the largest request above the bound. */
const MAX_BYTES = 3.5 * 2 ** 30;
