/** Stands for "no item": what an empty place of a {@link HashIndex} holds. */
export const NO_ITEM = 0xffff_ffff;

/**
 * An index from hashes to items, which are numbers below {@link NO_ITEM}; the caller compares what the hashes stand for:
 *
 *     for (let at = index.first(hash); index.item(at) !== NO_ITEM; at = index.after(at)) …
 *
 * It consists of segments that grow on their own, each at its time: to move a million items at once would stop everything.
 */
export class HashIndex {
  readonly #segments: readonly Segment[];
  #placeCount = SEGMENTS * INITIAL_PLACES;

  /** @param hashOf tells the hash of an item that is in the index. */
  constructor(hashOf: (item: number) => number) {
    this.#segments = Array.from({ length: SEGMENTS }, (_, number) => new Segment(hashOf, number));
  }

  /** Bytes of memory that the index takes. */
  get byteLength(): number {
    return this.#placeCount * PLACE_BYTES;
  }

  first(hash: number): number {
    const segment = segmentOf(hash);
    return (segment << PLACE_BITS) | (hash & (this.#at(segment).places.length - 1));
  }

  after(place: number): number {
    const segment = place >>> PLACE_BITS;
    return (segment << PLACE_BITS) | ((place + 1) & (this.#at(segment).places.length - 1));
  }

  item(place: number): number {
    return this.#at(place >>> PLACE_BITS).places[place & PLACE_MASK] ?? NO_ITEM;
  }

  /** False where the item at this place cannot have this hash. */
  mayBe(place: number, hash: number): boolean {
    return this.#at(place >>> PLACE_BITS).marks[place & PLACE_MASK] === hash >>> 24;
  }

  /** Puts another item of the same hash where one is. */
  replace(place: number, item: number): void {
    this.#at(place >>> PLACE_BITS).places[place & PLACE_MASK] = item;
  }

  add(hash: number, item: number): void {
    const segment = this.#at(segmentOf(hash));
    this.#placeCount -= segment.places.length;
    segment.add(hash, item);
    this.#placeCount += segment.places.length;
  }

  /** Takes out the item at this place and moves up what stands behind it. */
  remove(place: number): void {
    const segment = this.#at(place >>> PLACE_BITS);
    this.#placeCount -= segment.places.length;
    segment.remove(place & PLACE_MASK);
    this.#placeCount += segment.places.length;
  }

  #at(segment: number): Segment {
    return this.#segments[segment] ?? NOTHING;
  }
}

class Segment {
  readonly #hashOf: (item: number) => number;
  #count = 0;
  places = new Uint32Array(INITIAL_PLACES).fill(NO_ITEM);
  /** A byte of each item's hash: what it tells apart need not be compared, which would mean reading memory far away. */
  marks = new Uint8Array(INITIAL_PLACES);

  /** Items for each place at most; probing stays short and a million items take some 10 MiB. */
  readonly #maxLoad: number;

  constructor(hashOf: (item: number) => number, number: number) {
    this.#hashOf = hashOf;
    // Segments fill alike: with one limit for all they would grow at the same time after all.
    this.#maxLoad = 0.45 + (0.3 * number) / SEGMENTS;
  }

  add(hash: number, item: number): void {
    this.#count++;
    if (this.#count > this.places.length * this.#maxLoad) this.#resize(this.places.length * 2);
    this.#put(hash, item);
  }

  remove(place: number): void {
    const { places, marks } = this;
    const mask = places.length - 1;
    let hole = place;
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const item = places[at] ?? NO_ITEM;
      if (item === NO_ITEM) break;
      const home = this.#hashOf(item) & mask;
      // It may move into the hole unless its home lies between the hole and where it stands.
      if (((at - home) & mask) >= ((at - hole) & mask)) {
        places[hole] = item;
        marks[hole] = marks[at] ?? 0;
        hole = at;
      }
    }
    places[hole] = NO_ITEM;
    this.#count--;
    if (places.length > INITIAL_PLACES && this.#count * 8 < places.length) this.#resize(places.length / 2);
  }

  #put(hash: number, item: number): void {
    const { places } = this;
    const mask = places.length - 1;
    let at = hash & mask;
    while (places[at] !== NO_ITEM) at = (at + 1) & mask;
    places[at] = item;
    this.marks[at] = hash >>> 24;
  }

  #resize(length: number): void {
    const before = this.places;
    this.places = new Uint32Array(length).fill(NO_ITEM);
    this.marks = new Uint8Array(length);
    for (const item of before) if (item !== NO_ITEM) this.#put(this.#hashOf(item), item);
  }
}

const SEGMENT_BITS = 5;
const SEGMENTS = 1 << SEGMENT_BITS;
const INITIAL_PLACES = 1024 / SEGMENTS;
/** The number of an item and its mark. */
const PLACE_BYTES = 5;

/** A place is the number of a segment and one within it; together they stay small integers. */
const PLACE_BITS = 31 - SEGMENT_BITS;
const PLACE_MASK = (1 << PLACE_BITS) - 1;

const NOTHING = new Segment(() => 0, 0);

/** Other bits than those that choose the place, up to half a million places a segment, and other than the mark. */
function segmentOf(hash: number): number {
  return (hash >>> (24 - SEGMENT_BITS)) & (SEGMENTS - 1);
}

/** Unknown to senders, so that they cannot choose ids that collide. */
const HASH_SEED = Math.floor(Math.random() * 0xffff_ffff);

/** A hash of two words, signed (V8 keeps larger numbers on its heap); chain it for more. */
export function mixWords(first: number, second: number, seed = HASH_SEED): number {
  let hash = Math.imul(first ^ seed, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0xc2b2_ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4_eb2f);
  return hash ^ (hash >>> 16);
}
