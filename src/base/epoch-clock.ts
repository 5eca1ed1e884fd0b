/**
 * The machine's clock in nanoseconds, for comparing with what programs on it say: `Date.now()` tells whole milliseconds
 * only, and the monotonic clock between them knows nothing of a clock that is set.
 */
export class EpochClock {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  #offsetMs: number;

  constructor(
    wallMs: () => number = Date.now,
    monotonicMs: () => number = () => performance.now(),
    offsetMs = performance.timeOrigin,
  ) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#offsetMs = offsetMs;
  }

  /** Nanoseconds since the epoch. */
  now(): bigint {
    const monotonic = this.#monotonicMs();
    const wall = this.#wallMs();
    const ahead = this.#offsetMs + monotonic - wall;
    // Within its millisecond the monotonic clock is right; outside of it the wall clock was set or has drifted.
    if (ahead < -TOLERANCE_MS || ahead > 1 + TOLERANCE_MS) this.#offsetMs = wall + 0.5 - monotonic;
    const moment = this.#offsetMs + monotonic;
    const wholeMs = Math.floor(moment);
    return BigInt(wholeMs) * 1_000_000n + BigInt(Math.round((moment - wholeMs) * 1e6));
  }
}

/** Two readings do not fall on the same moment: the thread may be interrupted between them. */
const TOLERANCE_MS = 0.5;
