import type { Disposable } from "../../base/dispose.ts";

/** Does a job when it is asked for: never twice at once, and with a pause after each. */
export class SpacedJob implements Disposable {
  readonly #job: () => Promise<void>;
  readonly #pauseMs: number;
  #wanted = false;
  #busy = false;
  #disposed = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(job: () => Promise<void>, pauseMs: number) {
    this.#job = job;
    this.#pauseMs = pauseMs;
  }

  /** At once, or as soon as the last one is done and its pause is over. */
  request(): void {
    this.#wanted = true;
    if (!this.#busy && !this.#disposed) void this.#run();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#pause);
  }

  async #run(): Promise<void> {
    this.#busy = true;
    this.#wanted = false;
    await this.#job();
    if (this.#disposed) return;
    this.#pause = setTimeout(() => {
      this.#busy = false;
      if (this.#wanted) void this.#run();
    }, this.#pauseMs);
  }
}
