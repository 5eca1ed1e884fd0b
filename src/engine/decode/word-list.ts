import type { PointColumns } from "../../model/metric-points.ts";

/** A bounded list of 64-bit words, used again and again. */
export class WordList {
  count = 0;
  #low = new Uint32Array(64);
  #high = new Uint32Array(64);

  clear(): void {
    this.count = 0;
  }

  /** False where no more are taken. */
  add(low: number, high: number): boolean {
    if (this.count >= MAX_WORDS) return false;
    if (this.count === this.#low.length) this.#grow(this.count + 1);
    this.#low[this.count] = low;
    this.#high[this.count++] = high;
    return true;
  }

  /** Adds little-endian words of 8 bytes each, all or none of them. */
  addFixed(bytes: Uint8Array, start: number, end: number): boolean {
    const count = this.count + (end - start) / 8;
    if (count > MAX_WORDS) return false;
    if (count > this.#low.length) this.#grow(count);
    for (let at = start; at < end; at += 8) {
      this.#low[this.count] = word(bytes, at);
      this.#high[this.count++] = word(bytes, at + 4);
    }
    return true;
  }

  copyTo(points: PointColumns): void {
    for (let i = 0; i < this.count; i++) points.addWord(this.#low[i] ?? 0, this.#high[i] ?? 0);
  }

  #grow(count: number): void {
    const length = Math.max(count, this.#low.length * 2);
    const low = new Uint32Array(length);
    const high = new Uint32Array(length);
    low.set(this.#low);
    high.set(this.#high);
    this.#low = low;
    this.#high = high;
  }
}

/** An exponential histogram of the SDKs has 160 buckets at most; Prometheus takes some thousand. */
const MAX_WORDS = 1 << 14;

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
