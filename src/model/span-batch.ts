/**
 * The spans of one request as columns of offsets into its body, an OTLP `ExportTraceServiceRequest` in protobuf.
 * Decoders fill it and the store reads it; what it points at has been checked: every span is well formed and has ids.
 * One batch is meant to be used again and again ({@link SpanBatch.begin}).
 */
export class SpanBatch {
  /** What the offsets point into. Formats other than protobuf put here what they were rewritten to. */
  body: Uint8Array = new Uint8Array(0);
  count = 0;
  readonly resources: BatchResource[] = [];
  readonly scopes: BatchScope[] = [];

  /** The whole Span message. */
  spanStart = new Uint32Array(INITIAL_CAPACITY);
  spanEnd = new Uint32Array(INITIAL_CAPACITY);
  /** Offset of 16 bytes. */
  traceId = new Uint32Array(INITIAL_CAPACITY);
  /** Offset of 8 bytes. */
  spanId = new Uint32Array(INITIAL_CAPACITY);
  /** Offset of 8 bytes, {@link NO_OFFSET} for a root. */
  parentSpanId = new Uint32Array(INITIAL_CAPACITY);
  nameStart = new Uint32Array(INITIAL_CAPACITY);
  nameEnd = new Uint32Array(INITIAL_CAPACITY);
  /** Nanoseconds since the epoch, in two halves: 64 bits are exact. An end of 0 is a span that still runs. */
  startLow = new Uint32Array(INITIAL_CAPACITY);
  startHigh = new Uint32Array(INITIAL_CAPACITY);
  endLow = new Uint32Array(INITIAL_CAPACITY);
  endHigh = new Uint32Array(INITIAL_CAPACITY);
  /** Index into SPAN_KINDS. */
  kind = new Uint8Array(INITIAL_CAPACITY);
  /** Index into SPAN_STATUSES. */
  status = new Uint8Array(INITIAL_CAPACITY);
  /** Index into {@link scopes}. */
  scope = new Uint32Array(INITIAL_CAPACITY);

  /** Empties the batch and points it at another body. Columns that one large request made are given back. */
  begin(body: Uint8Array): void {
    if (this.spanStart.length > MAX_KEPT_CAPACITY) this.#resize(INITIAL_CAPACITY, 0);
    this.body = body;
    this.count = 0;
    this.resources.length = 0;
    this.scopes.length = 0;
  }

  /** The index of a new span, whose columns the caller fills. */
  add(): number {
    if (this.count === this.spanStart.length) this.#resize(this.count * 2, this.count);
    return this.count++;
  }

  #resize(length: number, kept: number): void {
    this.spanStart = resized(this.spanStart, length, kept);
    this.spanEnd = resized(this.spanEnd, length, kept);
    this.traceId = resized(this.traceId, length, kept);
    this.spanId = resized(this.spanId, length, kept);
    this.parentSpanId = resized(this.parentSpanId, length, kept);
    this.nameStart = resized(this.nameStart, length, kept);
    this.nameEnd = resized(this.nameEnd, length, kept);
    this.startLow = resized(this.startLow, length, kept);
    this.startHigh = resized(this.startHigh, length, kept);
    this.endLow = resized(this.endLow, length, kept);
    this.endHigh = resized(this.endHigh, length, kept);
    this.kind = resized(this.kind, length, kept);
    this.status = resized(this.status, length, kept);
    this.scope = resized(this.scope, length, kept);
  }
}

/** Stands for an offset where there is nothing to point at. */
export const NO_OFFSET = 0xffff_ffff;

/** A range of bytes of the body; start and end are equal where there is nothing. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A `ResourceSpans`: the Resource message and its schema URL. Filled while decoding, since fields come in any order. */
interface BatchResource {
  message: ByteRange;
  schemaUrl: ByteRange;
}

/** A `ScopeSpans`: the InstrumentationScope message, its schema URL and the resource it belongs to. */
interface BatchScope {
  message: ByteRange;
  schemaUrl: ByteRange;
  /** Index into {@link SpanBatch.resources}. */
  readonly resource: number;
}

export const NO_BYTES: ByteRange = { start: 0, end: 0 };

/** What a decoder had to say of a body. */
export interface DecodeIssues {
  /** Spans that were refused, each for a fault of its own. */
  readonly rejectedCount: number;
  /** The first thing that was wrong, a sentence for the sender's log; empty where nothing was. */
  readonly message: string;
  /** Something outside of any span could not be read. Spans that could be read are in the batch all the same. */
  readonly malformed: boolean;
}

/** Exporters send 512 spans at a time. */
const INITIAL_CAPACITY = 1024;
const MAX_KEPT_CAPACITY = 1 << 16;

function resized<Column extends Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(
  column: Column,
  length: number,
  kept: number,
): Column;
function resized(column: Uint32Array | Uint8Array, length: number, kept: number): Uint32Array | Uint8Array {
  const result = column instanceof Uint32Array ? new Uint32Array(length) : new Uint8Array(length);
  result.set(column.subarray(0, kept));
  return result;
}
