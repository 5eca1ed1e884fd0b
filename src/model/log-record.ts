import type { RunNumber, SpanId, TraceId } from "./ids.ts";
import type { PrintedFrame, SourceLocation } from "./source-location.ts";
import type { Attribute, AttributeValue } from "./span.ts";

/** One log record as a reader needs it (OpenTelemetry's logs data model). */
export interface LogRecord {
  /** Its number in the store, which no other record ever has. */
  readonly row: number;
  readonly traceId: TraceId | undefined;
  readonly spanId: SpanId | undefined;
  readonly run: RunNumber;
  readonly service: string;
  readonly scope: string;
  /** When it happened or, where the sender does not say, when it was observed: nanoseconds since the epoch in decimal, "0" where neither is known. */
  readonly timeUnixNano: string;
  /** OTLP's severity number, 1 to 24; 0 where there is none. */
  readonly severity: number;
  /** The severity in the sender's own words; empty where there are none. */
  readonly severityText: string;
  /** Empty unless the record is an event. */
  readonly eventName: string;
  readonly body: AttributeValue;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  /** The places in code that the record names, the most trusted first. */
  readonly locations: readonly SourceLocation[];
  /** The frames of its `exception.stacktrace`, the likeliest origin first; absent where none could be read. */
  readonly frames?: readonly PrintedFrame[];
}

/** Which log records are wanted; what is left out does not restrict. */
export interface LogFilter {
  readonly traceId?: TraceId | undefined;
  /** Of the trace that is named too. */
  readonly spanId?: SpanId | undefined;
  /** Clauses as in the search of traces; words are looked for in bodies, attributes, event names and services. */
  readonly text?: string | undefined;
  /** The least severity number. */
  readonly minSeverity?: number | undefined;
  readonly run?: RunNumber | undefined;
  /** The first moment and the one after the last, nanoseconds since the epoch in decimal. */
  readonly fromUnixNano?: string | undefined;
  readonly beforeUnixNano?: string | undefined;
}

export interface LogList {
  /** The newest first, at most as many as were asked for. */
  readonly records: readonly LogRecord[];
  /** All that match. */
  readonly totalCount: number;
}

/** OTLP's ranges of severity numbers have four steps each: 1 to 4 are trace, 5 to 8 debug and so on (logs data model, "SeverityNumber"). */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The range of a severity number; undefined where there is none. */
export function logLevelOf(severity: number): LogLevel | undefined {
  return LOG_LEVELS[Math.floor((severity - 1) / 4)];
}
