import type { WireWriter } from "../../base/wire-writer.ts";
import { NO_OFFSET, type SpanBatch } from "../../model/span-batch.ts";
import type { SpanOrigin } from "./origin-table.ts";
import type { SpanChunk } from "./span-chunk.ts";

/** Whether the row and the span of a batch have the same start and kind. */
export function isSameStart(chunk: SpanChunk, i: number, batch: SpanBatch, index: number): boolean {
  return (
    chunk.startLow[i] === batch.startLow[index] &&
    chunk.startHigh[i] === batch.startHigh[index] &&
    chunk.kind[i] === batch.kind[index]
  );
}

export function isSameParent(chunk: SpanChunk, i: number, batch: SpanBatch, index: number): boolean {
  const parent = batch.parentSpanId[index] ?? NO_OFFSET;
  if (parent === NO_OFFSET) return chunk.parentHigh[i] === 0 && chunk.parentLow[i] === 0;
  return (
    chunk.parentHigh[i] === batch.words.getInt32(parent) &&
    chunk.parentLow[i] === batch.words.getInt32(parent + 4)
  );
}

/** Whether a held record is the same as one that was just written. */
export function isSameRecord(bytes: Uint8Array, start: number, size: number, record: WireWriter): boolean {
  if (size !== record.length) return false;
  const { buffer } = record;
  for (let i = 0; i < size; i++) if (bytes[start + i] !== buffer[i]) return false;
  return true;
}

/**
 * Whether two origins differ in nothing that the sender has said. Run and connection are of this engine's making: what
 * is read again, from a log or a file, may have others than the first time.
 */
export function isSameSource(held: SpanOrigin, arriving: SpanOrigin | undefined): boolean {
  return (
    arriving !== undefined &&
    held.session === arriving.session &&
    held.channel === arriving.channel &&
    held.resourceSchemaUrl === arriving.resourceSchemaUrl &&
    held.scopeSchemaUrl === arriving.scopeSchemaUrl &&
    Buffer.compare(held.resource, arriving.resource) === 0 &&
    Buffer.compare(held.scope, arriving.scope) === 0
  );
}
