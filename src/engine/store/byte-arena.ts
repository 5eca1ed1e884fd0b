import { copyBytes, WordReader } from "../../base/words.ts";

/**
 * Byte strings at 32-bit addresses, in pages that are given back as soon as nothing in them is alive. Each string is
 * preceded by its length. Addresses reach 4 GiB; a string larger than a page has one of its own.
 */
export class ByteArena {
  readonly #pages: (Page | undefined)[] = [];
  readonly #freePages: number[] = [];
  readonly #source = new WordReader();
  #current = -1;
  #byteLength = 0;

  /** Bytes of memory that the pages take. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Keeps a copy of the first `length` bytes and returns its address. */
  append(bytes: Uint8Array, length: number): number {
    const size = length + LENGTH_BYTES;
    let page = this.#pages[this.#current];
    if (page === undefined || page.used + size > page.bytes.length) {
      const index = this.#open(Math.max(size, PAGE_BYTES));
      page = this.#pages[index];
      if (page === undefined) return 0;
      // A page of its own is full at once; the current one goes on.
      if (size <= PAGE_BYTES) this.#current = index;
      return this.#put(page, index, bytes, length);
    }
    return this.#put(page, this.#current, bytes, length);
  }

  /** Where the string at this address can be read: in these bytes, from {@link startAt} to {@link endAt}. */
  bytesAt(address: number): Uint8Array {
    return this.#pages[address >>> PAGE_BITS]?.bytes ?? NOTHING;
  }

  startAt(address: number): number {
    return (address & PAGE_MASK) + LENGTH_BYTES;
  }

  endAt(address: number): number {
    const bytes = this.bytesAt(address);
    const at = address & PAGE_MASK;
    const length =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    return at + LENGTH_BYTES + length;
  }

  free(address: number): void {
    const index = address >>> PAGE_BITS;
    const page = this.#pages[index];
    if (page === undefined || --page.alive > 0) return;
    if (index === this.#current) page.used = 0;
    else {
      this.#byteLength -= page.bytes.length;
      this.#pages[index] = undefined;
      this.#freePages.push(index);
    }
  }

  /** Forgets all strings and gives the pages back. */
  clear(): void {
    this.#pages.length = 0;
    this.#freePages.length = 0;
    this.#current = -1;
    this.#byteLength = 0;
  }

  #open(size: number): number {
    const index = this.#freePages.pop() ?? this.#pages.length;
    const bytes = new Uint8Array(size);
    this.#pages[index] = { bytes, words: new DataView(bytes.buffer), used: 0, alive: 0 };
    this.#byteLength += size;
    return index;
  }

  #put(page: Page, index: number, bytes: Uint8Array, length: number): number {
    const at = page.used;
    page.words.setUint32(at, length, true);
    const to = at + LENGTH_BYTES;
    // Copying here is faster than a native call and a view for what most records are.
    if (length < 256) copyBytes(this.#source.of(bytes), 0, page.words, to, length);
    else page.bytes.set(bytes.subarray(0, length), to);
    page.used += length + LENGTH_BYTES;
    page.alive++;
    return ((index << PAGE_BITS) | at) >>> 0;
  }
}

interface Page {
  readonly bytes: Uint8Array;
  readonly words: DataView;
  used: number;
  /** Strings that have not been freed. */
  alive: number;
}

/** Small enough that one pinned span does not hold much, large enough that a million spans need few. */
const PAGE_BITS = 18;
const PAGE_BYTES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_BYTES - 1;
const LENGTH_BYTES = 4;
const NOTHING = new Uint8Array(0);
