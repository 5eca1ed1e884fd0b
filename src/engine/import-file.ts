import type { TraceId } from "../model/ids.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import type { ImportOutcome } from "../protocol/engine.ts";
import { requestsInFile, type FileRequest } from "./decode/otlp-file.ts";
import type { Ingest } from "./ingest.ts";
import { Slice } from "./slices.ts";
import { traceIdsIn } from "./store/trace-ids-in.ts";

/** More traces than this a reply does not name; they are in the store all the same. */
const MAX_NAMED_TRACES = 10_000;

/**
 * Takes a file of OTLP into the stores, outside of any run: traces, metrics and logs, whichever it holds. What can be
 * read of it is kept, whatever the rest is; a bad line costs that line. Works in slices
 * beside everything else. Rejects for faults of this program only.
 *
 * @param encoding leaves nothing to guess
 */
export async function importFile(
  name: string,
  bytes: Uint8Array,
  ingest: Ingest,
  encoding?: FileRequest["encoding"],
): Promise<ImportOutcome> {
  const file = new FileImport(ingest);
  const slice = new Slice();
  for (const request of requestsInFile(bytes, encoding)) {
    await file.take(request);
    await slice.next();
  }
  return file.outcome(name);
}

class FileImport {
  readonly #ingest: Ingest;
  readonly #traceIds = new Set<TraceId>();
  readonly #counts = { traces: 0, metrics: 0, logs: 0 };
  #rejectedCount = 0;
  #goodRequests = 0;
  #badRequests = 0;
  #message = "";

  constructor(ingest: Ingest) {
    this.#ingest = ingest;
  }

  async take(request: FileRequest): Promise<void> {
    const { body, encoding } = request;
    for (const signal of request.signals) {
      const taken = await this.#ingest.takeOfFile(signal, body, encoding, this.#noteTraces);
      const { acceptedCount, rejectedCount, malformed, message } = taken;
      this.#counts[signal] += acceptedCount;
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

  readonly #noteTraces = (batch: SpanBatch): void => {
    for (const traceId of traceIdsIn(batch, MAX_NAMED_TRACES - this.#traceIds.size))
      this.#traceIds.add(traceId);
  };
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
