import assert from "node:assert/strict";
import type { Engine } from "../../src/engine/engine.ts";
import type { Signal } from "../../src/engine/receive/endpoint.ts";
import { handleExport } from "../../src/engine/receive/export-handler.ts";
import type { Encoding } from "../../src/engine/receive/sink.ts";
import { decodeReply } from "../unit/engine/receive/reply-types.ts";
import type { Fate } from "./target.ts";

/** Lets an engine take a request, and checks that the reply is well formed and counts what was refused. */
export async function exportTo(
  engine: Engine,
  signal: Signal,
  body: Uint8Array,
  encoding: Encoding,
): Promise<Fate> {
  const before = refusedCount(engine, signal);
  const faults: string[] = [];
  const outcome = await handleExport(
    signal,
    body,
    encoding,
    { sessionId: undefined, channel: "http" },
    { sink: engine.sink, overloaded: () => undefined, onFault: (message) => faults.push(message) },
  );
  assert.deepEqual(faults, [], "nothing fails inside");
  if (!outcome.ok) {
    assert.equal(outcome.error.kind, "malformed");
    assert.match(outcome.error.message, /./);
    return "refused";
  }
  const { partialSuccess = {} }: Reply =
    encoding === "json"
      ? (JSON.parse(Buffer.from(outcome.value).toString()) as Reply)
      : decodeReply("ExportResponse", Buffer.from(outcome.value));
  const rejected = Number(partialSuccess[REJECTED[signal]] ?? partialSuccess.rejected ?? 0);
  assert.equal(rejected, refusedCount(engine, signal) - before, "the reply counts what was refused");
  if (rejected > 0) assert.match(partialSuccess.errorMessage ?? "", /./, "and says why");
  return rejected === 0 ? "accepted" : "refused";
}

function refusedCount(engine: Engine, signal: Signal): number {
  if (signal === "metrics") return engine.refusedPointCount;
  return signal === "logs" ? engine.refusedLogCount : engine.state.rejectedCount;
}

const REJECTED = {
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
} as const;

interface Reply {
  /** The specification's names in JSON; protobuf knows fields by number. */
  readonly partialSuccess?: {
    readonly rejectedSpans?: string;
    readonly rejectedDataPoints?: string;
    readonly rejectedLogRecords?: string;
    readonly rejected?: number;
    readonly errorMessage?: string;
  };
}
