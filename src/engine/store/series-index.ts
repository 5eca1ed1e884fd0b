import type { Label } from "./series-labels.ts";

/** Finds series by their labels: for each name and value the numbers of the series that have it, in their order. */
export class SeriesIndex {
  readonly #postings = new Map<string, Map<string, Posting>>();
  readonly #isHeld: (series: number) => boolean;
  #byteLength = 0;

  /** @param isHeld tells whether a series that was removed is gone */
  constructor(isHeld: (series: number) => boolean) {
    this.#isHeld = isHeld;
  }

  /** Bytes of memory that the index takes, as estimated. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** The names of all labels. */
  get names(): readonly string[] {
    return [...this.#postings.keys()];
  }

  /** The values that a label has. */
  valuesOf(name: string): readonly string[] {
    return [...(this.#postings.get(name)?.keys() ?? [])];
  }

  /** The numbers of the series that have this label, in their order. */
  seriesWith(name: string, value: string): readonly number[] {
    const posting = this.#postings.get(name)?.get(value);
    if (posting === undefined) return [];
    if (posting.removedCount > 0) this.#compact(posting);
    return posting.series;
  }

  /** Adds a series, whose number has to be above those of all before it. */
  add(series: number, labels: readonly Label[]): void {
    for (const [name, value] of labels) {
      let values = this.#postings.get(name);
      if (values === undefined) this.#postings.set(name, (values = new Map<string, Posting>()));
      const posting = values.get(value);
      if (posting === undefined) {
        values.set(value, { series: [series], removedCount: 0 });
        this.#byteLength += weightOf(value);
        // Twice there where an attribute comes twice.
      } else if (posting.series.at(-1) !== series) posting.series.push(series);
      this.#byteLength += NUMBER_BYTES;
    }
  }

  /** Removes a series that is not held any more; its numbers stay in the lists until these are half of such. */
  remove(labels: readonly Label[]): void {
    for (const [name, value] of labels) {
      const values = this.#postings.get(name);
      const posting = values?.get(value);
      this.#byteLength -= NUMBER_BYTES;
      if (values === undefined || posting === undefined) continue;
      posting.removedCount++;
      if (posting.removedCount * 2 < posting.series.length) continue;
      this.#compact(posting);
      if (posting.series.length > 0) continue;
      values.delete(value);
      this.#byteLength -= weightOf(value);
      if (values.size === 0) this.#postings.delete(name);
    }
  }

  clear(): void {
    this.#postings.clear();
    this.#byteLength = 0;
  }

  #compact(posting: Posting): void {
    posting.series = posting.series.filter(this.#isHeld);
    posting.removedCount = 0;
  }
}

interface Posting {
  series: number[];
  /** How many of the numbers may be those of series that were removed. */
  removedCount: number;
}

const NUMBER_BYTES = 8;

/** A value's text, its list, and its place in the map. */
function weightOf(value: string): number {
  return value.length + 160;
}
