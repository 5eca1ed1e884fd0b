import type { IntervalSet } from "./interval-set.ts";
import type { PausableSpans } from "./standstill.ts";

export interface FailableSpans extends PausableSpans {
  readonly failed: (index: number) => boolean;
  /** A number for the service that the span is of. */
  readonly serviceOf: (index: number) => number;
  /** Whether the span is a call to somebody else, as its kind says. */
  readonly calls: (index: number) => boolean;
}

/** A process that was paused, with the set that {@link PausableSpans.pausesOf} gives for its spans. */
export type PausedProcess = IntervalSet;

/** A socket that a paused process let go stale is closed, and its peer fails, right after the process goes on. */
const AFTERMATH_NS = 100e6;

/** Told apart by bits of one number; a trace through more processes that were paused is none that a person debugs. */
const MAX_PROCESSES = 30;

/**
 * Which spans failed because somebody else was paused, and who: a number into `processes`, -1 for all other spans. A
 * span that failed is one of them if none of the spans under it failed for a reason of its own, its own process was not
 * paused when it failed, and one of these holds:
 *
 * - **it waited**: a process that ran a span under it was paused while it lasted, and none of that process' spans failed;
 * - **it was not answered**: it is a call under which no other service has a span, and another process was paused at the
 *   moment at which it failed, or until 100 ms before;
 * - **it passed on**: a span under it failed for such a reason.
 */
export function findFailedInPause(spans: FailableSpans, processes: readonly PausedProcess[]): Int8Array {
  const { parent } = spans;
  const known = processes.slice(0, MAX_PROCESSES);
  const found = new Int8Array(parent.length).fill(-1);
  /** What is known of the spans under each one: processes, those with failures, and how children failed. */
  const under = new Uint32Array(parent.length);
  const failing = new Uint32Array(parent.length);
  const foreign = new Uint8Array(parent.length);
  const genuine = new Uint8Array(parent.length);
  const cause = new Int8Array(parent.length).fill(-1);

  for (let span = parent.length - 1; span >= 0; span--) {
    const own = spans.pausesOf(span);
    const ownBit = own === undefined ? 0 : bitOf(known.indexOf(own));
    const failed = spans.failed(span);
    let why = -1;
    if (failed && genuine[span] === 0 && !isPausedAtEnd(own, spans.end[span] ?? 0)) {
      const candidates = (under[span] ?? 0) & ~(failing[span] ?? 0) & ~ownBit;
      why = cause[span] ?? -1;
      if (why < 0)
        why = known.findIndex((set, n) => (candidates & bitOf(n)) !== 0 && isMet(spans, span, set));
      if (why < 0 && spans.calls(span) && foreign[span] === 0)
        why = known.findIndex((set) => set !== own && isPausedAtEnd(set, spans.end[span] ?? 0));
      found[span] = why;
    }
    const up = parent[span] ?? -1;
    if (up < 0) continue;
    under[up] = (under[up] ?? 0) | (under[span] ?? 0) | ownBit;
    failing[up] = (failing[up] ?? 0) | (failing[span] ?? 0) | (failed && why < 0 ? ownBit : 0);
    if (foreign[span] === 1 || spans.serviceOf(span) !== spans.serviceOf(up)) foreign[up] = 1;
    if (genuine[span] === 1 || (failed && why < 0)) genuine[up] = 1;
    if (why >= 0) cause[up] = why;
    else if ((cause[up] ?? -1) < 0) cause[up] = cause[span] ?? -1;
  }
  return found;
}

function isMet(spans: FailableSpans, span: number, set: IntervalSet): boolean {
  return set.meets(spans.start[span] ?? 0, spans.end[span] ?? 0);
}

function isPausedAtEnd(set: IntervalSet | undefined, end: number): boolean {
  return set?.meets(end - AFTERMATH_NS, end) === true;
}

function bitOf(index: number): number {
  return index < 0 ? 0 : 1 << index;
}
