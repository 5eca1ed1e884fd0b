import type { Disposable } from "../base/dispose.ts";

/** Runs an action at once when it is asked for, and at most once an interval while it is asked for again and again. */
export class Throttle implements Disposable {
  readonly #intervalMs: number;
  readonly #action: () => void;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;
  #disposed = false;

  constructor(intervalMs: number, action: () => void) {
    this.#intervalMs = intervalMs;
    this.#action = action;
  }

  request(): void {
    if (this.#disposed) return;
    this.#wanted = true;
    if (this.#timer === undefined) this.#run();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#timer = undefined;
    if (!this.#wanted) return;
    this.#wanted = false;
    // The timer first: an action that asks again waits its turn.
    this.#timer = setTimeout(() => this.#run(), this.#intervalMs);
    this.#timer.unref();
    this.#action();
  }
}
