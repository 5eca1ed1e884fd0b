import type { Problem, Result } from "../base/result.ts";
import type { TraceId } from "../model/ids.ts";
import type { SavedTraces } from "../protocol/run-file.ts";
import { writeTracesJson } from "./query/encode-json.ts";
import { runInSlices } from "./query/slices.ts";
import type { WriteOptions } from "./run-file/write.ts";
import { writeWholeFile } from "./run-file/whole-file.ts";
import type { SpanStore } from "./store/span-store.ts";

/**
 * Writes traces into one file of OTLP JSON, all where none are named. Works in slices beside everything else, and holds
 * no more of the text than one slice makes; what arrives meanwhile may be in the file or not. Never rejects.
 */
export function saveTraces(
  store: SpanStore,
  path: string,
  traceIds: readonly TraceId[] | undefined,
  { signal, onProgress }: WriteOptions = {},
): Promise<Result<SavedTraces, Problem>> {
  return writeWholeFile(path, async (file) => {
    let pending: string[] = [];
    let pieceCount = 0;
    const flush = async (): Promise<void> => {
      const text = pending.join("");
      pending = [];
      await file.append(utf8.encode(text));
      onProgress?.(pieceCount);
    };
    const work = writeTracesJson(store, traceIds, (text) => {
      pending.push(text);
      pieceCount++;
    });
    const written = await runInSlices(work, signal, flush);
    if (!written.ok) return undefined;
    await flush();
    return { spanCount: written.value, bytes: file.bytes };
  });
}

const utf8 = new TextEncoder();
