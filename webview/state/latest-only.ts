/**
 * Runs an asynchronous refresh at most once at a time; wishes that come meanwhile are served by one more run after it.
 * So a flood of events costs as many requests as the other side can answer, and the last one is never lost.
 */
export class LatestOnly {
  readonly #run: () => Promise<void>;
  readonly #restMs: number;
  #running = false;
  #wishes = 0;

  /**
   * @param run must not reject.
   * @param restMs the least time from the end of a run to the next one.
   */
  constructor(run: () => Promise<void>, restMs = 0) {
    this.#run = run;
    this.#restMs = restMs;
  }

  request(): void {
    this.#wishes += 1;
    if (!this.#running) void this.#loop();
  }

  async #loop(): Promise<void> {
    this.#running = true;
    let served: number;
    do {
      served = this.#wishes;
      await this.#run();
      if (this.#restMs > 0) await new Promise((resolve) => setTimeout(resolve, this.#restMs));
    } while (served !== this.#wishes);
    this.#running = false;
  }
}
