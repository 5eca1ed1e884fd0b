import { hashBytes, isEqualBytes, WordReader } from "../../base/words.ts";

/** {@link ByteInterner.intern} and {@link ByteInterner.find} for bytes that have no number. */
export const NOT_INTERNED = -1;

/** What an interner may hold; beyond it nothing new gets a number. */
interface InternerLimits {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * Numbers for ranges of bytes, without making strings of them: equal bytes with an equal tag have the same number,
 * numbers count from 0. Bounded: what no longer fits is {@link NOT_INTERNED}, and the caller keeps the bytes itself.
 */
export class ByteInterner {
  readonly #limits: InternerLimits;
  #count = 0;
  #used = 0;
  #bytes = new Uint8Array(1 << 14);
  #words = new DataView(this.#bytes.buffer);
  readonly #source = new WordReader();
  /** Where entry n ends; it begins where the one before it ends. */
  #ends = new Uint32Array(1 << 9);
  #tags = new Uint32Array(1 << 9);
  #hashes = new Int32Array(1 << 9);
  /** Open addressing with linear probing: entry + 1, 0 for a free slot. */
  #slots = new Uint32Array(1 << 10);
  /** A bit for each {@link digestOf} of an entry, half a byte a slot: most ids and URLs are known to be new without a look at the slots. */
  #digests = new Uint8Array(1 << 9);
  /** The entry that was last found for each last word of bytes: most of what comes is among the few that come again and again. */
  readonly #recent = new Uint32Array(RECENT_ENTRIES);
  readonly #texts: (string | undefined)[] = [];

  constructor(limits: InternerLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of memory that the tables take. */
  get byteLength(): number {
    return this.#bytes.length + this.#ends.length * 12 + this.#slots.length * 4.5 + this.#recent.byteLength;
  }

  /** All entries' bytes, one after the other; see {@link startOf}. Valid until the next {@link intern}. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  startOf(entry: number): number {
    return entry === 0 ? 0 : (this.#ends[entry - 1] ?? 0);
  }

  endOf(entry: number): number {
    return this.#ends[entry] ?? 0;
  }

  tagOf(entry: number): number {
    return this.#tags[entry] ?? 0;
  }

  /** The entry's bytes as text, invalid UTF-8 replaced. Made when first asked for, then kept. */
  textOf(entry: number): string {
    const known = this.#texts[entry];
    if (known !== undefined) return known;
    const text = utf8.decode(this.#bytes.subarray(this.startOf(entry), this.endOf(entry)));
    this.#texts[entry] = text;
    return text;
  }

  find(tag: number, bytes: Uint8Array, start: number, end: number): number {
    const words = this.#source.of(bytes);
    const digest = digestOf(tag, words, start, end);
    if (!this.#mayHold(digest)) return NOT_INTERNED;
    const place = recentPlace(digest);
    const recent = this.#recentAt(place, tag, words, start, end);
    if (recent !== NOT_INTERNED) return recent;
    const found = this.#probe(hashOf(tag, words, start, end), tag, words, start, end);
    if (found < 0) return NOT_INTERNED;
    this.#recent[place] = found;
    return found;
  }

  intern(tag: number, bytes: Uint8Array, start: number, end: number): number {
    const words = this.#source.of(bytes);
    const place = recentPlace(digestOf(tag, words, start, end));
    const recent = this.#recentAt(place, tag, words, start, end);
    if (recent !== NOT_INTERNED) return recent;
    const hash = hashOf(tag, words, start, end);
    const found = this.#probe(hash, tag, words, start, end);
    const entry = found === ABSENT ? this.#insert(hash, tag, bytes, start, end) : found;
    if (entry >= 0) this.#recent[place] = entry;
    return entry;
  }

  /** Lets go of the bytes that were last looked at. */
  release(): void {
    this.#source.release();
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#count = 0;
    this.#used = 0;
    this.#bytes = new Uint8Array(1 << 14);
    this.#words = new DataView(this.#bytes.buffer);
    this.#ends = new Uint32Array(1 << 9);
    this.#tags = new Uint32Array(1 << 9);
    this.#hashes = new Int32Array(1 << 9);
    this.#slots = new Uint32Array(1 << 10);
    this.#digests = new Uint8Array(1 << 9);
    this.#texts.length = 0;
  }

  #recentAt(place: number, tag: number, words: DataView, start: number, end: number): number {
    const entry = this.#recent[place] ?? 0;
    if (entry >= this.#count || this.#tags[entry] !== tag) return NOT_INTERNED;
    return this.#isEqual(entry, words, start, end) ? entry : NOT_INTERNED;
  }

  /** The entry, {@link NOT_INTERNED} where the probing was given up, or {@link ABSENT}. */
  #probe(hash: number, tag: number, words: DataView, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let step = 0, at = hash & mask; step < MAX_PROBES; step++, at = (at + 1) & mask) {
      const entry = (slots[at] ?? 0) - 1;
      if (entry < 0) return ABSENT;
      if (
        this.#hashes[entry] === hash &&
        this.#tags[entry] === tag &&
        this.#isEqual(entry, words, start, end)
      )
        return entry;
    }
    return NOT_INTERNED;
  }

  /** Whether the entry has these bytes, whatever its tag. */
  isEqual(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    return this.#isEqual(entry, this.#source.of(bytes), start, end);
  }

  #isEqual(entry: number, words: DataView, start: number, end: number): boolean {
    const own = this.startOf(entry);
    return (
      this.endOf(entry) - own === end - start && isEqualBytes(this.#words, own, words, start, end - start)
    );
  }

  #insert(hash: number, tag: number, bytes: Uint8Array, start: number, end: number): number {
    const used = this.#used + end - start;
    if (this.#count >= this.#limits.entries || used > this.#limits.bytes) return NOT_INTERNED;
    if (used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(used, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#words = new DataView(larger.buffer);
    }
    this.#bytes.set(bytes.subarray(start, end), this.#used);
    this.#used = used;
    const entry = this.#count++;
    if (entry === this.#ends.length) this.#growEntries();
    this.#ends[entry] = used;
    this.#tags[entry] = tag;
    this.#hashes[entry] = hash;
    // At most half of the slots are taken: of a million entries the longest probe is then some 70 slots.
    if (this.#count * 2 > this.#slots.length) this.#growSlots();
    else this.#place(entry);
    return entry;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let at = (this.#hashes[entry] ?? 0) & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = entry + 1;
    const digest = digestOf(this.tagOf(entry), this.#words, this.startOf(entry), this.endOf(entry));
    const byte = this.#byteOf(digest);
    this.#digests[byte] = (this.#digests[byte] ?? 0) | bitOf(digest);
  }

  #mayHold(digest: number): boolean {
    return ((this.#digests[this.#byteOf(digest)] ?? 0) & bitOf(digest)) !== 0;
  }

  #byteOf(digest: number): number {
    return (digest >>> 3) & (this.#digests.length - 1);
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    this.#digests = new Uint8Array(this.#digests.length * 2);
    for (let entry = 0; entry < this.#count; entry++) this.#place(entry);
  }

  #growEntries(): void {
    this.#ends = doubled(this.#ends);
    this.#tags = doubled(this.#tags);
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }
}

const ABSENT = -2;

/** With an even hash a probe this long does not happen; a sender that makes its strings collide only loses the sharing. */
const MAX_PROBES = 256;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Unknown to senders, so that they cannot choose strings that collide. */
const HASH_SEED = Math.floor(Math.random() * 0xffff_ffff) | 0;

function hashOf(tag: number, words: DataView, start: number, end: number): number {
  return hashBytes(HASH_SEED ^ Math.imul(tag + 1, 0x9e37_79b1), words, start, end);
}

const RECENT_BITS = 11;
const RECENT_ENTRIES = 1 << RECENT_BITS;

/** The last word, the length and the tag, mixed: values of one kind differ at their end. */
function digestOf(tag: number, words: DataView, start: number, end: number): number {
  const length = end - start;
  const last = length >= 4 ? words.getInt32(end - 4, true) : length > 0 ? words.getUint8(end - 1) : 0;
  const mixed = Math.imul(last ^ Math.imul(tag + length, 0x9e37_79b1), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}

function recentPlace(digest: number): number {
  return digest >>> (32 - RECENT_BITS);
}

function bitOf(digest: number): number {
  return 1 << (digest & 7);
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
