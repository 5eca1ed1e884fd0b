import { isSamePoint, PointColumns } from "../../model/metric-points.ts";
import type { Chunk } from "./series-chunk.ts";

/** Tells whether a sample is held already: what a sender sends again, because it did not hear the reply, is not kept twice. */
export class SampleFinder {
  readonly #read: (chunk: Chunk, into: PointColumns) => void;
  readonly #samples = new PointColumns();
  #chunk: Chunk | undefined;
  #readCount = 0;

  constructor(read: (chunk: Chunk, into: PointColumns) => void) {
    this.#read = read;
  }

  /** Begins with a batch. */
  begin(): void {
    this.#chunk = undefined;
    this.#readCount = 0;
  }

  has(chunks: readonly Chunk[], kind: number, points: PointColumns, index: number, timeNs: number): boolean {
    let searched = 0;
    for (let at = chunks.length - 1; at >= 0 && searched < MAX_SEARCHED; at--) {
      const chunk = chunks[at];
      if (chunk === undefined || timeNs < chunk.minNs || timeNs > chunk.maxNs) continue;
      searched++;
      if (this.#isIn(chunk, kind, points, index)) return true;
    }
    return false;
  }

  #isIn(chunk: Chunk, kind: number, points: PointColumns, index: number): boolean {
    const samples = this.#samples;
    // Samples of one series mostly come one after the other.
    if (this.#chunk !== chunk || samples.count !== chunk.count) {
      if (this.#readCount > MAX_READ) return false;
      samples.clear();
      this.#read(chunk, samples);
      this.#readCount += samples.count + samples.wordCount;
      this.#chunk = chunk;
    }
    for (let i = 0; i < samples.count; i++) if (isSamePoint(samples, i, points, index, kind)) return true;
    return false;
  }
}

/** Only chunks of samples that came late overlap others; a sender that sends backwards makes many such. */
const MAX_SEARCHED = 4;

/** Samples and their words in one batch, less than half a second: beyond, what is sent again may be kept twice. */
const MAX_READ = 1_500_000;
