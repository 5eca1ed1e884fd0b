import { PARENT_MISSING, PARENT_ROOT } from "../../model/trace.ts";
import type { IntervalSet } from "../pause/interval-set.ts";
import type { SpanStore } from "../store/span-store.ts";
import { CallerGuess } from "./guess-caller.ts";
import type { SpanTimes } from "./span-times.ts";
import type { TraceOrder } from "./trace-order.ts";

/** A trace as who waits for whom: with callers for spans whose parent has not arrived. For durations, not for drawing. */
export interface CallOrder extends Pick<TraceOrder, "rows"> {
  /** The index in `rows` of the parent, or the supposed caller; negative for none. Callers come before their callees. */
  readonly parent: Int32Array;
  /** Brings a column of `rows` into the trace's order. */
  readonly toTraceOrder: <T extends Float64Array | Int8Array>(column: T) => T;
}

/** Callers are guessed for no more spans than this: a guess looks at the whole trace. */
const MAX_GUESSES = 100;

/**
 * Hangs every span whose parent is missing under its supposed caller ({@link CallerGuess}), else under the trace's root:
 * whoever made the call waits for it, though nobody has told of that yet. Only spans that meet a pause are looked at,
 * since the others hold nobody up. Links that were received stay as they are, and no circle is made.
 */
export function orderCalls(
  store: SpanStore,
  order: TraceOrder,
  times: SpanTimes,
  anyPause: IntervalSet,
): CallOrder {
  const { parent } = order;
  const tops = [...parent.keys()].filter((n) => (parent[n] ?? -1) < 0);
  const orphans = tops.filter(
    (n) => parent[n] === PARENT_MISSING && anyPause.meets(times.start[n] ?? 0, times.end[n] ?? 0),
  );
  if (orphans.length === 0) return { rows: order.rows, parent, toTraceOrder: (column) => column };
  const callers = callersOf(orphans, tops, parent, new CallerGuess(store, order, times));
  return withCallers(order, tops, callers);
}

/** By orphan, the index of its caller. */
function callersOf(
  orphans: readonly number[],
  tops: readonly number[],
  parent: Int32Array,
  guess: CallerGuess,
): ReadonlyMap<number, number> {
  const callers = new Map<number, number>();
  const root = parent.indexOf(PARENT_ROOT);
  const topOf = (span: number): number => {
    let top = branchOf(tops, span);
    for (let caller = callers.get(top); caller !== undefined; caller = callers.get(top))
      top = branchOf(tops, caller);
    return top;
  };
  orphans.forEach((orphan, n) => {
    const guessed = n < MAX_GUESSES ? guess.of(orphan, (caller) => topOf(caller) !== orphan) : undefined;
    if (guessed !== undefined) callers.set(orphan, guessed);
    else if (root >= 0) callers.set(orphan, root);
  });
  return callers;
}

/** The first span of the branch that a span is in: branches lie one after the other. */
function branchOf(tops: readonly number[], span: number): number {
  let low = 0;
  let high = tops.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle] ?? 0) <= span) low = middle + 1;
    else high = middle;
  }
  return tops[low - 1] ?? 0;
}

/** Moves each branch behind the one that its caller is in. */
function withCallers(
  order: TraceOrder,
  tops: readonly number[],
  callers: ReadonlyMap<number, number>,
): CallOrder {
  const { parent } = order;
  const places = new Int32Array(parent.length).fill(-1);
  const moved: number[] = [];
  for (const top of tops)
    for (const branch of branchesUpFrom(top, tops, callers, (at) => (places[at] ?? -1) >= 0).reverse())
      for (let n = branch; n === branch || (parent[n] ?? -1) >= 0; n++) places[n] = moved.push(n) - 1;
  return {
    rows: Float64Array.from(moved, (n) => order.rows[n] ?? 0),
    parent: Int32Array.from(moved, (n) => places[callers.get(n) ?? parent[n] ?? -1] ?? -1),
    toTraceOrder: (column) => column.slice().map((_, n) => column[places[n] ?? -1] ?? 0) as typeof column,
  };
}

/** A branch, the one that calls it, the one that calls that, until one that has been placed. */
function branchesUpFrom(
  top: number,
  tops: readonly number[],
  callers: ReadonlyMap<number, number>,
  isPlaced: (top: number) => boolean,
): number[] {
  const branches: number[] = [];
  for (let at: number | undefined = top; at !== undefined && !isPlaced(at);) {
    branches.push(at);
    const caller = callers.get(at);
    at = caller === undefined ? undefined : branchOf(tops, caller);
  }
  return branches;
}
