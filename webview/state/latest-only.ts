/**
 * Runs an asynchronous refresh at most once at a time; wishes that come meanwhile are served by one more run after it.
 * So a flood of events costs as many requests as the other side can answer, and the last one is never lost.
 */
export class LatestOnly {
  readonly #run: (signal: AbortSignal) => Promise<void>;
  readonly #restMs: number;
  #running = false;
  #wishes = 0;
  #current = new AbortController();
  #endRest: (() => void) | undefined;

  /**
   * @param run must not reject. Its signal fires when the answer is no longer wanted, see {@link replace}.
   * @param restMs the least time from the end of a run to the next one.
   */
  constructor(run: (signal: AbortSignal) => Promise<void>, restMs = 0) {
    this.#run = run;
    this.#restMs = restMs;
  }

  request(): void {
    this.#wishes += 1;
    if (!this.#running) void this.#loop();
  }

  /** The same for a wish that makes the running one's answer worthless: that is cancelled, and nothing is rested for. */
  replace(): void {
    this.#current.abort();
    this.#endRest?.();
    this.request();
  }

  async #loop(): Promise<void> {
    this.#running = true;
    let served: number;
    do {
      served = this.#wishes;
      this.#current = new AbortController();
      await this.#run(this.#current.signal);
      if (this.#restMs > 0 && !this.#current.signal.aborted) await this.#rest();
    } while (served !== this.#wishes);
    this.#running = false;
  }

  async #rest(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#endRest = resolve;
      timer = setTimeout(resolve, this.#restMs);
    });
    clearTimeout(timer);
    this.#endRest = undefined;
  }
}
