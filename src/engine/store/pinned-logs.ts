import { ID_WORDS, type LogChunk } from "./log-chunk.ts";
import type { SpanStore } from "./span-store.ts";
import { NO_SLOT } from "./trace-table.ts";

/** Tells the log records that belong to pinned traces. */
export function isOfPinnedTrace({ traces }: SpanStore): (chunk: LogChunk, index: number) => boolean {
  return ({ ids }, index) => {
    const at = index * ID_WORDS;
    const slot = traces.find(ids[at] ?? 0, ids[at + 1] ?? 0, ids[at + 2] ?? 0, ids[at + 3] ?? 0);
    return slot !== NO_SLOT && traces.pinned[slot] === 1;
  };
}
