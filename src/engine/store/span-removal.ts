import type { AttributeDictionary } from "./attribute-dictionary.ts";
import type { ByteArena } from "./byte-arena.ts";
import type { ByteInterner } from "./byte-interner.ts";
import type { OriginTable } from "./origin-table.ts";
import { chunkIndexOf, indexInChunk, NO_ROW, NO_TRACE, type SpanChunk } from "./span-chunk.ts";
import type { TraceTable } from "./trace-table.ts";
import type { TwinIndex } from "./twin-index.ts";

/** All that rows are in, and refer to. */
export interface SpanTables {
  readonly traces: TraceTable;
  readonly origins: OriginTable;
  readonly attributes: AttributeDictionary;
  readonly names: ByteInterner;
  readonly records: ByteArena;
  readonly twins: TwinIndex;
  /** By chunk number; undefined where all rows have left. */
  readonly chunks: (SpanChunk | undefined)[];
}

/** How many rows and chunks have left. */
export interface Removed {
  readonly rows: number;
  readonly chunks: number;
}

/** Takes a trace out, by its slot. A million rows take less than a tenth of a second. */
export function removeTrace(tables: SpanTables, slot: number): Removed {
  const { traces, twins } = tables;
  const isInBulk = isQuickerInBulk(traces, slot);
  let rows = 0;
  let chunks = 0;
  for (let row = traces.lastRow[slot] ?? NO_ROW; row !== NO_ROW; rows++) {
    const number = chunkIndexOf(row);
    const chunk = tables.chunks[number];
    if (chunk === undefined) break;
    const i = indexInChunk(row);
    if (!isInBulk) twins.remove(row);
    release(tables, chunk, i);
    row = chunk.previousInTrace[i] ?? NO_ROW;
    if (chunk.aliveCount > 0) continue;
    tables.chunks[number] = undefined;
    chunks++;
  }
  traces.remove(slot);
  if (isInBulk) twins.rebuild();
  return { rows, chunks };
}

/** Takes all traces out but those that are to be kept. Costs little for each row that leaves, and more for each that stays. */
export function retainTraces(tables: SpanTables, isKept: (slot: number) => boolean): Removed {
  const { traces, twins } = tables;
  const kept = new Uint8Array(traces.slotCount);
  for (let slot = 0; slot < kept.length; slot++)
    kept[slot] = traces.version[slot] !== 0 && isKept(slot) ? 1 : 0;
  if (!kept.includes(1)) return removeAll(tables);
  let rows = 0;
  let chunks = 0;
  for (const [number, chunk] of tables.chunks.entries()) {
    if (chunk === undefined) continue;
    for (let i = 0; i < chunk.trace.length; i++) {
      const slot = chunk.trace[i] ?? NO_TRACE;
      if (slot === NO_TRACE || kept[slot] === 1) continue;
      release(tables, chunk, i);
      rows++;
    }
    if (chunk.aliveCount > 0) continue;
    tables.chunks[number] = undefined;
    chunks++;
  }
  traces.retain(kept);
  twins.rebuild();
  return { rows, chunks };
}

/** Begins anew. Numbers of rows go on, since none is used twice: so do those of chunks. */
function removeAll({ traces, origins, attributes, names, records, twins, chunks }: SpanTables): Removed {
  let rowCount = 0;
  let chunkCount = 0;
  for (const [number, chunk] of chunks.entries()) {
    if (chunk === undefined) continue;
    rowCount += chunk.aliveCount;
    chunkCount++;
    // Whoever still holds the chunk sees that its rows have left.
    chunk.trace.fill(NO_TRACE);
    chunk.aliveCount = 0;
    chunks[number] = undefined;
  }
  traces.retain(new Uint8Array(traces.slotCount));
  twins.rebuild();
  origins.clear();
  attributes.clear();
  names.clear();
  records.clear();
  return { rows: rowCount, chunks: chunkCount };
}

/** Marks a row as one that has left, and gives back what it refers to. */
function release({ origins, records }: SpanTables, chunk: SpanChunk, i: number): void {
  records.free(chunk.record[i] ?? 0);
  origins.release(chunk.origin[i] ?? 0);
  chunk.trace[i] = NO_TRACE;
  chunk.aliveCount--;
}

/** Whether it is quicker to index the rows of all other large traces again than to take this trace's out of the index one by one. */
function isQuickerInBulk({ spanCount, version, slotCount }: TraceTable, slot: number): boolean {
  const count = spanCount[slot] ?? 0;
  if (count < LARGE) return false;
  let others = -count;
  for (let other = 0; other < slotCount; other++) {
    const rows = version[other] === 0 ? 0 : (spanCount[other] ?? 0);
    if (rows >= SURELY_INDEXED) others += rows;
  }
  return others < count * 4;
}

/** Some ten milliseconds when taken out one by one. */
const LARGE = 20_000;
/** About as many rows as a trace has to have to stand in the index. */
const SURELY_INDEXED = 24;
