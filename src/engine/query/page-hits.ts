import { chooseTextNeedles, type Needle } from "./text-needles.ts";

/**
 * Tells which ranges of a large page of bytes may hold one of some texts, whatever their case. A page is searched natively,
 * once for as long as its ranges are asked for one after the other.
 */
export class PageHits {
  readonly #texts: readonly Uint8Array[];
  #needles: readonly Needle[] | undefined;
  #page: Uint8Array | undefined;
  /** Where a piece of one of the texts, amid the rest of it, begins in the page, ascending. */
  #places = new Uint32Array(0);

  /** @param texts as UTF-8, with ASCII letters in lower case; none is empty. */
  constructor(texts: readonly Uint8Array[]) {
    this.#texts = texts;
  }

  /** False where none of the texts lies between `start` and `end`. */
  mayHold(page: Uint8Array, start: number, end: number): boolean {
    if (page !== this.#page) this.#turnTo(page);
    const places = this.#places;
    let low = 0;
    for (let high = places.length; low < high;) {
      const middle = (low + high) >>> 1;
      if ((places[middle] ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    return (places[low] ?? end) < end;
  }

  #turnTo(page: Uint8Array): void {
    this.#page = page;
    const bytes = Buffer.from(page.buffer, page.byteOffset, page.length);
    this.#needles ??= chooseTextNeedles(this.#texts, bytes.subarray(0, SAMPLE_BYTES));
    const places: number[] = [];
    for (const needle of this.#needles) {
      for (let at = bytes.indexOf(needle.bytes); at >= 0; at = bytes.indexOf(needle.bytes, at + 1))
        if (needle.isWanted(bytes, at)) places.push(at);
    }
    this.#places = Uint32Array.from(places).sort();
  }
}

/** Enough to tell frequent bytes from rare ones, searched in some microseconds. */
const SAMPLE_BYTES = 32 * 1024;
