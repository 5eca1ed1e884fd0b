import type { TraceId } from "../model/ids.ts";
import { SpanBatch } from "../model/span-batch.ts";
import type { ImportOutcome } from "../protocol/engine.ts";
import { decodeTracesFile } from "./decode/otlp-file.ts";
import type { Ingest } from "./ingest.ts";
import { traceIdsIn } from "./store/trace-ids-in.ts";

/** More traces than this a reply does not name; they are in the store all the same. */
const MAX_NAMED_TRACES = 10_000;

/** Takes a file of traces into the store, outside of any run. What can be read of it is kept, whatever the rest is. */
export function importFile(name: string, bytes: Uint8Array, ingest: Ingest): ImportOutcome {
  const traceIds = new Set<TraceId>();
  let spanCount = 0;
  const issues = decodeTracesFile(bytes, new SpanBatch(), (batch) => {
    for (const traceId of traceIdsIn(batch, MAX_NAMED_TRACES - traceIds.size)) traceIds.add(traceId);
    spanCount += ingest.take(batch, NO_ISSUES, FILE).acceptedCount;
  });
  ingest.countRejected(issues.rejectedCount);
  const problem = problemOf(name, spanCount, issues.malformed, issues.message);
  return { traceIds: [...traceIds], spanCount, rejectedCount: issues.rejectedCount, problem };
}

const FILE = { sessionId: undefined, channel: "file" } as const;
const NO_ISSUES = { rejectedCount: 0, message: "", malformed: false };

function problemOf(
  name: string,
  spanCount: number,
  malformed: boolean,
  message: string,
): ImportOutcome["problem"] {
  if (malformed || message !== "") return { code: "import-failed", message: `${name}: ${message}` };
  if (spanCount > 0) return undefined;
  return {
    code: "import-empty",
    message: `${name} holds no spans.`,
    advice: "Spanlight opens OTLP: JSON (one object, or one a line) and protobuf.",
  };
}
