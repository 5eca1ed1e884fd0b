import { indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readSpan } from "../query/read-span.ts";
import { SpanProcesses } from "../query/span-process.ts";
import { listUnfinished, type SessionStates } from "../query/unfinished-spans.ts";
import type { OpenSpan } from "./slow-spans.ts";

/** Programs that leave more spans unfinished forget to end them; the oldest are the slow ones. */
const MAX_OPEN = 1000;

/** The spans that have not ended, the oldest first, as they are at this moment (milliseconds since the epoch). */
export function openSpans(store: SpanStore, sessions: SessionStates, atMs: number): readonly OpenSpan[] {
  const { spans } = listUnfinished(store, sessions, MAX_OPEN, atMs);
  const processes = new SpanProcesses(store);
  const moment = store.pauses.sinceBase(BigInt(Math.round(atMs * 1000)) * 1000n);
  return spans.flatMap((frame) => {
    const chunk = store.chunkOf(frame.row);
    if (chunk === undefined) return [];
    const { processId, host } = processes.processOf(chunk, indexInChunk(frame.row));
    const pauses = processes.pausesOf(chunk, indexInChunk(frame.row));
    return {
      ...frame,
      processId: Number.isNaN(processId) ? undefined : processId,
      host,
      runningMs: frame.runningNs / 1e6,
      isPaused: pauses?.has(moment) === true,
      matchable: () => {
        const span = readSpan(store, frame.row);
        return {
          name: frame.name,
          status: span?.status ?? "unset",
          attribute: (key) => span?.attributes.find((one) => one.key === key)?.value,
        };
      },
    };
  });
}
