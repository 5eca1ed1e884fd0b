import { randomBytes } from "node:crypto";
import type { Problem, Result } from "../../base/result.ts";
import { MARKER_BYTES, sealFrame } from "../log/frame.ts";
import { encodeRecord, type LogRecord } from "../log/record.ts";
import { encodeDescription, type RunFileDescription } from "./description.ts";
import { encodeHead, encodeTrailer, TRAILER_BYTES, type RunFileCounts } from "./format.ts";
import { writeWholeFile, type GrowingFile } from "./whole-file.ts";

/** A record for the file, and how much it holds. */
export interface CountedRecord {
  readonly record: LogRecord;
  /** Spans, data points or log records, by the record's signal; 0 for what is no request. */
  readonly itemCount: number;
}

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hears how many items are written. */
  readonly onProgress?: ((itemCount: number) => void) | undefined;
}

export interface WrittenRunFile extends RunFileCounts {
  readonly bytes: number;
}

/** As in the session log: larger frames compress no better, and one that is damaged costs all of it. */
const FRAME_BYTES = 1024 * 1024;

/** The thread does other work at least this often. */
const SLICE_MS = 10;

/**
 * Writes a run file, which stands under its name only once it is complete. Records are taken as they are written, one
 * frame (1 MiB) at a time; `undefined` among them is a chance for other work. Never rejects.
 */
export function writeRunFile(
  path: string,
  description: RunFileDescription,
  records: Iterable<CountedRecord | undefined>,
  options: WriteOptions = {},
): Promise<Result<WrittenRunFile, Problem>> {
  return writeWholeFile(path, (file) => new Writer(file).writeAll(description, records, options));
}

class Writer {
  readonly #file: GrowingFile;
  readonly #marker = randomBytes(MARKER_BYTES);
  readonly #counts = { traces: 0, metrics: 0, logs: 0 };
  #chunks: Uint8Array[] = [];
  #gatheredBytes = 0;
  #gatheredRecords = 0;
  #recordCount = 0;
  #frameCount = 0;

  constructor(file: GrowingFile) {
    this.#file = file;
  }

  /** Undefined where it was cancelled. */
  async writeAll(
    description: RunFileDescription,
    records: Iterable<CountedRecord | undefined>,
    { signal, onProgress }: WriteOptions,
  ): Promise<WrittenRunFile | undefined> {
    const text = encodeDescription(description);
    await this.#file.append(encodeHead(this.#marker, text));
    await this.#file.append(text);
    let sliceEndMs = performance.now() + SLICE_MS;
    for (const counted of records) {
      if (signal?.aborted === true) return undefined;
      if (performance.now() > sliceEndMs) {
        await turn();
        sliceEndMs = performance.now() + SLICE_MS;
      }
      if (counted === undefined) await turn();
      else if (this.#gather(counted)) {
        await this.#writeFrame();
        onProgress?.(this.#counts.traces + this.#counts.metrics + this.#counts.logs);
      }
    }
    await this.#writeFrame();
    await this.#file.append(
      encodeTrailer({
        ...this.#total,
        frameCount: this.#frameCount,
        recordCount: this.#recordCount,
        fileBytes: this.#file.bytes + TRAILER_BYTES,
      }),
    );
    return { ...this.#total, bytes: this.#file.bytes };
  }

  get #total(): RunFileCounts {
    const { traces, metrics, logs } = this.#counts;
    return { spanCount: traces, pointCount: metrics, logCount: logs };
  }

  /** Whether a frame is full. */
  #gather({ record, itemCount }: CountedRecord): boolean {
    const chunks = encodeRecord(record);
    this.#chunks.push(...chunks);
    for (const chunk of chunks) this.#gatheredBytes += chunk.length;
    this.#gatheredRecords++;
    if (record.kind === "request") this.#counts[record.signal] += itemCount;
    return this.#gatheredBytes >= FRAME_BYTES;
  }

  async #writeFrame(): Promise<void> {
    if (this.#gatheredRecords === 0) return;
    const frame = await sealFrame(
      {
        marker: this.#marker,
        payload: Buffer.concat(this.#chunks),
        recordCount: this.#gatheredRecords,
        firstSequence: this.#recordCount,
      },
      true,
    );
    this.#recordCount += this.#gatheredRecords;
    this.#frameCount++;
    this.#chunks = [];
    this.#gatheredBytes = 0;
    this.#gatheredRecords = 0;
    await this.#file.append(frame);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
