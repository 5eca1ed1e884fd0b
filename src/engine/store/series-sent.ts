import type { MetricBatch } from "../../model/metric-batch.ts";

/**
 * The attributes of a data point as they lay in its request, from the first one's content to the last one's end. For points of one
 * kind equal bytes, with a first attribute of equal length, are equal attributes.
 */
export interface SentAttributes {
  readonly bytes: Uint8Array;
  readonly firstLength: number;
}

export function sentAttributes(batch: MetricBatch, point: number): SentAttributes {
  const { body, attributeStart, attributeEnd } = batch;
  const first = batch.firstAttribute[point] ?? 0;
  const end = batch.lastAttribute(point);
  if (end === first) return NONE;
  const start = attributeStart[first] ?? 0;
  return {
    bytes: body.slice(start, attributeEnd[end - 1] ?? 0),
    firstLength: (attributeEnd[first] ?? 0) - start,
  };
}

/** Whether a data point has these attributes, as they lie there; false tells nothing. */
export function isSentAgain(
  { bytes, firstLength }: SentAttributes,
  batch: MetricBatch,
  point: number,
): boolean {
  const { body, attributeStart, attributeEnd } = batch;
  const first = batch.firstAttribute[point] ?? 0;
  const end = batch.lastAttribute(point);
  if (end === first) return bytes.length === 0 && firstLength === NONE.firstLength;
  const start = attributeStart[first] ?? 0;
  if ((attributeEnd[first] ?? 0) - start !== firstLength) return false;
  const { length } = bytes;
  if ((attributeEnd[end - 1] ?? 0) - start !== length) return false;
  // Series that follow each other differ at the end more often than at the beginning.
  for (let i = length - 1; i >= 0; i--) if (bytes[i] !== body[start + i]) return false;
  return true;
}

/** An attribute without content has a length of its own. */
const NONE: SentAttributes = { bytes: new Uint8Array(0), firstLength: -1 };
