import type { SessionId, SpanId, SpanRow, TraceId } from "./ids.ts";
import type { SourceLocation } from "./source-location.ts";
import type { SpanState } from "./span.ts";

/** A span as the debugger found it in a stopped program, before anything of it was exported. */
export interface FoundSpan {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly name: string;
  readonly parentSpanId: SpanId | undefined;
  /** Nanoseconds since the epoch, a decimal; "0" where it is not known. */
  readonly startTimeUnixNano: string;
  readonly ended: boolean;
  readonly attributes: readonly FoundAttribute[];
}

interface FoundAttribute {
  readonly key: string;
  readonly value: string | number | boolean;
}

/** One span of a distributed call stack, or of those that are unfinished. */
export interface SpanFrame {
  readonly row: SpanRow;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  readonly sessionId: SessionId | undefined;
  readonly name: string;
  readonly service: string;
  readonly state: SpanState;
  /** Milliseconds since the epoch, with a fraction. */
  readonly startMs: number;
  /** Time that the program ran in the span, nanoseconds, up to its end or the moment that was asked for. */
  readonly runningNs: number;
  /** The most trusted place; undefined where none is known. */
  readonly location: SourceLocation | undefined;
  /**
   * The span inside of this one names another parent, which has not arrived: the unfinished span of the trace in another
   * process that fits best was taken for what made the call.
   */
  readonly guessedCaller: boolean;
}

/** The active span and its ancestors through all processes, innermost first. */
export interface SpanStack {
  readonly frames: readonly SpanFrame[];
  /** The outermost span names a parent that has not arrived, and none could be guessed. */
  readonly parentMissing: boolean;
}
