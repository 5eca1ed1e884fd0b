import { PARENT_MISSING, PARENT_ROOT } from "../../model/trace.ts";
import { chunkIndexOf, indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { ROWS_PER_YIELD, runAtOnce, type Sliced } from "./slices.ts";
import { sortedOrder } from "./sorted-order.ts";
import { SpanIdTable } from "./span-id-table.ts";

/** A trace's rows in depth-first order: a parent before its children, siblings by their start. */
export interface TraceOrder {
  readonly rows: Float64Array<ArrayBuffer>;
  /** The parent's index in `rows`, PARENT_ROOT or PARENT_MISSING. */
  readonly parent: Int32Array<ArrayBuffer>;
  /** From 0; what is deeper than 65,535 counts as that deep. */
  readonly depth: Uint16Array<ArrayBuffer>;
  /** Rows that `limit` cut off. Parents come first, so that whoever is in has its parent in. */
  readonly omittedCount: number;
}

/** {@link orderTraceSliced} in one piece. */
export function orderTrace(store: SpanStore, slot: number, limit: number): TraceOrder {
  return runAtOnce(orderTraceSliced(store, slot, limit));
}

/**
 * Orders the rows of the trace in this slot. Parents that name each other in a circle, or themselves, do no harm:
 * the earliest span of the circle becomes a root.
 */
export function* orderTraceSliced(store: SpanStore, slot: number, limit: number): Sliced<TraceOrder> {
  const rows = yield* rowsByStart(store, slot);
  const links = yield* linkChildren(store, rows);
  const count = Math.min(rows.length, limit);
  const order: TraceOrder = {
    rows: new Float64Array(count),
    parent: new Int32Array(count),
    depth: new Uint16Array(count),
    omittedCount: rows.length - count,
  };
  const visited = new Uint8Array(rows.length);
  let filled = 0;
  const walk = function* (root: number): Sliced<void> {
    // A node and the place of its parent in the order, in pairs.
    const stack: number[] = [root, links.missing[root] === 1 ? PARENT_MISSING : PARENT_ROOT];
    while (stack.length > 0 && filled < count) {
      const parentPlace = stack.pop() ?? PARENT_ROOT;
      const node = stack.pop() ?? 0;
      if (visited[node] === 1) continue;
      visited[node] = 1;
      const place = filled++;
      if (place % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
      order.rows[place] = rows[node] ?? 0;
      order.parent[place] = parentPlace;
      order.depth[place] = parentPlace < 0 ? 0 : Math.min((order.depth[parentPlace] ?? 0) + 1, 0xffff);
      // Links lead from the last child to the first, so that the first is on top of the stack.
      for (
        let child = links.lastChild[node] ?? 0;
        child !== 0;
        child = links.previousSibling[child - 1] ?? 0
      ) {
        stack.push(child - 1, place);
      }
    }
  };
  for (let node = 0; node < rows.length && filled < count; node++) {
    if (links.isRoot[node] === 1) yield* walk(node);
  }
  for (let node = 0; node < rows.length && filled < count; node++) {
    if (visited[node] === 0) yield* walk(node);
  }
  return order;
}

/** Rows of a trace by start, those of the same start in order of arrival. */
function* rowsByStart(store: SpanStore, slot: number): Sliced<Float64Array> {
  const rows = store.rowsOf(slot);
  const { traces, chunks } = store;
  const baseHigh = traces.startHigh[slot] ?? 0;
  const baseLow = traces.startLow[slot] ?? 0;
  const starts = new Float64Array(rows.length);
  let sorted = true;
  for (let n = 0; n < rows.length; n++) {
    const row = rows[n] ?? 0;
    const chunk = chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    starts[n] = ((chunk?.startHigh[i] ?? 0) - baseHigh) * 2 ** 32 + ((chunk?.startLow[i] ?? 0) - baseLow);
    if (n > 0 && (starts[n - 1] ?? 0) > (starts[n] ?? 0)) sorted = false;
    if (n % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
  if (sorted) return rows;
  const order = yield* sortedOrder(starts);
  const result = new Float64Array(rows.length);
  for (let n = 0; n < order.length; n++) result[n] = rows[order[n] ?? 0] ?? 0;
  return result;
}

interface Links {
  /** Child + 1, 0 for none. */
  readonly lastChild: Uint32Array;
  readonly previousSibling: Uint32Array;
  readonly isRoot: Uint8Array;
  readonly missing: Uint8Array;
}

function* linkChildren(store: SpanStore, rows: Float64Array): Sliced<Links> {
  const { chunks } = store;
  const ids = new SpanIdTable(rows.length);
  for (let node = 0; node < rows.length; node++) {
    const row = rows[node] ?? 0;
    const chunk = chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    ids.add(chunk?.idHigh[i] ?? 0, chunk?.idLow[i] ?? 0);
    if (node % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
  const links: Links = {
    lastChild: new Uint32Array(rows.length),
    previousSibling: new Uint32Array(rows.length),
    isRoot: new Uint8Array(rows.length),
    missing: new Uint8Array(rows.length),
  };
  for (let node = 0; node < rows.length; node++) {
    const row = rows[node] ?? 0;
    const chunk = chunks[chunkIndexOf(row)];
    const i = indexInChunk(row);
    const high = chunk?.parentHigh[i] ?? 0;
    const low = chunk?.parentLow[i] ?? 0;
    const isRoot = high === 0 && low === 0;
    const parent = isRoot ? -1 : parentOf(store, rows, ids, node, high, low);
    if (parent >= 0 && parent !== node) {
      links.previousSibling[node] = links.lastChild[parent] ?? 0;
      links.lastChild[parent] = node + 1;
    } else {
      links.isRoot[node] = 1;
      if (!isRoot && parent < 0) links.missing[node] = 1;
    }
    if (node % ROWS_PER_YIELD === ROWS_PER_YIELD - 1) yield;
  }
  return links;
}

/** Of several spans with the parent's id (Zipkin's client and server share it), the one of the child's own process, else the first. */
function parentOf(
  store: SpanStore,
  rows: Float64Array,
  ids: SpanIdTable,
  node: number,
  high: number,
  low: number,
): number {
  const first = ids.find(high, low);
  if (first < 0 || ids.next(first) < 0) return first;
  const origin = originOf(store, rows[node] ?? 0);
  let looked = 0;
  for (let other = first; other >= 0 && looked < MAX_SHARED; other = ids.next(other), looked++) {
    if (other !== node && originOf(store, rows[other] ?? 0) === origin) return other;
  }
  return first;
}

/** How many spans of one id are looked at; more than a few are no client and server any more. */
const MAX_SHARED = 8;

function originOf(store: SpanStore, row: number): number {
  return store.chunks[chunkIndexOf(row)]?.origin[indexInChunk(row)] ?? 0;
}
