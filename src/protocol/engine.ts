import type { Problem } from "../base/result.ts";
import type { CodeIndexEntry, CodeSource } from "../model/code-index.ts";
import { isSessionId, isTraceId, type RunNumber, type SpanRow, type TraceId } from "../model/ids.ts";
import { isPause } from "../model/pause.ts";
import type { AgentProcess, Run } from "../model/session.ts";
import type { Span } from "../model/span.ts";
import type { TraceColumns } from "../model/trace.ts";
import type { TraceFilter, TraceList } from "../model/trace-list.ts";
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
import type { BackupState } from "./run-file.ts";

export const isRow: Guard<SpanRow> = (value): value is SpanRow =>
  isNumber(value) && Number.isSafeInteger(value) && value >= 0;
const isRun: Guard<RunNumber> = (value): value is RunNumber =>
  isNumber(value) && Number.isInteger(value) && value >= 0;

const isPort: Guard<number> = (value): value is number =>
  isNumber(value) && Number.isInteger(value) && value >= 0 && value <= 65_535;

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
  isObject({ host: isString, httpPort: isPort, grpcPort: isPort }),
);

/** Closes the sockets; what was received stays. */
export const closeReceiver = request<undefined>()("receiver/close", isObject({}));

/**
 * Makes a session's endpoint known, so that what arrives there belongs to its run. The run's name and start are
 * for the session log: those who read it later know the run by them.
 */
export const openSession = request<undefined>()(
  "session/open",
  isObject({
    sessionId: isSessionId,
    run: isRun,
    name: isString,
    runName: isOptional(isString),
    runStartMs: isOptional(isNumber),
  }),
);

/** The session's debugger is gone. Its endpoint goes on receiving what its processes flush at their end. */
export const closeSession = request<undefined>()("session/close", isObject({ sessionId: isSessionId }));

/** Tells of pauses of the debugger, when they begin, when more is known of them, and when they are over. */
export const recordPauses = request<undefined>()("pauses/record", isObject({ pauses: isArrayOf(isPause) }));

/** What is masked in what is received. */
export interface Redaction {
  readonly enabled: boolean;
  /** Attributes whose keys end with one of these are masked, whatever the case; `-` and `_` do not count. */
  readonly keys: readonly string[];
}

/** Limits and switches that may change while the engine runs. */
export const configureEngine = request<undefined>()(
  "engine/configure",
  isObject({
    maxBytes: isNumber,
    /** What is masked from now on; left out, it stays as it is. */
    redaction: isOptional(isObject({ enabled: isBoolean, keys: isArrayOf(isString) })),
  }),
);

/** Where the session log lies and what it may take on each disk. */
export interface LogPlace {
  /** One folder, or two that hold the same. */
  readonly folders: readonly string[];
  readonly maxBytes: number;
  readonly maxAgeDays: number;
}

/** What an engine found in the session log that earlier ones have left. */
export interface Recovery {
  /** The runs whose traces were found, by their number; `endMs` is when something of it was received last. */
  readonly runs: readonly Run[];
  /** What is held after the log was read. */
  readonly spanCount: number;
  readonly traceCount: number;
  /** What could not be read, at most 100. */
  readonly problems: readonly Problem[];
}

/**
 * Opens the session log (docs/session-log.md) in one or two folders, and answers when all that it holds is in the
 * store again. What arrives meanwhile is taken and logged. Asked again, it answers the same.
 */
export const openLog = request<Recovery>()(
  "log/open",
  isObject({ folders: isArrayOf(isString), maxBytes: isNumber, maxAgeDays: isNumber }),
);

/** Writes what waits for the disk and closes the log; nothing is logged from then on. Asked before the engine ends. */
export const closeLog = request<undefined>()("log/close", isObject({}));

const isFilter: Guard<TraceFilter> = isObject({
  text: isString,
  minDurationNs: isOptional(isNumber),
  maxDurationNs: isOptional(isNumber),
  run: isOptional(isRun),
  place: isOptional(isObject({ path: isString, firstLine: isNumber, lastLine: isNumber })),
});

/**
 * The traces that match, the newest first, with counts and a histogram. Worked out in slices of some milliseconds, and
 * given up when it is cancelled; there are no partial answers. The answer is true of one moment of the store, `version`.
 */
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

/**
 * What traces know of the lines of one file: the operations whose spans name a place in it, by line, then the latest
 * run, then the most spans; 5,000 at most. A received path is the file's when both are equal or when it is the end of
 * it. `run` restricts to one run. Durations of spans that failed because somebody else was paused count if
 * `withFailedInPause` says so. An empty path stands for the handlers that name no place, and may be looked up. The first question reads all spans, in slices; later ones only what has changed.
 */
export const readCodeIndex = request<readonly CodeIndexEntry[]>()(
  "code/read-index",
  isObject({ path: isString, run: isOptional(isRun), withFailedInPause: isOptional(isBoolean) }),
);

/** The files that spans name in their code attributes and stacks, of each service and run; the 5,000 that were seen last. */
export const listCodeSources = request<readonly CodeSource[]>()("code/list-sources", isObject({}));

export const pinTrace = request<undefined>()(
  "trace/pin",
  isObject({ traceId: isTraceId, pinned: isBoolean }),
);

/** Forgets all traces, except the pinned ones where these are to be kept. */
export const clearStore = request<undefined>()("store/clear", isObject({ keepPinned: isBoolean }));

export interface ImportOutcome {
  readonly traceIds: readonly TraceId[];
  readonly spanCount: number;
  /** Data points of metrics. */
  readonly pointCount: number;
  readonly logCount: number;
  readonly rejectedCount: number;
  /** The first thing that was wrong, where something was. */
  readonly problem?: Problem | undefined;
}

/** Takes the bytes of a file: OTLP JSON (one object, or one a line) or OTLP protobuf, of any signal. */
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
  /** Series of metrics that are held, and their samples. */
  readonly seriesCount: number;
  readonly sampleCount: number;
  /** Log records that are held, and a number that grows with every change of them. */
  readonly logRecordCount: number;
  readonly logVersion: number;
  readonly agents: readonly AgentProcess[];
  /** The session log; absent where none is kept. */
  readonly log?: LogState | undefined;
  /** Where runs are saved by themselves; absent where they are not. */
  readonly backup?: BackupState | undefined;
  /** How much of the session log is read, from 0 to 1; undefined when all of it is. */
  readonly recovering?: number | undefined;
}

export interface LogState {
  /** Bytes on disk, and bytes that wait for it. */
  readonly bytes: number;
  readonly lagBytes: number;
  /** Since when what it holds was received, milliseconds since the epoch; undefined while nothing is known to be in it. */
  readonly sinceMs: number | undefined;
  readonly folders: readonly LogFolderState[];
  /** What keeps it from being written; undefined while nothing does. */
  readonly problem: Problem | undefined;
}

/** One of the folders that hold the same. */
export interface LogFolderState {
  readonly path: string;
  readonly bytes: number;
  /** Why it is left out at the moment, and since when; the other folder goes on. */
  readonly problem: Problem | undefined;
  readonly failedSinceMs: number | undefined;
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
