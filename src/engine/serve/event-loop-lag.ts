import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late timers fired, in seconds. */
export interface Lag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const RESOLUTION_MS = 10;
const NS_PER_SECOND = 1e9;

/** Watches how long the event loop was kept from its next turn. */
export class EventLoopLag {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** The lag since the last call. */
  take(): Lag {
    const histogram = this.#histogram;
    const lag = {
      p50: lateness(histogram.percentile(50)),
      p99: lateness(histogram.percentile(99)),
      max: lateness(histogram.max),
    };
    histogram.reset();
    return lag;
  }

  dispose(): void {
    this.#histogram.disable();
  }
}

/** What Node records is the time between two firings of a timer, its period included. An empty histogram answers with 0 or NaN. */
function lateness(intervalNs: number): number {
  return Math.max(0, intervalNs - RESOLUTION_MS * 1e6 || 0) / NS_PER_SECOND;
}
