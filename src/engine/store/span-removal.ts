import { chunkIndexOf, indexInChunk, NO_ROW, NO_TRACE, type SpanChunk } from "./span-chunk.ts";
import type { SpanTables } from "./span-tables.ts";

/**
 * Takes rows of a trace out, by its slot, the newest first: `maxRows` of them, or some more where these are the last. Returns how
 * many there were; the slot is free when all are out.
 */
export function removeRows(tables: SpanTables, slot: number, maxRows: number): number {
  const { traces, twins, chunks } = tables;
  const isAll = (traces.spanCount[slot] ?? 0) <= maxRows + SURELY_INDEXED;
  let row = traces.lastRow[slot] ?? NO_ROW;
  let count = 0;
  for (; row !== NO_ROW && (isAll || count < maxRows); count++) {
    const number = chunkIndexOf(row);
    const chunk = chunks[number];
    if (chunk === undefined) break;
    const i = indexInChunk(row);
    twins.remove(row);
    // By its count a trace is known to stand in the index: that of the last rows stays until they all are out.
    if (!isAll) traces.count(slot, chunk, i, -1);
    release(tables, chunk, i);
    row = chunk.previousInTrace[i] ?? NO_ROW;
    if (chunk.aliveCount === 0) giveBack(tables, number);
  }
  if (isAll) traces.remove(slot);
  else traces.lastRow[slot] = row;
  return count;
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
    releaseUnkept(tables, chunk, kept);
    if (chunk.aliveCount === 0) giveBack(tables, number);
  }
  traces.retain(kept);
  twins.rebuild();
}

/** {@link release} for all rows whose trace has no flag of 1. */
function releaseUnkept(tables: SpanTables, chunk: SpanChunk, kept: Uint8Array): void {
  const { records, origins } = tables;
  const { trace, record, origin } = chunk;
  let count = 0;
  for (let i = 0; i < trace.length; i++) {
    const slot = trace[i] ?? NO_TRACE;
    if (slot === NO_TRACE || kept[slot] === 1) continue;
    records.free(record[i] ?? 0);
    origins.release(origin[i] ?? 0);
    trace[i] = NO_TRACE;
    count++;
  }
  chunk.aliveCount -= count;
  tables.spanCount -= count;
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

/** More rows than a trace may have without standing in the index of twins. */
const SURELY_INDEXED = 64;
