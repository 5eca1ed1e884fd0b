import type { RunNumber, SpanId, SpanRow, TraceId } from "./ids.ts";
import type { PrintedFrame, SourceLocation } from "./source-location.ts";

/** The kinds of OTLP's `Span.SpanKind`, by their wire number. */
export const SPAN_KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** The codes of OTLP's `Status.StatusCode`, by their wire number. */
export const SPAN_STATUSES = ["unset", "ok", "error"] as const;
export type SpanStatus = (typeof SPAN_STATUSES)[number];

/**
 * Where a span stands. `lost` is a span whose process was gone before the span ended:
 * its end is the moment at which the process' channel closed.
 */
export const SPAN_STATES = ["ended", "running", "lost"] as const;
export type SpanState = (typeof SPAN_STATES)[number];

/**
 * The value of an attribute as a reader needs it. 64-bit integers outside the exact range of a number are decimal
 * strings tagged as such, bytes are base64.
 */
export type AttributeValue =
  | string
  | number
  | boolean
  | { readonly int: string }
  | { readonly bytes: string }
  | { readonly list: readonly AttributeValue[] }
  | { readonly map: readonly Attribute[] }
  | { readonly empty: true };

export interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since the span's start; may be negative. */
  readonly offsetNs: number;
  readonly attributes: readonly Attribute[];
  /** The frames of its `exception.stacktrace`, the likeliest origin first; absent where none could be read. */
  readonly frames?: readonly PrintedFrame[];
}

export interface SpanLink {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly attributes: readonly Attribute[];
}

/** All that is known of one span, for its details. */
export interface Span {
  readonly row: SpanRow;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly parentSpanId: SpanId | undefined;
  readonly run: RunNumber;
  readonly name: string;
  readonly service: string;
  readonly scope: { readonly name: string; readonly version: string };
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly statusMessage: string;
  readonly state: SpanState;
  /** Nanoseconds since the epoch, a decimal string: exact in 64 bits, and JSON can carry it. */
  readonly startTimeUnixNano: string;
  /** Undefined while the span is running. Negative where the end lies before the start, as some clocks will have it. */
  readonly durationNs: number | undefined;
  readonly attributes: readonly Attribute[];
  readonly resource: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
  /** The best known places first, in the order of trust of {@link SourceLocation}'s evidence. */
  readonly locations: readonly SourceLocation[];
}
