import type { SpanChunk } from "../store/span-chunk.ts";

/** Whether the span at this index of a chunk meets a condition. */
export type RowTest = (chunk: SpanChunk, index: number) => boolean;
