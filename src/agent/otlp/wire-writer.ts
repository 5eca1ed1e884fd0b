/**
 * Writes protobuf messages straight into one growing buffer. A nested message reserves one byte for its length, and
 * is moved up only when that turns out to be too short, so that no size has to be computed beforehand.
 */
export class WireWriter {
  #buffer: Buffer;
  #end = 0;

  constructor(capacityBytes = 16 * 1024) {
    this.#buffer = Buffer.allocUnsafe(capacityBytes);
  }

  /** A copy of what was written; the writer is empty afterwards and keeps its memory for the next message. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#end));
    this.#end = 0;
    return bytes;
  }

  /** Where the next byte goes; {@link rewind} to it drops everything written since. */
  position(): number {
    return this.#end;
  }

  rewind(position: number): void {
    this.#end = position;
  }

  /** A copy of what was written since that position. */
  copyFrom(position: number): Buffer {
    return Buffer.from(this.#buffer.subarray(position, this.#end));
  }

  /** Opens a length-delimited field; hand the result to {@link endMessage}. */
  beginMessage(field: number): number {
    this.#tag(field, 2);
    this.#reserve(1);
    return this.#end++;
  }

  endMessage(start: number): void {
    const length = this.#end - start - 1;
    const extra = varintSize(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#buffer.copyWithin(start + 1 + extra, start + 1, this.#end);
    }
    const end = this.#end + extra;
    this.#end = start;
    this.#varint(length);
    this.#end = end;
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#raw(value);
  }

  /** Fields that were encoded before, tags included. */
  encoded(fields: Uint8Array): void {
    this.#raw(fields);
  }

  string(field: number, value: string): void {
    this.#tag(field, 2);
    // A UTF-16 unit takes at most three bytes in UTF-8.
    this.#reserve(value.length * 3 + 5);
    if (value.length < SHORT_TEXT && this.#ascii(value)) return;
    this.#varint(Buffer.byteLength(value, "utf8"));
    this.#end += this.#buffer.write(value, this.#end, "utf8");
  }

  /** Most texts: short ones without a character beyond ASCII, for which a loop is faster than a native call. */
  #ascii(value: string): boolean {
    const { length } = value;
    const start = this.#end + 1;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#buffer[start + i] = code;
    }
    this.#buffer[this.#end] = length;
    this.#end = start + length;
    return true;
  }

  /** `hex` must have an even number of hexadecimal digits. */
  hex(field: number, hex: string): void {
    this.#tag(field, 2);
    this.#varint(hex.length / 2);
    this.#reserve(hex.length / 2);
    for (let i = 0; i < hex.length; i += 2) {
      this.#buffer[this.#end++] = (hexDigit(hex.charCodeAt(i)) << 4) | hexDigit(hex.charCodeAt(i + 1));
    }
  }

  uint(field: number, value: number): void {
    this.#tag(field, 0);
    this.#varint(value);
  }

  /** A signed 64-bit field, two's complement, as int64 asks for. */
  int64(field: number, value: number): void {
    this.#tag(field, 0);
    if (value >= 0) {
      this.#varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    this.#reserve(10);
    while (rest > 0x7fn) {
      this.#buffer[this.#end++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#end++] = Number(rest);
  }

  double(field: number, value: number): void {
    this.#tag(field, 1);
    this.#reserve(8);
    this.#end = this.#buffer.writeDoubleLE(value, this.#end);
  }

  /** A time given as whole seconds and nanoseconds, written as fixed64 nanoseconds without a BigInt on the way. */
  fixed64Nanos(field: number, seconds: number, nanos: number): void {
    this.#tag(field, 1);
    this.#reserve(8);
    // seconds * 1e9 split in 32-bit halves: 1e9 = 1e9, seconds below 2^34 keeps both products under 2^53.
    const highSeconds = Math.floor(seconds / 0x10000);
    const low = (seconds % 0x10000) * 1e9 + nanos;
    const middle = highSeconds * 1e9;
    const lowSum = (middle % 0x10000) * 0x10000 + low;
    const high = Math.floor(middle / 0x10000) + Math.floor(lowSum / 0x100000000);
    this.#end = this.#buffer.writeUInt32LE(lowSum % 0x100000000, this.#end);
    this.#end = this.#buffer.writeUInt32LE(high >>> 0, this.#end);
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 5);
    this.#reserve(4);
    this.#end = this.#buffer.writeUInt32LE(value >>> 0, this.#end);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7f) {
      this.#buffer[this.#end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#end++] = rest;
  }

  #raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#end);
    this.#end += value.length;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(grown, 0, 0, this.#end);
    this.#buffer = grown;
  }
}

/** Of a length that takes one byte. */
const SHORT_TEXT = 0x80;

/** The value of a hexadecimal digit by its character code: letters follow from bit 6. */
function hexDigit(code: number): number {
  return (code & 0x0f) + (code > 0x40 ? 9 : 0);
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
