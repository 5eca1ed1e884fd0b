import type { WireWriter } from "../../base/wire-writer.ts";
import type { RunNumber, TraceId } from "../../model/ids.ts";
import type { SpanBatch } from "../../model/span-batch.ts";
import { NO_OFFSET } from "../../model/span-batch.ts";
import { NOTHING_APPENDED, type AppendOutcome } from "./append-outcome.ts";
import { AttributeDictionary } from "./attribute-dictionary.ts";
import { ByteArena } from "./byte-arena.ts";
import { ByteInterner, NOT_INTERNED } from "./byte-interner.ts";
import { ChangedTraces, type TraceChanges } from "./changed-traces.ts";
import { wordAt } from "./hex.ts";
import { isSameParent, isSameRecord, isSameStart } from "./same-span.ts";
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
  /** Names of spans, by the number in {@link SpanChunk.name}. */
  readonly names = new ByteInterner({ entries: 1 << 18, bytes: 16 << 20 });
  readonly #records = new ByteArena();
  /** By chunk number; undefined where all rows have left. */
  readonly #chunks: (SpanChunk | undefined)[] = [];
  readonly #twins = new TwinIndex(this);
  readonly #changed = new ChangedTraces();
  #chunkCount = 0;
  #nextRow = 0;
  #spanCount = 0;
  #version = 0;
  #maxBytes: number;
  #evictedCount = 0;
  #evictedUntilMs: number | undefined;

  constructor(limits: { readonly maxBytes: number }) {
    this.#maxBytes = Math.min(limits.maxBytes, MAX_BYTES);
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get spanCount(): number {
    return this.#spanCount;
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
    this.#evict();
    return { addedCount, completedCount, duplicateCount: batch.count - addedCount - completedCount };
  }

  /**
   * Marks the open spans of an agent's connection as lost, ended at this moment, because their process is gone.
   * Returns how many there were.
   */
  endOpenSpansOf(connection: number, atUnixNano: bigint): number {
    const high = Number(BigInt.asUintN(32, atUnixNano >> 32n));
    const low = Number(BigInt.asUintN(32, atUnixNano));
    let count = 0;
    for (const chunk of this.#chunks) {
      if (chunk === undefined) continue;
      for (let i = 0; i < CHUNK_ROWS; i++) {
        const slot = chunk.trace[i] ?? NO_TRACE;
        if (chunk.state[i] !== STATE_RUNNING || slot === NO_TRACE) continue;
        if (this.origins.get(chunk.origin[i] ?? 0)?.connection !== connection) continue;
        if (count++ === 0) this.#version++;
        this.traces.count(slot, chunk, i, -1);
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
    this.#version++;
    for (let slot = 0; slot < this.traces.slotCount; slot++) {
      if (this.traces.version[slot] === 0 || (keepPinned && this.traces.pinned[slot] === 1)) continue;
      this.#removeTrace(slot);
    }
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
    const idHigh = wordAt(batch.body, at);
    const idLow = wordAt(batch.body, at + 4);

    const twins = this.#twins.find(slot, idHigh, idLow);
    for (const row of twins) {
      const fate = this.#meetTwin(row, batch, index, origin, from, nameNumber, record);
      if (fate === "separate") continue;
      if (fate === "complete") this.traces.touch(slot);
      return fate;
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
    this.#twins.add(row, twins.length > 0);
    this.traces.touch(slot);
    return "separate";
  }

  #slotFor(batch: SpanBatch, index: number, run: RunNumber): number {
    const at = batch.traceId[index] ?? 0;
    const { body } = batch;
    const a = wordAt(body, at);
    const b = wordAt(body, at + 4);
    const c = wordAt(body, at + 8);
    const d = wordAt(body, at + 12);
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
    if (chunk === undefined || !isSameStart(chunk, i, batch, index)) return "separate";
    const heldOrigin = this.originAt(chunk, i);
    if (heldOrigin === undefined || heldOrigin.session !== from.session) return "separate";
    const address = chunk.record[i] ?? 0;
    const start = this.#records.startAt(address);
    const size = this.#records.endAt(address) - start;
    const endHigh = batch.endHigh[index] ?? 0;
    const endLow = batch.endLow[index] ?? 0;
    const equal =
      chunk.origin[i] === origin &&
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
    const parent = batch.parentSpanId[index] ?? NO_OFFSET;
    chunk.parentHigh[i] = parent === NO_OFFSET ? 0 : wordAt(batch.body, parent);
    chunk.parentLow[i] = parent === NO_OFFSET ? 0 : wordAt(batch.body, parent + 4);
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
    for (let row = this.traces.lastRow[slot] ?? NO_ROW; row !== NO_ROW;) {
      const number = chunkIndexOf(row);
      const chunk = this.#chunks[number];
      if (chunk === undefined) break;
      const i = indexInChunk(row);
      this.#twins.remove(row);
      this.#records.free(chunk.record[i] ?? 0);
      this.origins.release(chunk.origin[i] ?? 0);
      chunk.trace[i] = NO_TRACE;
      this.#spanCount--;
      row = chunk.previousInTrace[i] ?? NO_ROW;
      if (--chunk.aliveCount === 0) {
        this.#chunks[number] = undefined;
        this.#chunkCount--;
      }
    }
    this.traces.remove(slot);
    this.#changed.delete(slot);
    if (this.#spanCount === 0) {
      this.attributes.clear();
      this.names.clear();
    }
  }
}

const EVICT_EVERY_SPANS = 1 << 16;

/** Records have 32-bit addresses; this leaves room for the largest request above the bound. */
const MAX_BYTES = 3.5 * 2 ** 30;
