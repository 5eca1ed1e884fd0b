import type { TraceId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";
import type { SpanBatch } from "../../model/span-batch.ts";
import { PauseBook, type HeldPause } from "../pause/pause-book.ts";
import { NOTHING_APPENDED, type AppendOutcome } from "./append-outcome.ts";
import type { AttributeDictionary } from "./attribute-dictionary.ts";
import type { ByteArena } from "./byte-arena.ts";
import type { ByteInterner } from "./byte-interner.ts";
import { ChangedTraces, type TraceChanges } from "./changed-traces.ts";
import { endOpenSpans } from "./open-spans-end.ts";
import type { BatchOrigin, OriginTable, SpanOrigin } from "./origin-table.ts";
import { NAME_IN_RECORD, NO_ROW, chunkIndexOf, indexInChunk, type SpanChunk } from "./span-chunk.ts";
import { SpanEviction } from "./span-eviction.ts";
import { SpanInsertion } from "./span-insertion.ts";
import { nameInRecord, partsOfRecord, type RecordParts } from "./span-record.ts";
import { retainTraces } from "./span-removal.ts";
import { SpanTables } from "./span-tables.ts";
import { NO_SLOT, type TraceTable } from "./trace-table.ts";

/**
 * All spans that are held, in columns, bounded by bytes: beyond the bound whole traces leave, the one for which
 * nothing arrived for the longest time first; a pinned trace never leaves. Rows are numbered in order of arrival and
 * no number is used twice. Everything that was received can be written out again (query/encode-protobuf.ts).
 */
export class SpanStore {
  readonly traces: TraceTable;
  readonly origins: OriginTable;
  readonly attributes: AttributeDictionary;
  /** Names of spans, by the number in {@link SpanChunk.name}. */
  readonly names: ByteInterner;
  /** When the debugger held the processes that the spans are of. */
  readonly pauses: PauseBook;
  readonly #tables = new SpanTables();
  readonly #changed = new ChangedTraces(this.#tables.traces);
  readonly #insertion = new SpanInsertion(this.#tables, this.#changed);
  readonly #eviction = new SpanEviction(this.#tables, this.#changed);
  #maxBytes: number;
  #isAppending = false;

  constructor(limits: { readonly maxBytes: number; readonly hostName?: string }) {
    this.#maxBytes = Math.min(limits.maxBytes, MAX_BYTES);
    this.pauses = new PauseBook(limits.hostName);
    ({
      traces: this.traces,
      origins: this.origins,
      attributes: this.attributes,
      names: this.names,
    } = this.#tables);
  }

  /** Grows with every change. */
  get version(): number {
    return this.#changed.version;
  }

  get spanCount(): number {
    return this.#tables.spanCount;
  }

  /** The number of the next row: how many there have been. */
  get nextRow(): number {
    return this.#tables.nextRow;
  }

  get traceCount(): number {
    return this.traces.traceCount;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Bytes of memory that the spans and all indexes take. */
  get bytes(): number {
    return this.#tables.byteLength;
  }

  /** Traces that left because of the bound. */
  get evictedCount(): number {
    return this.#eviction.count;
  }

  /** The newest moment of a trace that left, milliseconds since the epoch; undefined where none has. */
  get evictedUntilMs(): number | undefined {
    return this.#eviction.untilMs;
  }

  /** Takes a decoded batch; the batch may be used again at once. */
  append(batch: SpanBatch, from: BatchOrigin): AppendOutcome {
    if (batch.count === 0) return NOTHING_APPENDED;
    this.#changed.version++;
    this.#isAppending = true;
    const scopeOrigins = batch.scopes.map((_, index) => this.origins.acquire(batch, index, from));
    let addedCount = 0;
    let completedCount = 0;
    for (let index = 0; index < batch.count; index++) {
      const origin = scopeOrigins[batch.scope[index] ?? 0] ?? 0;
      const fate = this.#insertion.insert(batch, index, origin, from);
      if (fate === "separate") addedCount++;
      else if (fate === "complete") completedCount++;
      // One request may hold more than the bound: its first traces leave before its last ones come.
      if (index % EVICT_EVERY_SPANS === EVICT_EVERY_SPANS - 1) this.#evict(Infinity);
    }
    for (const origin of scopeOrigins) this.origins.release(origin);
    this.#isAppending = false;
    this.attributes.release();
    this.names.release();
    this.evictPart();
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
    return endOpenSpans(this.#tables, this.#changed, ends);
  }

  /** Takes what the debugger told of a pause; the traces of that time count as changed. */
  recordPause(pause: Pause): void {
    this.#changed.version++;
    this.#markPaused([this.pauses.record(pause)]);
  }

  /** Ends the pauses that last, because their debugger is gone. */
  endOpenPauses(atUnixNano: bigint): void {
    this.#changed.version++;
    this.#markPaused(this.pauses.endOpen(atUnixNano));
  }

  /** Keeps a trace from leaving, or lets it go again; false where it is not held, or leaving already. */
  pin(traceId: TraceId, pinned: boolean): boolean {
    const slot = this.traces.slotOf(traceId);
    if (slot === NO_SLOT || this.#eviction.isLeaving(slot)) return false;
    this.#changed.version++;
    this.traces.setPinned(slot, pinned);
    this.#changed.add(slot);
    this.evictPart();
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
    this.evictPart();
  }

  /**
   * Whether more is held than may be: traces leave a part at a time, one with every change, and it is for the owner to call
   * {@link evictPart} until no more has to leave.
   */
  get isOverfull(): boolean {
    return this.#eviction.isDue(this.#maxBytes);
  }

  /** Lets traces leave while too much is held, as far as some milliseconds go. */
  evictPart(): void {
    this.#evict(EVICTED_ROWS);
  }

  /** The traces that changed since the last call, at most `max` of them; undefined where nothing changed. */
  takeChangedTraces(max: number): TraceChanges | undefined {
    return this.#changed.take(max);
  }

  /** The chunk of a row that is held, undefined for one that left or never was. */
  chunkOf(row: number): SpanChunk | undefined {
    return this.#tables.chunkOf(row);
  }

  /** All chunks by their number, with gaps where all rows have left. */
  get chunks(): readonly (SpanChunk | undefined)[] {
    return this.#tables.chunks;
  }

  /** Where the records of rows lie ({@link SpanChunk.record}), for scanning many of them at once. */
  get records(): Pick<ByteArena, "bytesAt" | "startAt" | "endAt"> {
    return this.#tables.records;
  }

  /** The rows of a trace in order of arrival. */
  rowsOf(slot: number): Float64Array {
    const rows = new Float64Array(this.traces.spanCount[slot] ?? 0);
    let at = rows.length;
    for (let row = this.traces.lastRow[slot] ?? NO_ROW; row !== NO_ROW && at > 0;) {
      rows[--at] = row;
      row = this.#tables.chunks[chunkIndexOf(row)]?.previousInTrace[indexInChunk(row)] ?? NO_ROW;
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
    const { records } = this.#tables;
    return partsOfRecord(records.bytesAt(address), records.startAt(address), records.endAt(address));
  }

  #clear(keepPinned: boolean, onlyReplayed: boolean): void {
    const { pinned, replayed } = this.traces;
    this.#changed.version++;
    const isKept = (slot: number): boolean =>
      (keepPinned && pinned[slot] === 1) || (onlyReplayed && replayed[slot] !== 1);
    retainTraces(this.#tables, isKept);
    this.#changed.retainHeld();
    this.#eviction.forgetRemoved();
    this.#forgetTexts();
  }

  #markPaused(pauses: readonly HeldPause[]): void {
    const { traces } = this;
    for (let slot = 0; slot < traces.slotCount && pauses.length > 0; slot++) {
      if (traces.version[slot] === 0) continue;
      const start = this.pauses.sinceBaseOf(traces.startHigh[slot], traces.startLow[slot]);
      const end = traces.runningCount[slot] === 0 ? start + traces.durationNs(slot) : Infinity;
      if (pauses.some((pause) => pause.start <= end && pause.end >= start)) this.#changed.add(slot);
    }
  }

  #evict(maxRows: number): void {
    this.#eviction.evict(this.#maxBytes, maxRows);
    this.#forgetTexts();
  }

  /** Numbers of texts begin anew where no row refers to them, nor the rest of a batch. */
  #forgetTexts(): void {
    if (this.spanCount > 0 || this.#isAppending) return;
    this.attributes.clear();
    this.names.clear();
  }
}

const EVICT_EVERY_SPANS = 1 << 16;

/** Rows that leave at a time: some ten milliseconds, and several times the spans of a part of a request. */
const EVICTED_ROWS = 1 << 14;

/** Records have 32-bit addresses; this leaves room for the largest request above the bound. */
const MAX_BYTES = 3.5 * 2 ** 30;
