/** Wire types of protobuf's encoding (protobuf.dev, "Encoding"). Groups (3, 4) are obsolete and refused. */
const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
export const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** {@link WireReader.next} at the end of the message. */
export const END = 0;
/** {@link WireReader.next} and {@link WireReader.enter} where the bytes are not protobuf. */
export const MALFORMED = -1;

/**
 * Reads protobuf fields between `position` and `limit`, the end of the message that is being read: nothing is read
 * beyond it, whatever a length says. Never throws. A caller enters a nested message by setting `limit` to the end
 * that {@link enter} returned, and puts its own limit back afterwards.
 */
export class WireReader {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  limit = 0;
  /** The last varint or fixed value: two halves of 64 bits, unsigned. */
  low = 0;
  high = 0;
  /** For checks that bound how many messages they go into; set by whoever checks. */
  nestedCount = 0;

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.limit = end;
  }

  /** The next field's tag (number × 8 + wire type), {@link END} or {@link MALFORMED}. */
  next(): number {
    if (this.position >= this.limit) return END;
    const first = this.bytes[this.position] ?? 0;
    if (first < 0x80) {
      this.position++;
      return first < 8 ? MALFORMED : first;
    }
    if (!this.varint() || this.high !== 0 || this.low < 8) return MALFORMED;
    return this.low;
  }

  /** Reads a varint into `low` and `high`; false where it is cut off or longer than ten bytes. */
  varint(): boolean {
    const { bytes, limit } = this;
    let position = this.position;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (position >= limit) return false;
      const byte = bytes[position++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.position = position;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return true;
      }
    }
    return false;
  }

  fixed64(): boolean {
    if (this.position + 8 > this.limit) return false;
    this.low = this.#word(this.position);
    this.high = this.#word(this.position + 4);
    this.position += 8;
    return true;
  }

  fixed32(): boolean {
    if (this.position + 4 > this.limit) return false;
    this.low = this.#word(this.position);
    this.high = 0;
    this.position += 4;
    return true;
  }

  /** Reads the length before a nested message, string or bytes and returns its end, or {@link MALFORMED} where that lies outside of the message. */
  enter(): number {
    const { position, limit } = this;
    if (position >= limit) return MALFORMED;
    let length = this.bytes[position] ?? 0;
    if (length < 0x80) this.position = position + 1;
    else {
      if (!this.varint() || this.high !== 0) return MALFORMED;
      length = this.low;
    }
    const end = this.position + length;
    return end > limit ? MALFORMED : end;
  }

  /** Steps over the value of the field with this tag; false where that is impossible. */
  skip(tag: number): boolean {
    switch (tag & 7) {
      case WIRE_BYTES: {
        const end = this.enter();
        if (end === MALFORMED) return false;
        this.position = end;
        return true;
      }
      case WIRE_VARINT:
        return this.varint();
      case WIRE_FIXED64:
        this.position += 8;
        return this.position <= this.limit;
      case WIRE_FIXED32:
        this.position += 4;
        return this.position <= this.limit;
      default:
        return false;
    }
  }

  #word(at: number): number {
    const { bytes } = this;
    return (
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24)) >>>
      0
    );
  }
}
