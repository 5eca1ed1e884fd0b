import type { TraceId } from "../../model/ids.ts";
import type { SpanBatch } from "../../model/span-batch.ts";
import { hexOfBytes } from "./hex.ts";

/** The traces of a batch in the order in which they appear, at most `max`. */
export function traceIdsIn(batch: SpanBatch, max: number): TraceId[] {
  const ids = new Set<TraceId>();
  for (let index = 0; index < batch.count && ids.size < max; index++) {
    const at = batch.traceId[index] ?? 0;
    ids.add(hexOfBytes(batch.body, at, at + 16) as TraceId);
  }
  return [...ids];
}
