import { hashBytes, isEqualBytes, WordReader } from "../../base/words.ts";

/**
 * Whose values are masked unless a person says otherwise. An attribute is meant if its key ends with one of these,
 * whatever its case; `-` and `_` do not count. So `token` covers `http.request.header.x-auth-token` and `accessToken`,
 * and leaves `gen_ai.usage.input_tokens` and `gen_ai.token.type` alone.
 */
export const DEFAULT_REDACTED_KEYS: readonly string[] = [
  "authorization",
  "cookie",
  "cookies",
  "password",
  "passwd",
  "passphrase",
  "secret",
  "token",
  "api-key",
  "access-key",
  "secret-key",
  "private-key",
];

/**
 * Decides for attributes' keys, as bytes, whether their values are masked. The keys of a program are few and come in
 * the same order span after span, so verdicts are remembered; what does not fit replaces what was remembered before.
 */
export class RedactedKeys {
  readonly #endings: readonly string[];
  readonly #keys: (DataView | undefined)[] = new Array<DataView | undefined>(SLOTS).fill(undefined);
  readonly #verdicts = new Uint8Array(SLOTS);
  /** The slot whose key followed that of this slot the last time. */
  readonly #followers = new Uint16Array(SLOTS);
  #last = 0;
  readonly #source = new WordReader();

  constructor(keys: readonly string[]) {
    this.#endings = keys.map(plain).filter((key) => key !== "");
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    const words = this.#source.of(bytes);
    let slot = this.#followers[this.#last] ?? 0;
    if (!this.#holds(slot, words, start, end)) {
      slot = hashBytes(0, words, start, end) & (SLOTS - 1);
      this.#followers[this.#last] = slot;
      if (!this.#holds(slot, words, start, end)) this.#judge(slot, bytes, start, end);
    }
    this.#last = slot;
    return this.#verdicts[slot] === 1;
  }

  /** Lets go of the bytes that were last looked at. */
  release(): void {
    this.#source.release();
  }

  #holds(slot: number, words: DataView, start: number, end: number): boolean {
    const key = this.#keys[slot];
    return key?.byteLength === end - start && isEqualBytes(key, 0, words, start, end - start);
  }

  #judge(slot: number, bytes: Uint8Array, start: number, end: number): void {
    // Of a key that is longer than any real one, the end is what counts.
    const text = plain(latin1.decode(bytes.subarray(Math.max(start, end - MAX_KEY_BYTES), end)));
    this.#verdicts[slot] = this.#endings.some((ending) => text.endsWith(ending)) ? 1 : 0;
    // A copy by the constructor: slices of a Buffer share its memory.
    this.#keys[slot] =
      end - start <= MAX_KEY_BYTES
        ? new DataView(new Uint8Array(bytes.subarray(start, end)).buffer)
        : undefined;
  }
}

const SLOTS = 1024;
const MAX_KEY_BYTES = 256;

const latin1 = new TextDecoder("latin1");

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, "");
}
