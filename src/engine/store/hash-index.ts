/** Stands for "no item": what an empty place of a {@link HashIndex} holds. */
export const NO_ITEM = 0xffff_ffff;

/**
 * An index from hashes to items, which are numbers below {@link NO_ITEM}; the caller compares what the hashes stand for:
 *
 *     for (let at = index.first(hash); index.item(at) !== NO_ITEM; at = index.after(at)) …
 */
export class HashIndex {
  readonly #hashOf: (item: number) => number;
  #count = 0;
  #places = new Uint32Array(INITIAL_PLACES).fill(NO_ITEM);
  /** A byte of each item's hash: what it tells apart need not be compared, which would mean reading memory far away. */
  #marks = new Uint8Array(INITIAL_PLACES);

  /** @param hashOf tells the hash of an item that is in the index. */
  constructor(hashOf: (item: number) => number) {
    this.#hashOf = hashOf;
  }

  /** Bytes of memory that the index takes. */
  get byteLength(): number {
    return this.#places.byteLength + this.#marks.byteLength;
  }

  first(hash: number): number {
    return hash & (this.#places.length - 1);
  }

  after(place: number): number {
    return (place + 1) & (this.#places.length - 1);
  }

  item(place: number): number {
    return this.#places[place] ?? NO_ITEM;
  }

  /** False where the item at this place cannot have this hash. */
  mayBe(place: number, hash: number): boolean {
    return this.#marks[place] === hash >>> 24;
  }

  /** Puts another item of the same hash where one is. */
  replace(place: number, item: number): void {
    this.#places[place] = item;
  }

  add(hash: number, item: number): void {
    this.#count++;
    // Two places of three at most are taken: probing stays short and a million items take 10 MiB.
    if (this.#count * 3 > this.#places.length * 2) this.#resize(this.#places.length * 2);
    this.#put(hash, item);
  }

  /** Takes out the item at this place and moves up what stands behind it. */
  remove(place: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let hole = place;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const item = places[at] ?? NO_ITEM;
      if (item === NO_ITEM) break;
      const home = this.#hashOf(item) & mask;
      // It may move into the hole unless its home lies between the hole and where it stands.
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        places[hole] = item;
        this.#marks[hole] = this.#marks[at] ?? 0;
        hole = at;
      }
    }
    places[hole] = NO_ITEM;
    this.#count--;
    if (places.length > INITIAL_PLACES && this.#count * 8 < places.length) this.#resize(places.length / 2);
  }

  #put(hash: number, item: number): void {
    let at = this.first(hash);
    while (this.#places[at] !== NO_ITEM) at = this.after(at);
    this.#places[at] = item;
    this.#marks[at] = hash >>> 24;
  }

  #resize(length: number): void {
    const before = this.#places;
    this.#places = new Uint32Array(length).fill(NO_ITEM);
    this.#marks = new Uint8Array(length);
    for (const item of before) if (item !== NO_ITEM) this.#put(this.#hashOf(item), item);
  }
}

const INITIAL_PLACES = 1024;

/** Unknown to senders, so that they cannot choose ids that collide. */
const HASH_SEED = Math.floor(Math.random() * 0xffff_ffff);

/** A hash of two words, signed (V8 keeps larger numbers on its heap); chain it for more. */
export function mixWords(first: number, second: number, seed = HASH_SEED): number {
  let hash = Math.imul(first ^ seed, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4_eb2f);
  return hash ^ (hash >>> 16);
}
