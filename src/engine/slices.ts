/**
 * Does work that is too long for one turn of the event loop in slices, one slice a turn, several works by turns: what
 * else the thread is asked for waits for one slice at most.
 */
export class Slices {
  #works: Work[] = [];
  #isScheduled = false;

  /**
   * Settles when the work is done: `next` does a slice of it and answers whether there is more. Rejects where it throws.
   * The first slice is done in a later turn.
   */
  run(next: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#works.push({ next, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#works.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const work = this.#works.shift();
      if (work !== undefined) this.#doSlice(work);
      this.#schedule();
    });
  }

  #doSlice(work: Work): void {
    try {
      if (work.next()) this.#works.push(work);
      else work.resolve();
    } catch (thrown) {
      work.reject(thrown);
    }
  }
}

/** For a work of many small steps: tells when the thread has to be let do other things. */
export class Slice {
  #endMs = performance.now() + SLICE_MS;

  /** To be awaited between two steps: undefined while there is time left, else settles in a later turn, which begins the next slice. */
  next(): Promise<void> | undefined {
    if (performance.now() < this.#endMs) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#endMs = performance.now() + SLICE_MS;
        resolve();
      });
    });
  }
}

/** The thread answers other questions at least this often. */
const SLICE_MS = 10;

interface Work {
  readonly next: () => boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}
