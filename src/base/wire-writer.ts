/** Writes protobuf fields into a buffer that grows. Lengths of nested messages are the shortest possible. */
export class WireWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
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
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = new Uint8Array(1024);
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
    this.#bytes[this.#length++] = value;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value >>> 16;
    this.#bytes[this.#length++] = value >>> 24;
  }

  fixed64(low: number, high: number): void {
    this.fixed32(low);
    this.fixed32(high);
  }

  double(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start;
    this.#reserve(size);
    // Copying byte by byte is faster than a native call for what attributes usually are.
    if (size < 32) {
      for (let i = start, to = this.#length; i < end; i++, to++) this.#bytes[to] = bytes[i] ?? 0;
    } else this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length += size;
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

  /** Begins a nested message, without a tag where none is given; returns the mark that {@link end} needs. */
  begin(tag = 0): number {
    if (tag !== 0) this.varint(tag);
    this.byte(0);
    return this.#length;
  }

  /** Ends the nested message that began at `mark` and puts its length before it. */
  end(mark: number): void {
    const size = this.#length - mark;
    if (size < 0x80) {
      this.#bytes[mark - 1] = size;
      return;
    }
    // One byte was kept free for the length; a longer one moves the content.
    let more = 0;
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) more++;
    this.#reserve(more);
    this.#bytes.copyWithin(mark + more, mark, this.#length);
    const total = this.#length + more;
    this.#length = mark - 1;
    this.varint(size);
    this.#length = total;
  }

  #reserve(size: number): void {
    const needed = this.#length + size;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Several usual requests. */
const MAX_KEPT_BYTES = 4 << 20;

const utf8 = new TextEncoder();
