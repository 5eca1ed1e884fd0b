import type { BatchEnvelope, BatchResource, BatchScope, ByteRange } from "./span-batch.ts";

/**
 * The log records of one request as columns of offsets into its body, an OTLP `ExportLogsServiceRequest` in protobuf.
 * The decoder fills it and the store reads it; what it points at has been checked: every record is well formed, and its
 * ids are whole or absent. One batch is meant to be used again and again ({@link LogBatch.begin}).
 */
export class LogBatch implements BatchEnvelope {
  /** What the offsets point into. Formats other than protobuf put here what they were rewritten to. */
  body: Uint8Array = new Uint8Array(0);
  count = 0;
  readonly resources: BatchResource[] = [];
  readonly scopes: BatchScope[] = [];
  /** Records that are not well formed, and not in the batch. */
  readonly refused: ByteRange[] = [];

  /** The whole LogRecord message. */
  recordStart = new Uint32Array(INITIAL_CAPACITY);
  recordEnd = new Uint32Array(INITIAL_CAPACITY);
  /** Nanoseconds since the epoch, in two halves; 0 where unknown. */
  timeLow = new Uint32Array(INITIAL_CAPACITY);
  timeHigh = new Uint32Array(INITIAL_CAPACITY);
  observedLow = new Uint32Array(INITIAL_CAPACITY);
  observedHigh = new Uint32Array(INITIAL_CAPACITY);
  /** OTLP's severity number, 1 to 24; 0 where there is none or it is another. */
  severity = new Uint8Array(INITIAL_CAPACITY);
  severityTextStart = new Uint32Array(INITIAL_CAPACITY);
  severityTextEnd = new Uint32Array(INITIAL_CAPACITY);
  eventNameStart = new Uint32Array(INITIAL_CAPACITY);
  eventNameEnd = new Uint32Array(INITIAL_CAPACITY);
  /** The body, an AnyValue message; `NO_OFFSET` where there is none, or more than one. */
  bodyStart = new Uint32Array(INITIAL_CAPACITY);
  bodyEnd = new Uint32Array(INITIAL_CAPACITY);
  /** Offset of 16 bytes, `NO_OFFSET` where the record belongs to no trace. */
  traceId = new Uint32Array(INITIAL_CAPACITY);
  /** Offset of 8 bytes, `NO_OFFSET` where the record belongs to no span. */
  spanId = new Uint32Array(INITIAL_CAPACITY);
  /** Index into {@link scopes}. */
  scope = new Uint32Array(INITIAL_CAPACITY);

  /** Empties the batch and points it at another body. Columns that one large request made are given back. */
  begin(body: Uint8Array): void {
    if (this.recordStart.length > MAX_KEPT_CAPACITY) this.#resize(INITIAL_CAPACITY, 0);
    this.body = body;
    this.count = 0;
    this.resources.length = 0;
    this.scopes.length = 0;
    this.refused.length = 0;
  }

  /** The index of a new record, whose columns the caller fills. */
  add(): number {
    if (this.count === this.recordStart.length) this.#resize(this.count * 2, this.count);
    return this.count++;
  }

  /** Leaves out the records that the test does not want; what they are in stays. */
  retain(isKept: (index: number) => boolean): void {
    let kept = 0;
    for (let index = 0; index < this.count; index++) {
      if (!isKept(index)) continue;
      for (const name of WIDE_COLUMNS) this[name][kept] = this[name][index] ?? 0;
      this.severity[kept] = this.severity[index] ?? 0;
      kept++;
    }
    this.count = kept;
  }

  #resize(length: number, kept: number): void {
    for (const name of WIDE_COLUMNS) this[name] = resized(new Uint32Array(length), this[name], kept);
    this.severity = resized(new Uint8Array(length), this.severity, kept);
  }
}

const WIDE_COLUMNS = [
  "recordStart",
  "recordEnd",
  "timeLow",
  "timeHigh",
  "observedLow",
  "observedHigh",
  "severityTextStart",
  "severityTextEnd",
  "eventNameStart",
  "eventNameEnd",
  "bodyStart",
  "bodyEnd",
  "traceId",
  "spanId",
  "scope",
] as const;

/** Exporters send 512 records at a time. */
const INITIAL_CAPACITY = 1024;
const MAX_KEPT_CAPACITY = 1 << 16;

function resized<Column extends Uint32Array | Uint8Array>(into: Column, from: Column, kept: number): Column {
  into.set(from.subarray(0, kept));
  return into;
}
