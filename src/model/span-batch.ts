import { KNOWS_NOTHING, type AttributeMatcher } from "./attribute-matcher.ts";

/**
 * The spans of one request, or of a part of it, as columns of offsets into its body, an OTLP
 * `ExportTraceServiceRequest` in protobuf. Decoders fill it and the store reads it; what it points at has been
 * checked: every span is well formed and has ids. One batch is meant to be used again and again
 * ({@link SpanBatch.begin}).
 */
export class SpanBatch {
  /** Whose numbers {@link attributes} holds: a batch with a matcher is for the store of that matcher alone, and at once. */
  readonly matcher: AttributeMatcher;
  /** What the offsets point into. Formats other than protobuf put here what they were rewritten to. */
  body: Uint8Array = NOTHING;
  /** The same bytes, for reading whole words. */
  words: DataView = new DataView(NOTHING.buffer);
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

  /**
   * The attributes of all spans, one span after the other: the number that {@link matcher} gave it, or `~offset` of
   * the length before the KeyValue message.
   */
  attributes = new Int32Array(INITIAL_CAPACITY);
  attributeCount = 0;
  /** Where a span's attributes end in {@link attributes}; they begin where those of the span before end. */
  attributesEnd = new Uint32Array(INITIAL_CAPACITY);
  /**
   * The fields of Span messages that are neither in columns nor attributes, in runs of whole fields: trace state,
   * flags, events, links, dropped counts and statuses with a message.
   */
  fieldsStart = new Uint32Array(INITIAL_CAPACITY);
  fieldsEnd = new Uint32Array(INITIAL_CAPACITY);
  fieldsCount = 0;
  /** Where a span's runs end in {@link fieldsStart}; they begin where those of the span before end. */
  runsEnd = new Uint32Array(INITIAL_CAPACITY);
  /** The Span messages that were refused: nobody has looked at what is in them. */
  readonly refused: ByteRange[] = [];

  constructor(matcher: AttributeMatcher = KNOWS_NOTHING) {
    this.matcher = matcher;
  }

  /** Empties the batch and points it at another body. Columns that one large request made are given back. */
  begin(body: Uint8Array): void {
    if (this.spanStart.length > MAX_KEPT_CAPACITY) this.#resize(INITIAL_CAPACITY, 0);
    if (this.attributes.length > MAX_KEPT_ATTRIBUTES) this.attributes = new Int32Array(INITIAL_CAPACITY);
    if (this.fieldsStart.length > MAX_KEPT_CAPACITY) this.#resizeFields(INITIAL_CAPACITY, 0);
    if (body !== this.body) this.words = new DataView(body.buffer, body.byteOffset, body.length);
    this.body = body;
    this.count = 0;
    this.attributeCount = 0;
    this.fieldsCount = 0;
    this.resources.length = 0;
    this.scopes.length = 0;
    this.refused.length = 0;
  }

  /** The index of a new span, whose columns the caller fills; those that a span may lack say so. */
  add(): number {
    const index = this.count++;
    if (index === this.spanStart.length) this.#resize(index * 2, index);
    this.traceId[index] = NO_OFFSET;
    this.spanId[index] = NO_OFFSET;
    this.parentSpanId[index] = NO_OFFSET;
    this.nameStart[index] = 0;
    this.nameEnd[index] = 0;
    this.startLow[index] = 0;
    this.startHigh[index] = 0;
    this.endLow[index] = 0;
    this.endHigh[index] = 0;
    this.kind[index] = 0;
    this.status[index] = 0;
    return index;
  }

  /** Adds an attribute of the span that is being read, in the form of {@link attributes}. */
  addAttribute(code: number): void {
    if (this.attributeCount === this.attributes.length)
      this.attributes = resized(this.attributes, this.attributeCount * 2, this.attributeCount);
    this.attributes[this.attributeCount++] = code;
  }

  /** Adds a field to the runs of the span that is being read, whose first run has the number `first`. */
  addField(first: number, start: number, end: number): void {
    const last = this.fieldsCount - 1;
    if (last >= first && this.fieldsEnd[last] === start) {
      this.fieldsEnd[last] = end;
      return;
    }
    if (this.fieldsCount === this.fieldsStart.length)
      this.#resizeFields(this.fieldsCount * 2, this.fieldsCount);
    this.fieldsStart[this.fieldsCount] = start;
    this.fieldsEnd[this.fieldsCount++] = end;
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
    this.attributesEnd = resized(this.attributesEnd, length, kept);
    this.runsEnd = resized(this.runsEnd, length, kept);
  }

  #resizeFields(length: number, kept: number): void {
    this.fieldsStart = resized(this.fieldsStart, length, kept);
    this.fieldsEnd = resized(this.fieldsEnd, length, kept);
  }
}

/** Stands for an offset where there is nothing to point at. */
export const NO_OFFSET = 0xffff_ffff;

/** A range of bytes of the body; start and end are equal where there is nothing. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What batches of all signals have: the body, and who sent what lies in it. */
export interface BatchEnvelope {
  readonly body: Uint8Array;
  readonly resources: readonly Readonly<BatchResource>[];
  readonly scopes: readonly Readonly<BatchScope>[];
}

/** A `ResourceSpans`: the Resource message and its schema URL. Filled while decoding, since fields come in any order. */
export interface BatchResource {
  message: ByteRange;
  schemaUrl: ByteRange;
}

/** A `ScopeSpans`: the InstrumentationScope message, its schema URL and the resource it belongs to. */
export interface BatchScope {
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

const NOTHING = new Uint8Array(0);

/** Exporters send 512 spans at a time. */
const INITIAL_CAPACITY = 1024;
const MAX_KEPT_CAPACITY = 1 << 16;
const MAX_KEPT_ATTRIBUTES = 1 << 20;

type Column = Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function resized<C extends Column>(column: C, length: number, kept: number): C;
function resized(column: Column, length: number, kept: number): Column {
  const result =
    column instanceof Uint32Array
      ? new Uint32Array(length)
      : column instanceof Int32Array
        ? new Int32Array(length)
        : new Uint8Array(length);
  result.set(column.subarray(0, kept));
  return result;
}
