import { WireWriter } from "../../base/wire-writer.ts";
import { WordReader } from "../../base/words.ts";
import type { AttributeMatcher } from "../../model/attribute-matcher.ts";
import { AttributeCache } from "./attribute-cache.ts";
import { ByteInterner, NOT_INTERNED } from "./byte-interner.ts";

/**
 * Turns attributes (KeyValue messages) into a few bytes each: a pair of key and value that comes again and again
 * is one number. Values that are hardly ever the same twice (ids, URLs) are kept as they are, and only their key is
 * a number. {@link AttributeCursor} reads what is written here.
 */
export class AttributeDictionary implements AttributeMatcher {
  readonly keys = new ByteInterner({ entries: 1 << 16, bytes: 4 << 20 });
  /** Tagged with the key's number; the bytes are an AnyValue message. */
  readonly pairs: ByteInterner;
  /** How many pairs each key has. */
  #valueCounts = new Uint32Array(INITIAL_KEYS);
  /** The key that last followed each key. */
  #followers = new Uint32Array(INITIAL_KEYS);
  #lastKey = 0;
  readonly #cache = new AttributeCache();
  readonly #source = new WordReader();

  /** @param pairBytes what the distinct pairs may take, roughly; beyond it values are kept as they are. */
  constructor(pairBytes = 32 << 20) {
    // 128 bytes for each, most of them for its place in the tables.
    this.pairs = new ByteInterner({ entries: pairBytes >>> 7, bytes: pairBytes });
  }

  get byteLength(): number {
    return (
      this.keys.byteLength + this.pairs.byteLength + this.#valueCounts.byteLength * 2 + this.#cache.byteLength
    );
  }

  clear(): void {
    this.keys.clear();
    this.pairs.clear();
    this.#valueCounts = new Uint32Array(INITIAL_KEYS);
    this.#followers = new Uint32Array(INITIAL_KEYS);
    this.#lastKey = 0;
    this.#cache.clear();
  }

  /** What is known so far is no longer matched, since other values are masked from now on. It keeps its numbers. */
  distrust(): void {
    this.#cache.clear();
  }

  match(words: DataView, start: number, end: number): number {
    return this.#cache.find(words, start, end);
  }

  /** Writes the KeyValue message that lies between `start` and `end`, which is well formed and holds nothing that is to be masked. */
  write(writer: WireWriter, bytes: Uint8Array, start: number, end: number): void {
    const valueStart = valueStartOf(bytes, start, end);
    const key =
      valueStart < 0 ? NOT_INTERNED : this.#internKey(bytes, start + 2, start + 2 + (bytes[start + 1] ?? 0));
    if (key === NOT_INTERNED) {
      writeRaw(writer, 0, bytes, start, end);
      return;
    }
    const pair = this.#internPair(key, bytes, valueStart, end);
    if (pair === NOT_INTERNED) writeRaw(writer, key + 1, bytes, valueStart, end);
    else {
      this.#cache.put(this.#source.of(bytes), start, end, pair);
      writer.varint(pair * 2);
    }
  }

  /** Writes the attribute that {@link match} gave this number. */
  writeNumber(writer: WireWriter, number: number): void {
    writer.varint(number * 2);
  }

  /** Lets go of the bytes that were last looked at. */
  release(): void {
    this.keys.release();
    this.pairs.release();
    this.#source.release();
  }

  /** Spans of one kind have their keys in the same order: the key that followed last time is tried first. */
  #keyOf(bytes: Uint8Array, start: number, end: number): number {
    const guess = this.#followers[this.#lastKey] ?? 0;
    if (guess < this.keys.count && this.keys.isEqual(guess, bytes, start, end)) {
      this.#lastKey = guess;
      return guess;
    }
    return this.#noteKey(this.keys.find(0, bytes, start, end));
  }

  #internKey(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#keyOf(bytes, start, end);
    if (known !== NOT_INTERNED) return known;
    const key = this.keys.intern(0, bytes, start, end);
    if (key >= this.#valueCounts.length) {
      this.#valueCounts = longer(this.#valueCounts, key * 2);
      this.#followers = longer(this.#followers, key * 2);
    }
    return this.#noteKey(key);
  }

  #noteKey(key: number): number {
    if (key === NOT_INTERNED) return key;
    this.#followers[this.#lastKey] = key;
    this.#lastKey = key;
    return key;
  }

  #internPair(key: number, bytes: Uint8Array, start: number, end: number): number {
    if (end - start > MAX_PAIR_BYTES) return NOT_INTERNED;
    const known = this.#valueCounts[key] ?? 0;
    if (known >= MAX_VALUES_PER_KEY) return this.pairs.find(key, bytes, start, end);
    const before = this.pairs.count;
    const pair = this.pairs.intern(key, bytes, start, end);
    if (this.pairs.count !== before) this.#valueCounts[key] = known + 1;
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

/**
 * Whether one of the pairs with a flag of 1 is among the attributes between `start` and `end` of a record: what
 * {@link AttributeCursor} could tell, for searches that ask it of a million spans.
 */
export function hasFlaggedPair(record: Uint8Array, start: number, end: number, flags: Uint8Array): boolean {
  for (let at = start; at < end;) {
    let byte = record[at++] ?? 0;
    let code = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = record[at++] ?? 0;
      code |= (byte & 0x7f) << shift;
    }
    code >>>= 0;
    if ((code & 1) === 0) {
      if (flags[code >>> 1] === 1) return true;
    } else {
      while ((record[at++] ?? 0) >= 0x80);
      at += code >>> 1;
    }
  }
  return false;
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

/** An attribute as it stands in a record that keeps its value: what a search for exactly it looks for among the bytes. */
export function rawForm(key: number, value: Uint8Array): Uint8Array {
  const writer = new WireWriter();
  writeRaw(writer, key + 1, value, 0, value.length);
  return writer.written;
}

/**
 * Where the value begins in a KeyValue message of a key of at most 127 bytes, then the value and nothing else, as every
 * SDK writes it; {@link NOT_INTERNED} for any other form, which is legal and kept whole.
 */
function valueStartOf(bytes: Uint8Array, start: number, end: number): number {
  const keyLength = bytes[start + 1] ?? 0;
  const keyEnd = start + 2 + keyLength;
  if (bytes[start] !== KEY || keyLength >= 0x80 || keyEnd + 1 >= end || bytes[keyEnd] !== VALUE)
    return NOT_INTERNED;
  const length = bytes[keyEnd + 1] ?? 0;
  if (length < 0x80) return keyEnd + 2 + length === end ? keyEnd + 2 : NOT_INTERNED;
  return afterLength(bytes, keyEnd + 1, end);
}

const KEY = 0x0a;
const VALUE = 0x12;

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
