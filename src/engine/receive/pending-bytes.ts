/** Counts the bytes of bodies that are on their way, so that many large requests at once cannot fill the memory. */
export class PendingBytes {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** False, and nothing taken, where the bytes do not fit. */
  take(bytes: number): boolean {
    if (this.#count + bytes > this.#max) return false;
    this.#count += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#count -= bytes;
  }
}
