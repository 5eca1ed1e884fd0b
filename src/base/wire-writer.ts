import { copyBytes, WordReader } from "./words.ts";

/** Writes protobuf fields into a buffer that grows. Lengths of nested messages are the shortest possible. */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;
  readonly #source = new WordReader();

  /** @param into a buffer to write into as far as it goes, all of its memory, or how long the first one shall be */
  constructor(into: Uint8Array<ArrayBuffer> | number = 1024) {
    this.#bytes = typeof into === "number" ? new Uint8Array(into) : into;
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, valid until the next write. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew. A buffer that one large message made is given back. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#use(new Uint8Array(1024));
  }

  /** Takes back everything after `length`, a former value of {@link length}. */
  truncate(length: number): void {
    this.#length = length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An unsigned number of at most 32 bits; a field's tag or a length, for example. */
  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A 64-bit number from its two unsigned halves. */
  varint64(low: number, high: number): void {
    if (high === 0) {
      this.varint(low);
      return;
    }
    let restLow = low;
    let restHigh = high;
    while (restHigh !== 0 || restLow >= 0x80) {
      this.byte((restLow & 0x7f) | 0x80);
      restLow = ((restLow >>> 7) | (restHigh << 25)) >>> 0;
      restHigh >>>= 7;
    }
    this.byte(restLow);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#view.setInt32(this.#length, value, true);
    this.#length += 4;
  }

  fixed64(low: number, high: number): void {
    this.#reserve(8);
    this.#view.setInt32(this.#length, low, true);
    this.#view.setInt32(this.#length + 4, high, true);
    this.#length += 8;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start;
    this.#reserve(size);
    // Copying here is faster than a native call for what attributes usually are.
    if (size < 256) copyBytes(this.#source.of(bytes), start, this.#view, this.#length, size);
    else this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += size;
  }

  /** Short pieces of another buffer, for which a view of it is at hand. */
  copy(from: DataView, start: number, end: number): void {
    const size = end - start;
    this.#reserve(size);
    copyBytes(from, start, this.#view, this.#length, size);
    this.#length += size;
  }

  /** Makes room for so many bytes, which the caller puts into {@link buffer} then, from the offset that is returned. */
  claim(size: number): number {
    this.#reserve(size);
    this.#length += size;
    return this.#length - size;
  }

  /** A field of bytes, or of a nested message that is written already. */
  bytesField(tag: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.varint(tag);
    this.varint(end - start);
    this.raw(bytes, start, end);
  }

  /** A string field; lone surrogates become replacement characters. */
  stringField(tag: number, text: string): void {
    const mark = this.begin(tag);
    // UTF-16 units take at most three bytes in UTF-8.
    this.#reserve(text.length * 3);
    this.#length += utf8.encodeInto(text, this.#bytes.subarray(this.#length)).written;
    this.end(mark);
  }

  /** Everything that another writer has written. */
  append(other: WireWriter): void {
    this.raw(other.#bytes, 0, other.#length);
  }

  /** The buffer, of which the first {@link length} bytes count; spares the view that {@link written} makes. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** A view of {@link buffer}. */
  get view(): DataView {
    return this.#view;
  }

  /**
   * Begins a nested message, without a tag where none is given; returns the mark that {@link end} needs.
   * @param room bytes to keep free for the length, the same as for {@link end}; more than one makes it a longer varint than it has to be
   */
  begin(tag = 0, room = 1): number {
    if (tag !== 0) this.varint(tag);
    this.claim(room);
    return this.#length;
  }

  /** Ends the nested message that began at `mark` and puts its length before it. */
  end(mark: number, room = 1): void {
    const size = this.#length - mark;
    // A length that does not fit moves the content.
    if (size >= 1 << (7 * room)) {
      const more = lengthOfVarint(size) - room;
      this.#reserve(more);
      this.#bytes.copyWithin(mark + more, mark, this.#length);
      this.#length += more;
      this.#putLength(mark - room, size, room + more);
    } else this.#putLength(mark - room, size, room);
  }

  /** A varint of exactly so many bytes. */
  #putLength(at: number, value: number, bytes: number): void {
    let rest = value;
    for (let i = 0; i < bytes - 1; i++, rest >>>= 7) this.#bytes[at + i] = (rest & 0x7f) | 0x80;
    this.#bytes[at + bytes - 1] = rest;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#use(larger);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

function lengthOfVarint(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}

/** Several usual requests. */
const MAX_KEPT_BYTES = 4 << 20;

const utf8 = new TextEncoder();
