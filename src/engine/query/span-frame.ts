import type { SessionId, SpanRow } from "../../model/ids.ts";
import type { SpanFrame } from "../../model/span-stack.ts";
import type { SpanStore } from "../store/span-store.ts";
import { indexInChunk } from "../store/span-chunk.ts";
import type { runningTimes } from "./program-time.ts";
import { readSpan } from "./read-span.ts";

/** A span as it is shown in a call stack; undefined where the row has left. `atMs`: now, for spans that still run. */
export function readSpanFrame(
  store: SpanStore,
  row: SpanRow,
  atMs: number,
  runningTime: ReturnType<typeof runningTimes>,
): SpanFrame | undefined {
  const span = readSpan(store, row);
  const chunk = store.chunkOf(row);
  if (span === undefined || chunk === undefined) return undefined;
  const startNs = BigInt(span.startTimeUnixNano);
  const endNs =
    span.durationNs === undefined
      ? BigInt(Math.round(atMs * 1000)) * 1000n
      : startNs + BigInt(span.durationNs);
  return {
    row,
    traceId: span.traceId,
    spanId: span.spanId,
    sessionId: store.originAt(chunk, indexInChunk(row))?.session as SessionId | undefined,
    name: span.name,
    service: span.service,
    state: span.state,
    startMs: Number(startNs / 1000n) / 1000,
    runningNs: Math.max(0, runningTime(row, startNs, endNs)),
    location: span.locations[0],
    guessedCaller: false,
  };
}
