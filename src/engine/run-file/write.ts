import { randomBytes } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { err, ok, type Problem, type Result } from "../../base/result.ts";
import { MARKER_BYTES, sealFrame } from "../log/frame.ts";
import { encodeRecord, type LogRecord } from "../log/record.ts";
import { encodeDescription, type RunFileDescription } from "./description.ts";
import { encodeHead, encodeTrailer, TRAILER_BYTES, type RunFileCounts } from "./format.ts";
import { cannotWrite, interrupted } from "./problems.ts";

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
 * Writes a run file. It stands under its name only once it is complete: until then it is `<path>.<random>.partial`,
 * which is removed where something fails. Records are taken as they are written, one frame (1 MiB) at a time;
 * `undefined` among them is a chance for other work. Never rejects.
 */
export async function writeRunFile(
  path: string,
  description: RunFileDescription,
  records: Iterable<CountedRecord | undefined>,
  options: WriteOptions = {},
): Promise<Result<WrittenRunFile, Problem>> {
  const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
  let file: FileHandle | undefined;
  try {
    file = await open(partial, "wx");
    const writer = new Writer(file);
    const written = await writer.writeAll(description, records, options);
    if (written === undefined) return err(interrupted(path));
    await file.datasync();
    await file.close();
    file = undefined;
    await rename(partial, path);
    return ok(written);
  } catch (thrown) {
    return err(cannotWrite(path, thrown));
  } finally {
    await file?.close().catch(() => undefined);
    // Where it was renamed there is none any more.
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

class Writer {
  readonly #file: FileHandle;
  readonly #marker = randomBytes(MARKER_BYTES);
  readonly #counts = { traces: 0, metrics: 0, logs: 0 };
  #chunks: Uint8Array[] = [];
  #gatheredBytes = 0;
  #gatheredRecords = 0;
  #recordCount = 0;
  #frameCount = 0;
  #position = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Undefined where it was cancelled. */
  async writeAll(
    description: RunFileDescription,
    records: Iterable<CountedRecord | undefined>,
    { signal, onProgress }: WriteOptions,
  ): Promise<WrittenRunFile | undefined> {
    const text = encodeDescription(description);
    await this.#append(encodeHead(this.#marker, text));
    await this.#append(text);
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
    await this.#append(
      encodeTrailer({
        ...this.#total,
        frameCount: this.#frameCount,
        recordCount: this.#recordCount,
        fileBytes: this.#position + TRAILER_BYTES,
      }),
    );
    return { ...this.#total, bytes: this.#position };
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
    await this.#append(frame);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.length - written,
        this.#position + written,
      );
      written += bytesWritten;
    }
    this.#position += bytes.length;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
