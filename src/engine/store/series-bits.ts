/** Writes bits, the highest of a value first, into a buffer that grows. */
export class BitWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #used = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** The buffer, of which the first {@link byteLength} bytes count. */
  get buffer(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Bytes that were begun. */
  get byteLength(): number {
    return (this.#used + 7) >>> 3;
  }

  clear(): void {
    this.#bytes.fill(0, 0, this.byteLength);
    this.#used = 0;
  }

  /** Writes the lowest `width` bits of a value, 0 to 32 of them. */
  write(value: number, width: number): void {
    if (this.#used + 40 > this.#bytes.length * 8) this.#grow();
    const bytes = this.#bytes;
    let used = this.#used;
    let left = width;
    while (left > 0) {
      const at = used >>> 3;
      const free = 8 - (used & 7);
      const taken = left < free ? left : free;
      left -= taken;
      bytes[at] = (bytes[at] ?? 0) | (((value >>> left) & ((1 << taken) - 1)) << (free - taken));
      used += taken;
    }
    this.#used = used;
  }

  /** Writes the lowest `width` bits of 64, 0 to 64 of them. */
  writeWide(low: number, high: number, width: number): void {
    if (width > 32) this.write(high, width - 32);
    this.write(low, width > 32 ? 32 : width);
  }

  #grow(): void {
    // A program has thousands of these, so that what is not used of them counts.
    const larger = new Uint8Array(Math.ceil(this.#bytes.length * 1.5));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads what a {@link BitWriter} wrote. Behind the end there are zeros. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position: number;
  /** The last 64-bit value that was read, in two signed halves. */
  low = 0;
  high = 0;

  /** @param start of the first byte to be read */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#position = start * 8;
  }

  /** The next `width` bits, 0 to 32 of them, as a signed number where it is 32. */
  read(width: number): number {
    const bytes = this.#bytes;
    let position = this.#position;
    let value = 0;
    let left = width;
    while (left > 0) {
      const rest = 8 - (position & 7);
      const taken = left < rest ? left : rest;
      const bits = ((bytes[position >>> 3] ?? 0) >>> (rest - taken)) & ((1 << taken) - 1);
      value = (value << taken) | bits;
      left -= taken;
      position += taken;
    }
    this.#position = position;
    return value;
  }

  /** Reads `width` bits, 0 to 64 of them, into {@link low} and {@link high}. */
  readWide(width: number): void {
    this.high = width > 32 ? this.read(width - 32) : 0;
    this.low = this.read(width > 32 ? 32 : width);
  }
}
