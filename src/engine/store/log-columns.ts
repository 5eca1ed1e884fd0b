import type { LogBatch } from "../../model/log-batch.ts";
import { NO_OFFSET } from "../../model/span-batch.ts";
import { wordAt } from "./hex.ts";
import { TIME_IS_OBSERVED, TRACE_WORDS, type LogChunk } from "./log-chunk.ts";

/** Writes the ids of a record into words that are 0. */
export function setIds(
  ids: Int32Array,
  at: number,
  { body, traceId, spanId }: LogBatch,
  index: number,
): void {
  const trace = traceId[index] ?? NO_OFFSET;
  const span = spanId[index] ?? NO_OFFSET;
  if (trace !== NO_OFFSET)
    for (let word = 0; word < TRACE_WORDS; word++) ids[at + word] = wordAt(body, trace + word * 4);
  if (span === NO_OFFSET) return;
  ids[at + TRACE_WORDS] = wordAt(body, span);
  ids[at + TRACE_WORDS + 1] = wordAt(body, span + 4);
}

export function areZero(words: Int32Array, at: number, count: number): boolean {
  for (let i = at; i < at + count; i++) if (words[i] !== 0) return false;
  return true;
}

/** Writes when a record happened or, where that is not told, when it was observed. The row has no other marks yet. */
export function setTime(chunk: LogChunk, i: number, batch: LogBatch, index: number): void {
  const low = batch.timeLow[index] ?? 0;
  const high = batch.timeHigh[index] ?? 0;
  const isKnown = low !== 0 || high !== 0;
  chunk.timeLow[i] = isKnown ? low : (batch.observedLow[index] ?? 0);
  chunk.timeHigh[i] = isKnown ? high : (batch.observedHigh[index] ?? 0);
  chunk.marks[i] = isKnown ? 0 : TIME_IS_OBSERVED;
}
