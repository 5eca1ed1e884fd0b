import type { CodeIndexEntry } from "../../../../src/model/code-index.ts";
import type { RunNumber, SpanRow, TraceId } from "../../../../src/model/ids.ts";
import type { NotedOperation } from "../../../../src/host/editor/noted-operations.ts";

export interface EntrySketch extends Partial<Omit<CodeIndexEntry, "run" | "lastRow" | "lastErrorRow">> {
  readonly run?: number;
  readonly lastRow?: number;
  readonly lastErrorRow?: number | undefined;
  readonly p50Ms?: number | undefined;
  readonly p95Ms?: number | undefined;
}

/** What the engine tells of an operation, with only what a test is about. */
export function entryOf({ p50Ms = 41, p95Ms = 312, ...sketch }: EntrySketch): CodeIndexEntry {
  return {
    path: "/app/cart.ts",
    line: 12,
    operation: "GET /cart",
    service: "cart",
    evidence: "attributes",
    role: "handles",
    count: 38,
    errorCount: 0,
    p50Ns: p50Ms * 1e6,
    p95Ns: p95Ms * 1e6,
    lastTraceId: "0af7651916cd43dd8448eb211c80319c" as TraceId,
    slowestTraceId: "1af7651916cd43dd8448eb211c80319c" as TraceId,
    ...sketch,
    run: (sketch.run ?? 1) as RunNumber,
    lastRow: (sketch.lastRow ?? 7) as SpanRow,
    lastErrorRow: sketch.lastErrorRow as SpanRow | undefined,
  };
}

/** An operation as an editor has it, at the line that it was recorded at. */
export function notedOf(sketch: EntrySketch & { readonly slowdown?: number }): NotedOperation {
  const { slowdown, ...rest } = sketch;
  const entry = entryOf(rest);
  return { entry, line: entry.line - 1, slowdown };
}
