import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

/** How late timers fired, in seconds. */
export interface Lag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const RESOLUTION_MS = 10;
const NS_PER_SECOND = 1e9;

/** The figures speak of at least this time, and of twice as much where they are read often. */
const WINDOW_MS = 60_000;

/** Watches how long the event loop was kept from its next turn lately. Reading takes nothing away from other readers. */
export class EventLoopLag {
  readonly #clock: () => number;
  #told = watching();
  /** Takes the place of the one that is told when it is old enough. */
  #next = watching();
  #nextSinceMs: number;

  /** @param clock milliseconds */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#nextSinceMs = clock();
  }

  read(): Lag {
    if (this.#clock() - this.#nextSinceMs >= WINDOW_MS) this.#turn();
    return {
      p50: lateness(this.#told.percentile(50)),
      p99: lateness(this.#told.percentile(99)),
      max: lateness(this.#told.max),
    };
  }

  dispose(): void {
    this.#told.disable();
    this.#next.disable();
  }

  #turn(): void {
    this.#told.disable();
    this.#told = this.#next;
    this.#next = watching();
    this.#nextSinceMs = this.#clock();
  }
}

function watching(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
}

/** What Node records is the time between two firings of a timer, its period included. An empty histogram answers with 0 or NaN. */
function lateness(intervalNs: number): number {
  return Math.max(0, intervalNs - RESOLUTION_MS * 1e6 || 0) / NS_PER_SECOND;
}
