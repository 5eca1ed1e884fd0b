import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { messageOf } from "../base/result.ts";
import { decodeTracesFile } from "../engine/decode/otlp-file.ts";
import { decodeTracesProtobuf } from "../engine/decode/otlp-protobuf.ts";
import { SpanStore } from "../engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN } from "../model/ids.ts";
import { SpanBatch } from "../model/span-batch.ts";
import { EXIT, Failure } from "./failure.ts";

export type TraceFormat = "json" | "ndjson" | "protobuf";

export interface LoadedTraces {
  readonly store: SpanStore;
  /** What could not be read; undefined where everything was. */
  readonly problem: string | undefined;
}

const FORMATS: readonly TraceFormat[] = ["json", "ndjson", "protobuf"];
const FORMAT_OF_EXTENSION: Readonly<Record<string, TraceFormat>> = {
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".pb": "protobuf",
};

/** The format that was named, or else that of the file's extension; undefined where that says nothing. */
export function formatOf(file: string, named: string | undefined): TraceFormat | undefined {
  if (named === undefined) return FORMAT_OF_EXTENSION[extname(file).toLowerCase()];
  const format = FORMATS.find((name) => name === named);
  if (format === undefined) throw new Failure(EXIT.usage, `${named} is no format: ${FORMATS.join(", ")}`);
  return format;
}

/** Reads a file of traces, whatever part of it can be read. Without a format it is told from the bytes. */
export async function loadTraces(file: string, format: TraceFormat | undefined): Promise<LoadedTraces> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (thrown) {
    throw new Failure(EXIT.input, `${file} cannot be read: ${messageOf(thrown)}`);
  }
  const store = new SpanStore({ maxBytes: Number.POSITIVE_INFINITY });
  const batch = new SpanBatch();
  const take = (): void => {
    store.append(batch, { session: undefined, run: OUTSIDE_ANY_RUN, channel: "file" });
  };
  const issues =
    format === "protobuf" ? decodeTracesProtobuf(bytes, batch) : decodeTracesFile(bytes, batch, take);
  if (format === "protobuf") take();
  if (store.evictedCount > 0) throw new Failure(EXIT.input, `${file} holds more than fits into memory`);
  if (store.spanCount === 0) {
    throw new Failure(
      EXIT.input,
      `${file} holds no spans${issues.message === "" ? "" : `: ${issues.message}`}`,
    );
  }
  const complete = !issues.malformed && issues.rejectedCount === 0;
  return { store, problem: complete ? undefined : `${file} was read in part: ${issues.message}` };
}
