import { IntervalBuffer } from "./interval-buffer.ts";
import type { IntervalSet } from "./interval-set.ts";
import { difference, lastStartOf, lengthOf, NO_INTERVALS, type Intervals } from "./intervals.ts";

/** The spans of a trace in an order in which parents stand before their children. */
export interface PausableSpans {
  /** The parent's index, negative for none. */
  readonly parent: Int32Array;
  /** Nanoseconds since any common moment. */
  readonly start: Float64Array;
  /** Infinity while the span runs; an end before the start counts as the start. */
  readonly end: Float64Array;
  /** When the process of the span at this index was paused; undefined for never. */
  readonly pausesOf: (index: number) => IntervalSet | undefined;
  /** When any of these processes was paused. */
  readonly anyPause: IntervalSet;
}

export interface Standstill {
  /** Nanoseconds of each span during which it stood still, without a standstill that lasts. */
  readonly stoodNs: Float64Array<ArrayBuffer>;
  /** Since when a span stands still now; NaN for one that does not. */
  readonly heldSince: Float64Array<ArrayBuffer>;
  /** When the trace as a whole stood still. */
  readonly whole: Intervals;
}

/**
 * When each span of a trace stood still because the debugger held a process. With P(s) the pauses of the span's own
 * process, and children clipped to their parent, a span stands still during
 *
 *     Z(s) = (P(s) ∪ ⋃ Z(child)) ∩ [start, end]  less  ⋃ ([child] less Z(child))
 *
 * that is: while its own process or that of a descendant at work was paused, unless another descendant went on
 * meanwhile. A caller of a paused process waits for the person, so the pause is not the caller's time; but while a
 * callee goes on working during the caller's pause, that work is what the caller would have waited for anyway.
 *
 * A span's adjusted duration is its wall time less the length of Z. It follows that
 * - 0 ≤ adjusted ≤ wall, since Z lies within [start, end];
 * - without pauses it is the wall time: P is empty everywhere, and Z by induction from the leaves;
 * - a child inside its parent has no more than the parent: what the child has, [child] less Z(child), was taken out of
 *   Z(parent), and so is part of what the parent has.
 *
 * All three hold for any tree. A span whose parent has not arrived may therefore be hung under whoever is supposed to
 * have called it (call-order.ts): as long as links that were received stay, a child's parent is its parent here, too.
 *
 * The trace as a whole stands still while a span does and none goes on: it is the parent, without a process of its own,
 * of the roots and of every span that is not inside its parent. So what is whole lies in every span's Z.
 */
export function findStandstill(spans: PausableSpans): Standstill {
  const { parent, anyPause } = spans;
  const count = parent.length;
  const stoodNs = new Float64Array(count);
  const heldSince = new Float64Array(count).fill(Number.NaN);
  const branches = new Branches(spans);
  for (let span = count - 1; span >= 0; span--) {
    const start = spans.start[span] ?? 0;
    const end = Math.max(spans.end[span] ?? 0, start);
    const own = spans.pausesOf(span);
    const stood = anyPause.meets(start, end) ? branches.standstillOf(span, start, end, own) : NO_INTERVALS;
    branches.add(span, own, stood);
    stoodNs[span] = lengthOf(stood);
    heldSince[span] = lastStartOf(stood) ?? Number.NaN;
  }
  return { stoodNs, heldSince, whole: branches.whole };
}

/** Stands for a branch whose spans are of several processes. */
const MIXED = Symbol("several processes");

/** The branches that have been looked at, as lists of siblings under each parent. */
class Branches {
  readonly #spans: PausableSpans;
  /** Index + 1, 0 for none. */
  readonly #firstChild: Uint32Array;
  readonly #nextSibling: Uint32Array;
  /** The pauses that all of the branch's processes have in common, or MIXED. */
  readonly #process: (IntervalSet | typeof MIXED | undefined)[];
  /** Until the parent has asked. Most are empty and not kept. */
  readonly #stood = new Map<number, Intervals>();
  readonly #branch = new Branch();
  readonly #whole = new Branch();

  constructor(spans: PausableSpans) {
    const count = spans.parent.length;
    this.#spans = spans;
    this.#firstChild = new Uint32Array(count);
    this.#nextSibling = new Uint32Array(count);
    this.#process = new Array<IntervalSet | typeof MIXED | undefined>(count).fill(undefined);
  }

  /** When the trace as a whole stood still, once all spans have been added. */
  get whole(): Intervals {
    return this.#whole.stood;
  }

  /** Called for each span after its children. */
  add(span: number, own: IntervalSet | undefined, stood: Intervals): void {
    const { parent, start, end } = this.#spans;
    this.#process[span] = this.#isOfOneProcess(span, own) ? own : MIXED;
    if (stood.length > 0) this.#stood.set(span, stood);
    const up = parent[span] ?? -1;
    const from = start[span] ?? 0;
    const to = end[span] ?? 0;
    if (up < 0 || from < (start[up] ?? 0) || to > (end[up] ?? 0)) this.#join(this.#whole, span, from, to);
    if (up < 0) return;
    this.#nextSibling[span] = this.#firstChild[up] ?? 0;
    this.#firstChild[up] = span + 1;
  }

  standstillOf(span: number, start: number, end: number, own: IntervalSet | undefined): Intervals {
    const clipped = own?.clip(start, end) ?? NO_INTERVALS;
    // Where all are of one process, all stand still together.
    if (this.#isOfOneProcess(span, own)) return clipped;
    const branch = this.#branch;
    branch.begin(clipped);
    this.#eachChild(span, (child) => {
      const from = Math.max(this.#spans.start[child] ?? 0, start);
      const to = Math.min(this.#spans.end[child] ?? 0, end);
      this.#join(branch, child, from, to);
      this.#stood.delete(child);
    });
    return branch.stood;
  }

  #join(branch: Branch, span: number, from: number, to: number): void {
    // Whoever works while nobody is paused takes nothing out of a pause.
    if (this.#spans.anyPause.meets(from, to)) branch.add(from, to, this.#stood.get(span) ?? NO_INTERVALS);
  }

  #isOfOneProcess(span: number, own: IntervalSet | undefined): boolean {
    for (let next = this.#firstChild[span] ?? 0; next > 0; next = this.#nextSibling[next - 1] ?? 0)
      if (this.#process[next - 1] !== own) return false;
    return true;
  }

  #eachChild(span: number, visit: (child: number) => void): void {
    for (let next = this.#firstChild[span] ?? 0; next > 0; next = this.#nextSibling[next - 1] ?? 0)
      visit(next - 1);
  }
}

/** What stood still and what went on in a branch, of which one child after the other is told. */
class Branch {
  readonly #paused = new IntervalBuffer();
  readonly #active = new IntervalBuffer();

  begin(own: Intervals): void {
    this.#paused.clear();
    this.#active.clear();
    for (let i = 0; i < own.length; i += 2) this.#paused.add(own[i] ?? 0, own[i + 1] ?? 0);
  }

  add(from: number, to: number, childStood: Intervals): void {
    let activeFrom = from;
    for (let i = 0; i < childStood.length; i += 2) {
      const start = Math.max(childStood[i] ?? 0, from);
      const end = Math.min(childStood[i + 1] ?? 0, to);
      if (!(start < end)) continue;
      this.#paused.add(start, end);
      this.#active.add(activeFrom, start);
      activeFrom = end;
    }
    this.#active.add(activeFrom, to);
  }

  get stood(): Intervals {
    return difference(this.#paused.union(), this.#active.union());
  }
}
