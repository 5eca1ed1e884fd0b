import { STATE_ENDED, STATE_LOST, STATE_RUNNING } from "./span-chunk.ts";

/** Where a span stands and where it came from, as far as that decides what happens to two with the same ids. */
interface TwinFacts {
  readonly state: number;
  readonly endHigh: number;
  readonly endLow: number;
  /** Whether it came over an agent's channel. */
  readonly byAgent: boolean;
  /** Bytes of its record: the fuller span has more. */
  readonly size: number;
}

/**
 * What happens to a span that arrives:
 * - `drop`: nothing is new
 * - `complete`: it is a span that is held, later; it takes that one's row
 * - `separate`: it is another span, and gets a row of its own
 */
export type TwinFate = "drop" | "complete" | "separate";

/** The fate of a span that arrives with the session, trace id, span id, kind and start of one that is held. */
export function judgeTwin(held: TwinFacts, arriving: TwinFacts, equal: boolean): TwinFate {
  if (equal) return "drop";
  if (arriving.state === STATE_RUNNING) {
    // A start that was overtaken by its end, or by the end of its process, opens nothing again.
    return held.state === STATE_RUNNING ? "complete" : "drop";
  }
  if (held.state === STATE_RUNNING || held.state === STATE_LOST) return "complete";
  const sameEnd = held.endHigh === arriving.endHigh && held.endLow === arriving.endLow;
  if (held.state === STATE_ENDED && sameEnd && held.byAgent !== arriving.byAgent) {
    return arriving.size > held.size ? "complete" : "drop";
  }
  return "separate";
}
