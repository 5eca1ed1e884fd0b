import type { BodyBuffers } from "./body-buffers.ts";

/** A body as it arrives in chunks: in a lent buffer as far as that goes, beyond it in the chunks themselves. */
export class CollectedBody {
  readonly #buffers: BodyBuffers;
  /** The first chunk stays by itself until there is another: most bodies are one chunk, which needs no copy. */
  readonly #chunks: Uint8Array[] = [];
  #lent: Uint8Array<ArrayBuffer> | undefined;
  #lentLength = 0;
  #length = 0;

  constructor(buffers: BodyBuffers) {
    this.#buffers = buffers;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Uint8Array): void {
    const [first] = this.#chunks;
    if (this.#lent === undefined && first !== undefined && this.#chunks.length === 1) {
      this.#lent = this.#buffers.lend();
      if (this.#lent !== undefined && this.#fill(first)) this.#chunks.length = 0;
    }
    this.#length += chunk.length;
    if (this.#lentLength === 0 || this.#chunks.length > 0 || !this.#fill(chunk)) this.#chunks.push(chunk);
  }

  /** All of it. The bytes are the body's until {@link release}. */
  whole(): Uint8Array {
    const lent = this.#lent?.subarray(0, this.#lentLength);
    if (lent !== undefined && this.#chunks.length === 0) return lent;
    const [first] = this.#chunks;
    if (first?.length === this.#length) return first;
    return Buffer.concat(lent === undefined ? this.#chunks : [lent, ...this.#chunks], this.#length);
  }

  /** Gives the memory back; may be called again. */
  release(): void {
    if (this.#lent !== undefined) this.#buffers.giveBack(this.#lent);
    this.#lent = undefined;
    this.#lentLength = 0;
    this.#chunks.length = 0;
    this.#length = 0;
  }

  /** False where the chunk does not fit into the lent buffer. */
  #fill(chunk: Uint8Array): boolean {
    if (this.#lent === undefined || this.#lentLength + chunk.length > this.#lent.length) return false;
    this.#lent.set(chunk, this.#lentLength);
    this.#lentLength += chunk.length;
    return true;
  }
}
