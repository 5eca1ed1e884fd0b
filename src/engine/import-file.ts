import type { TraceId } from "../model/ids.ts";
import { SpanBatch, type DecodeIssues } from "../model/span-batch.ts";
import type { ImportOutcome } from "../protocol/engine.ts";
import { requestsInFile, type FileRequest } from "./decode/otlp-file.ts";
import { decodeTracesJson } from "./decode/otlp-json.ts";
import { decodeTracesProtobuf } from "./decode/otlp-protobuf.ts";
import type { OtlpSignal } from "./decode/signal-of-protobuf.ts";
import type { Ingest } from "./ingest.ts";
import { traceIdsIn } from "./store/trace-ids-in.ts";

/** More traces than this a reply does not name; they are in the store all the same. */
const MAX_NAMED_TRACES = 10_000;

const FILE = { sessionId: undefined, channel: "file" } as const;
const NO_ISSUES = { rejectedCount: 0, message: "", malformed: false };

/**
 * Takes a file of OTLP into the stores, outside of any run: traces, metrics and logs, whichever it holds. What can be
 * read of it is kept, whatever the rest is; a bad line costs that line.
 *
 * @param encoding leaves nothing to guess
 */
export function importFile(
  name: string,
  bytes: Uint8Array,
  ingest: Ingest,
  encoding?: FileRequest["encoding"],
): ImportOutcome {
  const file = new FileImport(ingest);
  for (const request of requestsInFile(bytes, encoding)) file.take(request);
  return file.outcome(name);
}

class FileImport {
  readonly #ingest: Ingest;
  readonly #batch = new SpanBatch();
  readonly #traceIds = new Set<TraceId>();
  readonly #counts = { traces: 0, metrics: 0, logs: 0 };
  #rejectedCount = 0;
  #goodRequests = 0;
  #badRequests = 0;
  #message = "";

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  take(request: FileRequest): void {
    for (const signal of request.signals) {
      const { rejectedCount, malformed, message } =
        signal === "traces" ? this.#takeTraces(request) : this.#takeOther(signal, request);
      this.#rejectedCount += rejectedCount;
      if (malformed) this.#badRequests++;
      else this.#goodRequests++;
      if (this.#message !== "" || message === "") continue;
      this.#message = request.line === undefined ? message : `line ${request.line}: ${message}`;
    }
  }

  outcome(name: string): ImportOutcome {
    const { traces, metrics, logs } = this.#counts;
    const itemCount = traces + metrics + logs;
    return {
      traceIds: [...this.#traceIds],
      spanCount: traces,
      pointCount: metrics,
      logCount: logs,
      rejectedCount: this.#rejectedCount,
      problem: problemOf(name, itemCount, this.#badRequests > 0 && this.#goodRequests === 0, this.#message),
    };
  }

  #takeTraces({ body, encoding }: FileRequest): DecodeIssues {
    const batch = this.#batch;
    const issues = encoding === "json" ? decodeTracesJson(body, batch) : decodeTracesProtobuf(body, batch);
    for (const traceId of traceIdsIn(batch, MAX_NAMED_TRACES - this.#traceIds.size))
      this.#traceIds.add(traceId);
    this.#counts.traces += this.#ingest.take(batch, NO_ISSUES, FILE).acceptedCount;
    this.#ingest.countRejected(issues.rejectedCount);
    return issues;
  }

  #takeOther(signal: Exclude<OtlpSignal, "traces">, { body, encoding }: FileRequest): DecodeIssues {
    const taken = this.#ingest[signal](body, encoding, FILE);
    this.#counts[signal] += taken.acceptedCount;
    return taken;
  }
}

function problemOf(
  name: string,
  itemCount: number,
  malformed: boolean,
  message: string,
): ImportOutcome["problem"] {
  if (malformed || message !== "") return { code: "import-failed", message: `${name}: ${message}` };
  if (itemCount > 0) return undefined;
  return {
    code: "import-empty",
    message: `${name} holds no spans, metrics or log records.`,
    advice: "Spanlight opens OTLP: JSON (one object, or one a line) and protobuf.",
  };
}
