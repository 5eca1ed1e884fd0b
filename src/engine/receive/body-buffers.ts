/** What SDKs send at a time fits, and nearly all requests of a program under a debugger do. */
export const BODY_BUFFER_BYTES = 512 * 1024;

/** Senders beyond these, the slow ones among them, have their bodies in memory of their own. */
const MAX_LENT = 16;
/** Two megabytes stay with an idle receiver. */
const MAX_KEPT = 4;

/**
 * Buffers that bodies are read into, one after the other: V8 counts the bytes of buffers towards its next collection of
 * garbage, so that new ones for every body cost as much time as storing what is in them.
 */
export class BodyBuffers {
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];
  #lentCount = 0;

  /** A buffer of {@link BODY_BUFFER_BYTES} with anything in it, for {@link giveBack}; undefined where too many are lent. */
  lend(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#lentCount === MAX_LENT) return undefined;
    this.#lentCount++;
    return this.#kept.pop() ?? new Uint8Array(BODY_BUFFER_BYTES);
  }

  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    this.#lentCount--;
    if (this.#kept.length < MAX_KEPT) this.#kept.push(buffer);
  }
}
