import type { WireWriter } from "../../base/wire-writer.ts";
import { ByteInterner, NOT_INTERNED } from "./byte-interner.ts";

/**
 * Turns attributes (KeyValue messages) into a few bytes each: a pair of key and value that comes again and again
 * is one number. Values that are hardly ever the same twice (ids, URLs) are kept as they are, and only their key is
 * a number. {@link AttributeCursor} reads what is written here.
 */
export class AttributeDictionary {
  readonly keys = new ByteInterner({ entries: 1 << 16, bytes: 4 << 20 });
  /** Tagged with the key's number; the bytes are an AnyValue message. */
  readonly pairs = new ByteInterner({ entries: 1 << 18, bytes: 32 << 20 });
  /** How many pairs each key has. */
  #valueCounts = new Uint32Array(INITIAL_KEYS);
  /** The pair that was last seen of each key, and the key that last followed it. */
  #lastPairs = new Uint32Array(INITIAL_KEYS);
  #followers = new Uint32Array(INITIAL_KEYS);
  #lastKey = 0;

  get byteLength(): number {
    return this.keys.byteLength + this.pairs.byteLength + this.#valueCounts.byteLength * 3;
  }

  clear(): void {
    this.keys.clear();
    this.pairs.clear();
    this.#valueCounts = new Uint32Array(INITIAL_KEYS);
    this.#lastPairs = new Uint32Array(INITIAL_KEYS);
    this.#followers = new Uint32Array(INITIAL_KEYS);
    this.#lastKey = 0;
  }

  /** Writes the KeyValue message that lies between `start` and `end`, which has been checked. */
  write(writer: WireWriter, bytes: Uint8Array, start: number, end: number): void {
    const keyStart = start + 2;
    const keyEnd = keyStart + (bytes[start + 1] ?? 0);
    // A key of at most 127 bytes, then the value and nothing else; any other order is legal and kept whole.
    if (bytes[start] !== 0x0a || keyEnd - keyStart >= 0x80 || keyEnd >= end || bytes[keyEnd] !== 0x12) {
      writeRaw(writer, 0, bytes, start, end);
      return;
    }
    const valueStart = afterLength(bytes, keyEnd + 1, end);
    const key = valueStart === NOT_INTERNED ? NOT_INTERNED : this.#internKey(bytes, keyStart, keyEnd);
    if (key === NOT_INTERNED) {
      writeRaw(writer, 0, bytes, start, end);
      return;
    }
    const pair = this.#internPair(key, bytes, valueStart, end);
    if (pair === NOT_INTERNED) writeRaw(writer, key + 1, bytes, valueStart, end);
    else writer.varint(pair * 2);
  }

  /** Spans of one kind have their keys in the same order: the key that followed last time is tried first. */
  #internKey(bytes: Uint8Array, start: number, end: number): number {
    const guess = this.#followers[this.#lastKey] ?? 0;
    if (guess < this.keys.count && this.keys.isEqual(guess, bytes, start, end)) {
      this.#lastKey = guess;
      return guess;
    }
    const key = this.keys.intern(0, bytes, start, end);
    if (key === NOT_INTERNED) return key;
    this.#followers[this.#lastKey] = key;
    this.#lastKey = key;
    return key;
  }

  #internPair(key: number, bytes: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_PAIR_BYTES) return NOT_INTERNED;
    if (key >= this.#valueCounts.length) {
      this.#valueCounts = longer(this.#valueCounts, key * 2);
      this.#lastPairs = longer(this.#lastPairs, key * 2);
      this.#followers = longer(this.#followers, key * 2);
    }
    const known = this.#valueCounts[key] ?? 0;
    if (known >= MAX_VALUES_PER_KEY) return this.pairs.find(key, bytes, start, end);
    const last = this.#lastPairs[key] ?? 0;
    if (known > 0 && this.pairs.tagOf(last) === key && this.pairs.isEqual(last, bytes, start, end))
      return last;
    const before = this.pairs.count;
    const pair = this.pairs.intern(key, bytes, start, end);
    if (this.pairs.count !== before) this.#valueCounts[key] = known + 1;
    if (pair !== NOT_INTERNED) this.#lastPairs[key] = pair;
    return pair;
  }
}

/** Walks over the attributes of one span's record: `next()`, then the fields. */
export class AttributeCursor {
  readonly #dictionary: AttributeDictionary;
  #record: Uint8Array = new Uint8Array(0);
  #position = 0;
  #limit = 0;
  /** The pair's number, or {@link NOT_INTERNED} for a value of its own. */
  pair = NOT_INTERNED;
  /** The key's number, or {@link NOT_INTERNED}: then the bytes are a whole KeyValue message. */
  key = NOT_INTERNED;
  /** Where the AnyValue message (or the KeyValue message) lies. */
  bytes: Uint8Array = this.#record;
  start = 0;
  end = 0;

  constructor(dictionary: AttributeDictionary) {
    this.#dictionary = dictionary;
  }

  /** Begins at `start` of the record; `end` is where its attributes end. */
  reset(record: Uint8Array, start: number, end: number): void {
    this.#record = record;
    this.#position = start;
    this.#limit = end;
  }

  next(): boolean {
    if (!this.step()) return false;
    if (this.pair === NOT_INTERNED) return true;
    const { pairs } = this.#dictionary;
    this.key = pairs.tagOf(this.pair);
    this.bytes = pairs.bytes;
    this.start = pairs.startOf(this.pair);
    this.end = pairs.endOf(this.pair);
    return true;
  }

  /** The same without looking a pair up: where `pair` is a number, the other fields are not set. */
  step(): boolean {
    if (this.#position >= this.#limit) return false;
    const code = this.#varint();
    if ((code & 1) === 0) {
      this.pair = code >>> 1;
      return true;
    }
    this.pair = NOT_INTERNED;
    this.key = this.#varint() - 1;
    this.bytes = this.#record;
    this.start = this.#position;
    this.end = this.#position + (code >>> 1);
    this.#position = this.end;
    return true;
  }

  #varint(): number {
    const record = this.#record;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = record[this.#position++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}

const INITIAL_KEYS = 256;

function longer(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(length);
  result.set(column);
  return result;
}

/** Longer values are rarely equal, and take no note of the two bytes that a number of their own would save. */
const MAX_PAIR_BYTES = 256;

/** A key with more values than this is taken for one whose values are all different. */
const MAX_VALUES_PER_KEY = 4096;

function writeRaw(writer: WireWriter, key: number, bytes: Uint8Array, start: number, end: number): void {
  writer.varint((end - start) * 2 + 1);
  writer.varint(key);
  writer.raw(bytes, start, end);
}

/** Where the content behind the length at `at` begins, if it ends exactly at `end`. */
function afterLength(bytes: Uint8Array, at: number, end: number): number {
  let length = 0;
  let position = at;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[position++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return position + (length >>> 0) === end ? position : NOT_INTERNED;
  }
  return NOT_INTERNED;
}
