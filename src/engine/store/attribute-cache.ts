import { copyBytes, isEqualBytes } from "../../base/words.ts";
import { NO_MATCH } from "../../model/attribute-matcher.ts";

/**
 * The attributes (KeyValue messages) that came lately and the numbers of their pairs: most of what programs send is
 * among the few hundred that come again and again, and found here with one comparison. A place is chosen by a few
 * bytes, and holds what was put there last. It takes no memory, and keeps nothing, before somebody has looked for something.
 */
export class AttributeCache {
  #bytes = new DataView(new ArrayBuffer(0));
  /** 0 for a place that is empty. */
  #lengths = new Uint8Array(0);
  #pairs = new Int32Array(0);

  get byteLength(): number {
    return this.#lengths.length * (PLACE_BYTES + 5);
  }

  /** The number of the message between `start` and `end`, {@link NO_MATCH} where it is not here. */
  find(words: DataView, start: number, end: number): number {
    const length = end - start;
    if (length < MIN_BYTES || length > PLACE_BYTES) return NO_MATCH;
    const place = placeOf(words, start, end);
    if (this.#lengths[place] !== length) {
      if (this.#lengths.length === 0) this.#allocate();
      return NO_MATCH;
    }
    return isEqualBytes(this.#bytes, place * PLACE_BYTES, words, start, length)
      ? (this.#pairs[place] ?? NO_MATCH)
      : NO_MATCH;
  }

  put(words: DataView, start: number, end: number, pair: number): void {
    const length = end - start;
    if (length < MIN_BYTES || length > PLACE_BYTES || this.#lengths.length === 0) return;
    const place = placeOf(words, start, end);
    copyBytes(words, start, this.#bytes, place * PLACE_BYTES, length);
    this.#lengths[place] = length;
    this.#pairs[place] = pair;
  }

  clear(): void {
    this.#lengths.fill(0);
  }

  #allocate(): void {
    this.#bytes = new DataView(new ArrayBuffer(PLACES * PLACE_BYTES));
    this.#lengths = new Uint8Array(PLACES);
    this.#pairs = new Int32Array(PLACES);
  }
}

const PLACE_BITS = 12;
const PLACES = 1 << PLACE_BITS;

/** Longer attributes are rarely equal. */
const PLACE_BYTES = 128;

/** An empty key and an empty value take four. */
const MIN_BYTES = 4;

/** Keys of one kind begin alike and values differ at their end, so bytes of the middle and of the end choose. */
function placeOf(words: DataView, start: number, end: number): number {
  const length = end - start;
  const middle = words.getInt32(start + ((length - 4) >> 1), true);
  const last = words.getInt32(end - 4, true);
  return Math.imul(Math.imul(last + length, 0x9e37_79b1) ^ middle, 0x85eb_ca6b) >>> (32 - PLACE_BITS);
}
