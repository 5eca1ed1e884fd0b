import { isEqualBytes, WordReader } from "../../base/words.ts";
import type { MetricBatch } from "../../model/metric-batch.ts";

/**
 * The attributes of a data point as they lay in its request, from the first one's content to the last one's end. For points of one
 * kind equal bytes, with a first attribute of equal length, are equal attributes.
 */
export interface SentAttributes {
  readonly bytes: DataView;
  readonly firstLength: number;
}

/** Tells whether a data point has the attributes that are expected, without putting them into order. */
export class SentReader {
  readonly #body = new WordReader();

  read(batch: MetricBatch, point: number): SentAttributes {
    const { body, attributeStart, attributeEnd } = batch;
    const first = batch.firstAttribute[point] ?? 0;
    const end = batch.lastAttribute(point);
    if (end === first) return NONE;
    const start = attributeStart[first] ?? 0;
    const bytes = body.slice(start, attributeEnd[end - 1] ?? 0);
    return { bytes: new DataView(bytes.buffer), firstLength: (attributeEnd[first] ?? 0) - start };
  }

  /** False tells nothing: they may lie there in another order. */
  isSame({ bytes, firstLength }: SentAttributes, batch: MetricBatch, point: number): boolean {
    const { body, attributeStart, attributeEnd } = batch;
    const first = batch.firstAttribute[point] ?? 0;
    const end = batch.lastAttribute(point);
    if (end === first) return firstLength === NONE.firstLength;
    const start = attributeStart[first] ?? 0;
    const length = bytes.byteLength;
    return (
      (attributeEnd[first] ?? 0) - start === firstLength &&
      (attributeEnd[end - 1] ?? 0) - start === length &&
      isEqualBytes(bytes, 0, this.#body.of(body), start, length)
    );
  }

  /** Lets go of the body. */
  release(): void {
    this.#body.release();
  }
}

/** An attribute without content has a length of its own. */
const NONE: SentAttributes = { bytes: new DataView(new ArrayBuffer(0)), firstLength: -1 };
