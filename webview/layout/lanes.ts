import { PARENT_MISSING, type TraceColumns } from "../../src/model/trace.ts";
import { FirstFitTracks } from "./first-fit-tracks.ts";

/** Where the spans of a trace stand in the timeline: a lane is a row of bars that never overlap in time. */
export interface LaneLayout {
  readonly laneCount: number;
  /** Each span's lane, from 0 at the top. */
  readonly lane: Uint32Array;
  /** Span indices lane after lane, by start within a lane. */
  readonly order: Uint32Array;
  /** Lane `l` owns `order[laneStart[l]]` up to, excluding, `order[laneStart[l + 1]]`. */
  readonly laneStart: Uint32Array;
  /** Spans whose parent is named but missing; the parent's place is kept free in the lane above. */
  readonly orphans: Uint32Array;
  /** From and to when the missing parent must have run at least, per entry of `orphans`, in nanoseconds. */
  readonly orphanStart: Float64Array;
  readonly orphanEnd: Float64Array;
}

/**
 * Gives every span a lane below its parent's. Siblings whose branches run at the same time get a block of lanes each;
 * branches that follow one another share one. A running span keeps its lanes to itself from its start on.
 *
 * Takes O(n log n) for n spans, whatever their shape.
 */
export function layoutLanes(columns: TraceColumns): LaneLayout {
  const steps = layoutLanesInSteps(columns);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Spans between two pauses of {@link layoutLanesInSteps}: about a millisecond's work. */
const STEP_SPANS = 4096;

/** The same as {@link layoutLanes} in small steps, so that a large trace does not hold up the page. */
export function* layoutLanesInSteps(columns: TraceColumns): Generator<undefined, LaneLayout> {
  const count = columns.spanCount;
  const branchStart = columns.start.slice(0, count);
  const branchEnd = occupiedEnds(columns);
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const height = new Uint32Array(count);
  const offset = new Uint32Array(count);
  const tracks = new FirstFitTracks(branchStart, branchEnd, height, offset);
  const orphans: number[] = [];
  let firstRoot = -1;

  // Depth-first columns read backwards: every branch is complete when its root's turn comes.
  for (let span = count - 1; span >= 0; span -= 1) {
    if (span % STEP_SPANS === 0) yield;
    const missing = columns.parent[span] === PARENT_MISSING;
    height[span] = 1 + tracks.pack(firstChild[span] ?? -1, nextSibling) + (missing ? 1 : 0);
    if (missing) orphans.push(span);
    const parent = parentIndex(columns, span);
    if (parent < 0) {
      nextSibling[span] = firstRoot;
      firstRoot = span;
      continue;
    }
    nextSibling[span] = firstChild[parent] ?? -1;
    firstChild[parent] = span;
    branchStart[parent] = Math.min(branchStart[parent] ?? 0, branchStart[span] ?? 0);
    branchEnd[parent] = Math.max(branchEnd[parent] ?? 0, branchEnd[span] ?? 0);
  }
  const laneCount = tracks.pack(firstRoot, nextSibling);
  yield;

  const lane = new Uint32Array(count);
  for (let span = 0; span < count; span += 1) {
    const parent = parentIndex(columns, span);
    const top = parent < 0 ? 0 : (lane[parent] ?? 0) + 1;
    lane[span] = top + (offset[span] ?? 0) + (columns.parent[span] === PARENT_MISSING ? 1 : 0);
  }
  yield;
  const order = orderByLane(lane, laneCount, columns.start);
  orphans.reverse();
  return {
    laneCount,
    lane,
    ...order,
    orphans: Uint32Array.from(orphans),
    orphanStart: Float64Array.from(orphans, (span) => branchStart[span] ?? 0),
    orphanEnd: Float64Array.from(orphans, (span) => branchEnd[span] ?? 0),
  };
}

/** The parent's index, or -1 where the span has none here. A parent that does not stand before its child is none. */
export function parentIndex(columns: TraceColumns, span: number): number {
  const parent = columns.parent[span] ?? -1;
  return parent >= 0 && parent < span ? parent : -1;
}

/** A span takes at least the nanosecond that it begins in; one that runs takes all the time from its start. */
function occupiedEnds(columns: TraceColumns): Float64Array {
  const ends = new Float64Array(columns.spanCount);
  for (let span = 0; span < ends.length; span += 1) {
    const end = columns.end[span] ?? Number.NaN;
    ends[span] = Number.isNaN(end) ? Infinity : Math.max(end, (columns.start[span] ?? 0) + 1);
  }
  return ends;
}

function orderByLane(
  lane: Uint32Array,
  laneCount: number,
  start: Float64Array,
): { readonly order: Uint32Array; readonly laneStart: Uint32Array } {
  const laneStart = new Uint32Array(laneCount + 1);
  for (const one of lane) laneStart[one + 1] = (laneStart[one + 1] ?? 0) + 1;
  for (let l = 0; l < laneCount; l += 1) laneStart[l + 1] = (laneStart[l + 1] ?? 0) + (laneStart[l] ?? 0);

  const order = new Uint32Array(lane.length);
  const next = laneStart.slice(0, laneCount);
  const unsorted = new Set<number>();
  for (let span = 0; span < lane.length; span += 1) {
    const l = lane[span] ?? 0;
    const place = next[l] ?? 0;
    order[place] = span;
    next[l] = place + 1;
    const before = order[place - 1] ?? 0;
    if (place > (laneStart[l] ?? 0) && (start[before] ?? 0) > (start[span] ?? 0)) unsorted.add(l);
  }
  // Columns come by start; only clocks that disagree, a child before its parent, put a lane out of order.
  for (const l of unsorted) {
    order.subarray(laneStart[l], laneStart[l + 1]).sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0));
  }
  return { order, laneStart };
}
