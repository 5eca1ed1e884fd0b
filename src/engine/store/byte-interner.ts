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
  /** Where entry n ends; it begins where the one before it ends. */
  #ends = new Uint32Array(1 << 9);
  #tags = new Uint32Array(1 << 9);
  #hashes = new Int32Array(1 << 9);
  /** Open addressing with linear probing: entry + 1, 0 for a free slot. */
  #slots = new Uint32Array(1 << 10);
  readonly #texts: (string | undefined)[] = [];

  constructor(limits: InternerLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of memory that the tables take. */
  get byteLength(): number {
    return this.#bytes.length + this.#ends.length * 12 + this.#slots.length * 4;
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
    const found = this.#probe(hashOf(tag, bytes, start, end), tag, bytes, start, end);
    return found < 0 ? NOT_INTERNED : found;
  }

  intern(tag: number, bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(tag, bytes, start, end);
    const found = this.#probe(hash, tag, bytes, start, end);
    return found === ABSENT ? this.#insert(hash, tag, bytes, start, end) : found;
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#count = 0;
    this.#used = 0;
    this.#bytes = new Uint8Array(1 << 14);
    this.#ends = new Uint32Array(1 << 9);
    this.#tags = new Uint32Array(1 << 9);
    this.#hashes = new Int32Array(1 << 9);
    this.#slots = new Uint32Array(1 << 10);
    this.#texts.length = 0;
  }

  /** The entry, {@link NOT_INTERNED} where the probing was given up, or {@link ABSENT}. */
  #probe(hash: number, tag: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let step = 0, at = hash & mask; step < MAX_PROBES; step++, at = (at + 1) & mask) {
      const entry = (slots[at] ?? 0) - 1;
      if (entry < 0) return ABSENT;
      if (this.#hashes[entry] === hash && this.#tags[entry] === tag && this.isEqual(entry, bytes, start, end))
        return entry;
    }
    return NOT_INTERNED;
  }

  /** Whether the entry has these bytes, whatever its tag. */
  isEqual(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes;
    let at = this.startOf(entry);
    if (this.endOf(entry) - at !== end - start) return false;
    for (let i = start; i < end; i++) if (own[at++] !== bytes[i]) return false;
    return true;
  }

  #insert(hash: number, tag: number, bytes: Uint8Array, start: number, end: number): number {
    const used = this.#used + end - start;
    if (this.#count >= this.#limits.entries || used > this.#limits.bytes) return NOT_INTERNED;
    if (used > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(used, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
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
  }

  #growSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
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
const HASH_SEED = Math.floor(Math.random() * 0xffff_ffff);

function hashOf(tag: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED ^ Math.imul(tag + 1, 0x9e37_79b1) ^ (end - start);
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x0100_0193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85eb_ca6b);
  // Signed: V8 keeps larger numbers on its heap.
  return hash ^ (hash >>> 13);
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
