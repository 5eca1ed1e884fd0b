import { chunkIndexOf, indexInChunk, NO_ROW, NO_TRACE, type SpanChunk } from "./span-chunk.ts";
import type { SpanTables } from "./span-tables.ts";
import type { TraceTable } from "./trace-table.ts";

/** Takes a trace out, by its slot. A million rows take less than a tenth of a second. */
export function removeTrace(tables: SpanTables, slot: number): void {
  const { traces, twins } = tables;
  const isInBulk = isQuickerInBulk(traces, slot);
  for (let row = traces.lastRow[slot] ?? NO_ROW; row !== NO_ROW;) {
    const number = chunkIndexOf(row);
    const chunk = tables.chunks[number];
    if (chunk === undefined) break;
    const i = indexInChunk(row);
    if (!isInBulk) twins.remove(row);
    release(tables, chunk, i);
    row = chunk.previousInTrace[i] ?? NO_ROW;
    if (chunk.aliveCount === 0) giveBack(tables, number);
  }
  traces.remove(slot);
  if (isInBulk) twins.rebuild();
}

/** Takes all traces out but those that are to be kept. Costs little for each row that leaves, and more for each that stays. */
export function retainTraces(tables: SpanTables, isKept: (slot: number) => boolean): void {
  const { traces, twins } = tables;
  const kept = new Uint8Array(traces.slotCount);
  for (let slot = 0; slot < kept.length; slot++)
    kept[slot] = traces.version[slot] !== 0 && isKept(slot) ? 1 : 0;
  if (!kept.includes(1)) {
    removeAll(tables);
    return;
  }
  for (const [number, chunk] of tables.chunks.entries()) {
    if (chunk === undefined) continue;
    for (let i = 0; i < chunk.trace.length; i++) {
      const slot = chunk.trace[i] ?? NO_TRACE;
      if (slot === NO_TRACE || kept[slot] === 1) continue;
      release(tables, chunk, i);
    }
    if (chunk.aliveCount === 0) giveBack(tables, number);
  }
  traces.retain(kept);
  twins.rebuild();
}

/** Begins anew. Numbers of rows go on, since none is used twice: so do those of chunks. */
function removeAll(tables: SpanTables): void {
  const { traces, origins, attributes, names, records, twins, chunks } = tables;
  for (const [number, chunk] of chunks.entries()) {
    if (chunk === undefined) continue;
    // Whoever still holds the chunk sees that its rows have left.
    chunk.trace.fill(NO_TRACE);
    tables.spanCount -= chunk.aliveCount;
    chunk.aliveCount = 0;
    giveBack(tables, number);
  }
  traces.retain(new Uint8Array(traces.slotCount));
  twins.rebuild();
  origins.clear();
  attributes.clear();
  names.clear();
  records.clear();
}

/** Marks a row as one that has left, and gives back what it refers to. */
function release(tables: SpanTables, chunk: SpanChunk, i: number): void {
  tables.records.free(chunk.record[i] ?? 0);
  tables.origins.release(chunk.origin[i] ?? 0);
  tables.spanCount--;
  chunk.trace[i] = NO_TRACE;
  chunk.aliveCount--;
}

/** Lets a chunk go, all of whose rows have left. */
function giveBack(tables: SpanTables, number: number): void {
  tables.chunks[number] = undefined;
  tables.chunkCount--;
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
