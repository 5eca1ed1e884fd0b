import type { Pause } from "../../model/pause.ts";

/** A stretch during which the runtime itself held its program, by the program's clock. Nanoseconds since the epoch. */
export interface Hold {
  readonly startNs: bigint;
  /** Undefined while it lasts. */
  readonly endNs: bigint | undefined;
}

/** Two processes of a machine read its clock so far apart, and an adapter confirms a step that much before it is made. */
const TOLERANCE_NS = 5_000_000n;

/** What is told later than this of a hold is another matter: a debugger that came to a program that stood already. */
const MAX_LATE_NS = 5_000_000_000n;

/**
 * A pause as the debugger tells it, with the moments of the holds that it is made of: the debugger says both a while after
 * they were. It begins with the hold that lasted when its beginning was told, and ends with the last one that was over when
 * its end was told (a stop that is led to another line is several). Holds that nobody calls a pause count for nothing, and
 * where no hold fits, the debugger's word stays.
 *
 * @param holds one after the other
 */
export function refinePause(told: Pause, holds: readonly Hold[]): Pause {
  const startNs = BigInt(told.startTimeUnixNano);
  const first = holds.findLastIndex((hold) => hold.startNs <= startNs + TOLERANCE_NS);
  const hold = holds[first];
  if (hold === undefined || startNs - hold.startNs > MAX_LATE_NS) return told;
  if (hold.endNs !== undefined && hold.endNs + TOLERANCE_NS < startNs) return told;
  const refined = { ...told, startTimeUnixNano: hold.startNs.toString() };
  if (told.endTimeUnixNano === undefined) return refined;
  const endNs = BigInt(told.endTimeUnixNano);
  const last = holds.slice(first).findLast((one) => wasOver(one, endNs));
  return { ...refined, endTimeUnixNano: later(last?.endNs ?? endNs, hold.startNs).toString() };
}

function wasOver({ startNs, endNs }: Hold, toldNs: bigint): boolean {
  if (endNs === undefined || startNs > toldNs) return false;
  return endNs <= toldNs + TOLERANCE_NS && toldNs - endNs <= MAX_LATE_NS;
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
