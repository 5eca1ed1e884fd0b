import type { Disposable } from "../../base/dispose.ts";

/** What a launch may take from asking its configuration providers to its debugger's start: builds and slow adapters included. */
const LAUNCH_MS = 5 * 60_000;

/**
 * When the receiver is closed: a grace time after nothing needs it any more, in which programs that end send what they
 * still hold.
 */
export class ReceiverHours implements Disposable {
  readonly #isNeeded: () => boolean;
  readonly #close: () => void;
  readonly #graceMs: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly isNeeded: () => boolean;
    readonly close: () => void;
    readonly graceMs: () => number;
  }) {
    this.#isNeeded = options.isNeeded;
    this.#close = options.close;
    this.#graceMs = options.graceMs;
  }

  /** A launch is under way; it may still come to nothing. */
  launching(): void {
    this.#closeAfter(LAUNCH_MS);
  }

  /** A session has ended. */
  sessionEnded(): void {
    if (!this.#isNeeded()) this.#closeAfter(this.#graceMs());
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #closeAfter(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#isNeeded()) this.#close();
    }, delayMs);
  }
}
