import type { WireWriter } from "../../base/wire-writer.ts";
import type { RunNumber } from "../../model/ids.ts";
import { NO_OFFSET, type SpanBatch } from "../../model/span-batch.ts";
import { NOT_INTERNED } from "./byte-interner.ts";
import type { ChangedTraces } from "./changed-traces.ts";
import type { BatchOrigin } from "./origin-table.ts";
import { isSameParent, isSameRecord, isSameSource, isSameStart } from "./same-span.ts";
import {
  NAME_IN_RECORD,
  NO_ROW,
  NO_TRACE,
  STATE_ENDED,
  STATE_RUNNING,
  SpanChunk,
  chunkIndexOf,
  indexInChunk,
} from "./span-chunk.ts";
import { writeSpanRecord } from "./span-record.ts";
import type { SpanTables } from "./span-tables.ts";
import { NO_SLOT } from "./trace-table.ts";
import { judgeTwin, type TwinFate } from "./twin.ts";

/** Puts spans into the tables one by one: into a row of their own, or into that of the same span's earlier form. */
export class SpanInsertion {
  readonly #tables: SpanTables;
  readonly #changed: ChangedTraces;

  constructor(tables: SpanTables, changed: ChangedTraces) {
    this.#tables = tables;
    this.#changed = changed;
  }

  /** Takes the span of this index; tells what became of it. `origin` is the number of what `from` and its scope make. */
  insert(batch: SpanBatch, index: number, origin: number, from: BatchOrigin): TwinFate {
    const { traces, names, attributes, twins } = this.#tables;
    const slot = this.#slotFor(batch, index, from.run);
    const nameStart = batch.nameStart[index] ?? 0;
    const nameEnd = batch.nameEnd[index] ?? 0;
    const name = names.intern(0, batch.body, nameStart, nameEnd);
    const record = writeSpanRecord(batch, index, attributes, name === NOT_INTERNED);
    const nameNumber = name === NOT_INTERNED ? NAME_IN_RECORD : name;
    const at = batch.spanId[index] ?? 0;
    const idHigh = batch.words.getInt32(at);
    const idLow = batch.words.getInt32(at + 4);

    let twin = twins.find(slot, idHigh, idLow);
    for (let n = 0; twin !== NO_ROW && n < MAX_TWINS; n++) {
      const fate = this.#meetTwin(twin, batch, index, origin, from, nameNumber, record);
      if (fate === "complete") traces.touch(slot);
      if (fate !== "separate") return fate;
      twin = twins.olderThan(twin);
    }

    const row = this.#tables.nextRow++;
    const chunk = this.#openChunk(row);
    const i = indexInChunk(row);
    chunk.trace[i] = slot;
    chunk.previousInTrace[i] = traces.lastRow[slot] ?? NO_ROW;
    traces.lastRow[slot] = row;
    chunk.idHigh[i] = idHigh;
    chunk.idLow[i] = idLow;
    chunk.aliveCount++;
    this.#tables.spanCount++;
    this.#fill(chunk, i, batch, index, origin, nameNumber, record);
    twins.add(row);
    traces.touch(slot);
    return "separate";
  }

  #slotFor(batch: SpanBatch, index: number, run: RunNumber): number {
    const { traces } = this.#tables;
    const at = batch.traceId[index] ?? 0;
    const { words } = batch;
    const a = words.getInt32(at);
    const b = words.getInt32(at + 4);
    const c = words.getInt32(at + 8);
    const d = words.getInt32(at + 12);
    const known = traces.find(a, b, c, d);
    const slot = known === NO_SLOT ? traces.add(a, b, c, d) : known;
    // The first session that knows of it is the one it belongs to.
    if (traces.run[slot] === 0) traces.run[slot] = run;
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
  ): TwinFate {
    const { origins, records, traces } = this.#tables;
    const chunk = this.#tables.chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    if (chunk === undefined) return "separate";
    const heldOrigin = origins.get(chunk.origin[i] ?? 0);
    if (heldOrigin === undefined) return "separate";
    // What the debugger saw of a span is less than whatever its program tells, before or afterwards.
    if (from.channel === "debugger") return "drop";
    // It knows no kind, not always the start, and not in which session the program will tell of it.
    if (heldOrigin.channel !== "debugger") {
      if (heldOrigin.session !== from.session || !isSameStart(chunk, i, batch, index)) return "separate";
    }
    const address = chunk.record[i] ?? 0;
    const start = records.startAt(address);
    const size = records.endAt(address) - start;
    const endHigh = batch.endHigh[index] ?? 0;
    const endLow = batch.endLow[index] ?? 0;
    const equal =
      (chunk.origin[i] === origin || isSameSource(heldOrigin, origins.get(origin))) &&
      chunk.name[i] === name &&
      chunk.status[i] === batch.status[index] &&
      chunk.endHigh[i] === endHigh &&
      chunk.endLow[i] === endLow &&
      isSameParent(chunk, i, batch, index) &&
      isSameRecord(records.bytesAt(address), start, size, record);
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
    traces.count(chunk.trace[i] ?? NO_TRACE, chunk, i, -1);
    records.free(address);
    origins.release(chunk.origin[i] ?? 0);
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
    const { traces, origins, records } = this.#tables;
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
    origins.use(origin);
    chunk.record[i] = records.append(record.buffer, record.length);
    traces.count(slot, chunk, i, 1);
    traces.include(slot, startHigh, startLow);
    traces.includeEnd(slot, endHigh, endLow);
    this.#changed.add(slot);
  }

  #openChunk(row: number): SpanChunk {
    const tables = this.#tables;
    const number = chunkIndexOf(row);
    const known = tables.chunks[number];
    if (known !== undefined) return known;
    const chunk = new SpanChunk();
    tables.chunks[number] = chunk;
    tables.chunkCount++;
    return chunk;
  }
}

/** A span is compared with this many of its twins. Beyond it a resend is kept as a row of its own. */
const MAX_TWINS = 16;
