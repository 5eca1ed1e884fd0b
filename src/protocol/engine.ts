import type { Problem } from "../base/result.ts";
import { isSessionId, isTraceId, type RunNumber, type SpanRow, type TraceId } from "../model/ids.ts";
import type { AgentProcess } from "../model/session.ts";
import type { Span } from "../model/span.ts";
import type { TraceColumns, TraceSummary } from "../model/trace.ts";
import {
  isArrayOf,
  isBoolean,
  isNumber,
  isObject,
  isOneOf,
  isOptional,
  isString,
  isTrusted,
  type Guard,
} from "./guard.ts";
import { event, request } from "./message.ts";

const isRow: Guard<SpanRow> = (value): value is SpanRow =>
  isNumber(value) && Number.isSafeInteger(value) && value >= 0;
const isRun: Guard<RunNumber> = (value): value is RunNumber =>
  isNumber(value) && Number.isInteger(value) && value >= 0;

/** What the receiver listens on. */
export interface ReceiverPorts {
  readonly http: number;
  readonly grpc: number;
  /** The ports that were asked for and taken by somebody else. */
  readonly taken: readonly number[];
}

/** Opens the receiver; asked again while it is open, it answers with the ports it has. 0 asks for any free port. */
export const openReceiver = request<ReceiverPorts>()(
  "receiver/open",
  isObject({ host: isString, httpPort: isNumber, grpcPort: isNumber }),
);

/** Closes the sockets; what was received stays. */
export const closeReceiver = request<undefined>()("receiver/close", isObject({}));

/** Makes a session's endpoint known, so that what arrives there belongs to its run. */
export const openSession = request<undefined>()(
  "session/open",
  isObject({ sessionId: isSessionId, run: isRun, name: isString }),
);

/** The session's debugger is gone. Its endpoint goes on receiving what its processes flush at their end. */
export const closeSession = request<undefined>()("session/close", isObject({ sessionId: isSessionId }));

/** Limits and switches that may change while the engine runs. */
export const configureEngine = request<undefined>()("engine/configure", isObject({ maxBytes: isNumber }));

/**
 * A filter over traces. `text` is the search box's: words that have to be in a span's name, service or attribute
 * values, and clauses: `status=error`, `service=api`, `duration>100ms`, `run=2`, `http.route=/cart`, quoted values.
 */
export interface TraceFilter {
  readonly text: string;
  readonly minDurationNs?: number | undefined;
  readonly maxDurationNs?: number | undefined;
  readonly run?: RunNumber | undefined;
  /** Only traces with a span whose location lies in these lines of this file. */
  readonly place?:
    { readonly path: string; readonly firstLine: number; readonly lastLine: number } | undefined;
}

const isFilter: Guard<TraceFilter> = isObject({
  text: isString,
  minDurationNs: isOptional(isNumber),
  maxDurationNs: isOptional(isNumber),
  run: isOptional(isRun),
  place: isOptional(isObject({ path: isString, firstLine: isNumber, lastLine: isNumber })),
});

export interface TraceList {
  /** Newest first, at most `limit`. */
  readonly traces: readonly TraceSummary[];
  readonly matchingCount: number;
  readonly totalCount: number;
  readonly spanCount: number;
  /** Grows with every change of the store. */
  readonly version: number;
  readonly histogram: DurationHistogram;
  /** Where nothing matches: the clause of the text that removed the last traces, as it was typed. */
  readonly emptiedBy?: string | undefined;
  /** What is wrong with the text, with the offsets of the bad part. */
  readonly textProblem?:
    { readonly message: string; readonly start: number; readonly end: number } | undefined;
}

/** Durations of the traces that match, in buckets of equal width on a logarithmic scale. */
export interface DurationHistogram {
  /** Lower bounds of the buckets in nanoseconds, with the last one's upper bound at the end. */
  readonly boundsNs: readonly number[];
  readonly counts: readonly number[];
  readonly errorCounts: readonly number[];
}

export const listTraces = request<TraceList>()(
  "traces/list",
  isObject({ filter: isFilter, limit: isNumber }),
);

/** The columns of one trace. `unlessVersion` saves the reply when nothing has changed since. */
export const openTrace = request<TraceColumns | undefined>()(
  "trace/open",
  isObject({ traceId: isTraceId, unlessVersion: isOptional(isNumber) }),
);

export const readSpan = request<Span | undefined>()("span/read", isObject({ row: isRow }));

/** Words that complete the search text at `offset`: attribute keys, service names, operators, values. */
export const completeSearch = request<
  readonly { readonly label: string; readonly insert: string; readonly start: number }[]
>()("search/complete", isObject({ text: isString, offset: isNumber }));

/** The rows of one trace's spans that match the search text, in the columns' order. */
export const findSpans = request<{ readonly rows: Float64Array }>()(
  "trace/find",
  isObject({ traceId: isTraceId, text: isString }),
);

export const pinTrace = request<undefined>()(
  "trace/pin",
  isObject({ traceId: isTraceId, pinned: isBoolean }),
);

/** Forgets all traces, except the pinned ones where these are to be kept. */
export const clearStore = request<undefined>()("store/clear", isObject({ keepPinned: isBoolean }));

/** OTLP JSON (one ExportTraceServiceRequest) of the traces named, or of all. Nothing that was received is missing from it. */
export const exportTraces = request<{ readonly json: Uint8Array; readonly spanCount: number }>()(
  "traces/export",
  isObject({ traceIds: isOptional(isArrayOf(isTraceId)) }),
);

export interface ImportOutcome {
  readonly traceIds: readonly TraceId[];
  readonly spanCount: number;
  readonly rejectedCount: number;
  /** The first thing that was wrong, where something was. */
  readonly problem?: Problem | undefined;
}

/** Takes the bytes of a file: OTLP JSON (one object, or one a line) or OTLP protobuf. */
export const importTraces = request<ImportOutcome>()(
  "traces/import",
  // The bytes come from the extension host, which read them from a file; what is in them is not believed.
  isObject({ name: isString, bytes: isTrusted<Uint8Array>() }),
);

/** What is held, and where it came from; what the status bar and the panel's empty states are made of. */
export interface EngineState {
  readonly ports: ReceiverPorts | undefined;
  readonly traceCount: number;
  readonly spanCount: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Traces that left because of the limit, and the newest moment among them. */
  readonly evictedCount: number;
  readonly evictedUntilMs: number | undefined;
  readonly rejectedCount: number;
  /** Accepted and counted, not kept. */
  readonly metricRequests: number;
  readonly logRequests: number;
  readonly agents: readonly AgentProcess[];
}

export const readState = request<EngineState>()("engine/read-state", isObject({}));

/** Traces have changed. Sent at most every 50 ms while they do. */
export const tracesChanged = event(
  "traces/changed",
  isObject({
    version: isNumber,
    /** The traces that changed, at most 100; `more` says that there were others. */
    traceIds: isArrayOf(isTraceId),
    more: isBoolean,
  }),
);

/** The engine's state has changed. Sent at most every 100 ms while it does; the engine is the trusted side. */
export const stateChanged = event("engine/state-changed", isTrusted<EngineState>());

/** Something a person should know happened in the engine. */
export const problemFound = event(
  "engine/problem-found",
  isObject({
    code: isString,
    message: isString,
    advice: isOptional(isString),
    severity: isOneOf("warning", "error"),
  }),
);
