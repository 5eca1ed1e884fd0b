import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import { CHUNK_ROWS, NO_TRACE, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { isNumeric } from "./any-value-text.ts";

/**
 * Which attributes the rows of a chunk have, so that a search can pass over the chunk. It may name what no row has
 * any more, never the other way round.
 */
class ChunkDigest {
  /** {@link SpanChunk.writeCount} at the time of making. */
  readonly writeCount: number;
  readonly pairs = new NumberSet(PAIR_BITS);
  /** Keys of values that are no pair. */
  readonly rawKeys = new NumberSet(KEY_BITS);
  /** Among those values are numbers or truth values, whose text is not their bytes. */
  hasRawNumber = false;
  /** Some attribute is kept whole, its key included. */
  hasWhole = false;

  constructor(store: SpanStore, chunk: SpanChunk) {
    this.writeCount = chunk.writeCount;
    const cursor = new AttributeCursor(store.attributes);
    for (let i = 0; i < CHUNK_ROWS; i++) {
      if (chunk.trace[i] === NO_TRACE) continue;
      const parts = store.recordAt(chunk, i);
      cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
      while (cursor.step()) {
        if (cursor.pair !== NOT_INTERNED) this.pairs.add(cursor.pair);
        else if (cursor.key === NOT_INTERNED) this.hasWhole = true;
        else {
          this.rawKeys.add(cursor.key);
          if (isNumeric(cursor.bytes[cursor.start])) this.hasRawNumber = true;
        }
      }
    }
  }
}

/** A set of numbers in a fixed number of bits: it may claim to have one that was not added, where numbers are large. */
class NumberSet {
  readonly #words: Uint32Array;

  constructor(bits: number) {
    this.#words = new Uint32Array(bits / 32);
  }

  add(number: number): void {
    const at = (number >>> 5) % this.#words.length;
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (number & 31));
  }

  has(number: number): boolean {
    return ((this.#words[(number >>> 5) % this.#words.length] ?? 0) & (1 << (number & 31))) !== 0;
  }

  /** Whether the two, of equal size, may have a number in common. */
  meets(other: NumberSet): boolean {
    return this.#words.some((word, at) => (word & (other.#words[at] ?? 0)) !== 0);
  }
}

/** The pairs with a flag of 1 as a set that can be compared with a digest's. */
export function pairsOf(flags: Uint8Array): NumberSet {
  const set = new NumberSet(PAIR_BITS);
  for (let pair = flags.indexOf(1); pair >= 0; pair = flags.indexOf(1, pair + 1)) set.add(pair);
  return set;
}

/** 2 KiB a chunk, half a byte a span: exact up to this many pairs, which few programs have. */
const PAIR_BITS = 1 << 14;
const KEY_BITS = 1 << 10;

const digests = new WeakMap<SpanChunk, ChunkDigest>();

/** The digest of a chunk; made when first asked for and again after the chunk was written to. */
export function digestOf(store: SpanStore, chunk: SpanChunk): ChunkDigest {
  const known = digests.get(chunk);
  if (known?.writeCount === chunk.writeCount) return known;
  const digest = new ChunkDigest(store, chunk);
  digests.set(chunk, digest);
  return digest;
}
