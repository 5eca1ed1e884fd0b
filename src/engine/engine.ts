import { Emitter, type Listen } from "../base/events.ts";
import { err, ok, type Problem, type Result } from "../base/result.ts";
import { OUTSIDE_ANY_RUN, type RunNumber, type SessionId, type SpanRow, type TraceId } from "../model/ids.ts";
import type { Span } from "../model/span.ts";
import type { TraceColumns } from "../model/trace.ts";
import type {
  EngineState,
  ImportOutcome,
  LogPlace,
  ReceiverPorts,
  Recovery,
  Redaction,
} from "../protocol/engine.ts";
import { AgentRegistry } from "./agent-registry.ts";
import { DEFAULT_REDACTED_KEYS } from "./decode/redact-keys.ts";
import { importFile } from "./import-file.ts";
import { Ingest } from "./ingest.ts";
import type { TraceFilter, TraceList } from "../model/trace-list.ts";
import type { LogProblem } from "./log/problems.ts";
import type { SessionLogOptions } from "./log/session-log.ts";
import { completeSearch, type SearchCompletion } from "./query/complete-search.ts";
import { encodeTracesJson } from "./query/encode-json.ts";
import { findSpans } from "./query/find-spans.ts";
import { listTraces } from "./query/list-traces.ts";
import { openTrace } from "./query/open-trace.ts";
import { readSpan } from "./query/read-span.ts";
import { DEFAULT_LIMITS, type ReceiverLimits } from "./receive/limits.ts";
import type { Receiver } from "./receive/receiver.ts";
import type { TelemetrySink } from "./receive/sink.ts";
import { ReceiverHolder, type ReceiverAddress } from "./receiver-holder.ts";
import { recoverSessions } from "./recover-sessions.ts";
import { SessionRecorder } from "./session-recorder.ts";
import { SessionRegistry } from "./session-registry.ts";
import { SpanStore } from "./store/span-store.ts";
import { Throttle } from "./throttle.ts";

export interface EngineOptions {
  /** What the traces that are held may take, in bytes. */
  readonly maxBytes?: number;
  readonly limits?: Partial<ReceiverLimits>;
  /** What senders on other machines show; needed to listen on anything but loopback. */
  readonly token?: string | undefined;
  /** Back-pressure: seconds after which senders shall try again, undefined while there is room. */
  readonly overloaded?: () => number | undefined;
  /** What is masked in what is received; the default keys unless told. */
  readonly redaction?: Redaction;
  /** The clock, milliseconds since the epoch. */
  readonly now?: () => number;
}

/** What is needed to know a session, and its run by name. */
export interface OpenedSession {
  readonly sessionId: SessionId;
  readonly run: RunNumber;
  readonly name?: string;
  readonly runName?: string | undefined;
  readonly runStartMs?: number | undefined;
}

export interface TracesChange {
  readonly version: number;
  readonly traceIds: readonly TraceId[];
  readonly more: boolean;
}

export type EngineProblem = Problem & { readonly severity: "warning" | "error" };

/** DESIGN's budget: a million spans. */
const DEFAULT_MAX_BYTES = 256 * 1024 * 1024;

const TRACES_CHANGED_EVERY_MS = 50;
const STATE_CHANGED_EVERY_MS = 100;
const MAX_CHANGED_TRACES = 100;

/** The same fault comes with every request; it is told once, and a few different ones are enough to act upon. */
const MAX_TOLD_FAULTS = 20;

const NOTHING_RECOVERED: Recovery = { runs: [], spanCount: 0, traceCount: 0, problems: [] };

/** Builds an engine: a store, what answers questions about it, and the receivers that fill it. It listens nowhere yet. */
export function createEngine(options: EngineOptions = {}): Engine {
  return new Engine(options);
}

/**
 * The engine, under plain Node. Its methods are the requests of protocol/engine.ts, and take and answer what these
 * say; {@link serveEngine} puts them on a link.
 */
export class Engine {
  /** What the receivers hand their requests to. */
  readonly sink: TelemetrySink;
  /** At most every 50 ms while traces change. */
  readonly onTracesChanged: Listen<TracesChange>;
  /** At most every 100 ms while the state changes. */
  readonly onStateChanged: Listen<EngineState>;
  readonly onProblemFound: Listen<EngineProblem>;

  readonly #options: EngineOptions;
  readonly #store: SpanStore;
  readonly #sessions = new SessionRegistry();
  readonly #agents = new AgentRegistry();
  readonly #ingest: Ingest;
  readonly #holder: ReceiverHolder;
  readonly #tracesChanged = new Emitter<TracesChange>();
  readonly #stateChanged = new Emitter<EngineState>();
  readonly #problemFound = new Emitter<EngineProblem>();
  readonly #tellTraces = new Throttle(TRACES_CHANGED_EVERY_MS, () => this.#emitTraces());
  readonly #tellState = new Throttle(STATE_CHANGED_EVERY_MS, () => this.#stateChanged.emit(this.state));
  readonly #toldFaults = new Set<string>();
  readonly #recorder: SessionRecorder;
  readonly #now: () => number;
  /** Settled when what earlier engines have logged is in the store; undefined where no log was asked for. */
  #recovery: Promise<Recovery> | undefined;
  #connections = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#store = new SpanStore({ maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES });
    this.#now = options.now ?? Date.now;
    this.#recorder = new SessionRecorder({
      onProblem: (problem) => this.#tellLogProblem(problem),
      onChanged: () => this.#tellState.request(),
    });
    this.#ingest = new Ingest({
      store: this.#store,
      sessions: this.#sessions,
      agents: this.#agents,
      recorder: this.#recorder,
      now: this.#now,
      onChanged: () => this.#changed(),
    });
    this.#redact(options.redaction ?? { enabled: true, keys: DEFAULT_REDACTED_KEYS });
    this.#holder = new ReceiverHolder({
      sink: this.#ingest,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      overloaded: () => options.overloaded?.() ?? this.#recorder.overloaded(),
      onFault: (message) => this.#tellFault(message),
      nextConnection: () => ++this.#connections,
    });
    this.sink = this.#ingest;
    this.onTracesChanged = this.#tracesChanged.listen;
    this.onStateChanged = this.#stateChanged.listen;
    this.onProblemFound = this.#problemFound.listen;
  }

  get state(): EngineState {
    const { receiver } = this.#holder;
    const { rejectedCount, metricRequests, logRequests } = this.#ingest;
    const { traceCount, spanCount, bytes, maxBytes, evictedCount, evictedUntilMs } = this.#store;
    return {
      ports: receiver === undefined ? undefined : portsOf(receiver),
      traceCount,
      spanCount,
      bytes,
      maxBytes,
      evictedCount,
      evictedUntilMs,
      rejectedCount,
      metricRequests,
      logRequests,
      agents: this.#agents.all,
      log: this.#recorder.state,
    };
  }

  /** What is held, for the pure reads of query/. */
  get store(): SpanStore {
    return this.#store;
  }

  /** Spans that were taken since the start, resends included. */
  get receivedCount(): number {
    return this.#ingest.receivedCount;
  }

  /** Reads what earlier engines have left in the log, and logs from now on what is received. Answers the same when asked again. */
  openLog({ folders, ...limits }: LogPlace): Promise<Recovery> {
    const [first, ...others] = folders;
    if (first === undefined) return Promise.resolve(NOTHING_RECOVERED);
    return (this.#recovery ??= this.#recover({ ...limits, folders: [first, ...others] }));
  }

  async closeLog(): Promise<undefined> {
    await this.#recorder.close();
    this.#tellState.request();
  }

  async openReceiver(address: Omit<ReceiverAddress, "token">): Promise<Result<ReceiverPorts, Problem>> {
    await this.#recovery;
    const opened = await this.#holder.open({ ...address, token: this.#options.token });
    if (!opened.ok) return opened;
    this.#tellState.request();
    return ok(portsOf(opened.value));
  }

  async closeReceiver(): Promise<undefined> {
    await this.#holder.close();
    this.#tellState.request();
  }

  openSession({ sessionId, run, name = "", runName = name, runStartMs }: OpenedSession): undefined {
    const atMs = this.#now();
    this.#sessions.open(sessionId, run);
    if (run !== OUTSIDE_ANY_RUN)
      this.#recorder.control({ kind: "run-began", run, name: runName, atMs: runStartMs ?? atMs });
    this.#recorder.control({ kind: "session-opened", sessionId, run, name, atMs });
  }

  /** Nothing changes for what arrives: processes flush what they hold when their debugger is gone. */
  closeSession({ sessionId }: { readonly sessionId: SessionId }): undefined {
    this.#recorder.control({ kind: "session-closed", sessionId, atMs: this.#now() });
  }

  configure({
    maxBytes,
    redaction,
  }: {
    readonly maxBytes: number;
    readonly redaction?: Redaction | undefined;
  }): Result<undefined, Problem> {
    if (redaction !== undefined) this.#redact(redaction);
    if (!(maxBytes > 0))
      return err({ code: "bad-limit", message: `${maxBytes} bytes cannot hold any trace.` });
    this.#store.setMaxBytes(maxBytes);
    this.#changed();
    return ok(undefined);
  }

  listTraces(query: { readonly filter: TraceFilter; readonly limit: number }): TraceList {
    return listTraces(this.#store, query);
  }

  openTrace({
    traceId,
    unlessVersion,
  }: {
    readonly traceId: TraceId;
    readonly unlessVersion?: number | undefined;
  }): TraceColumns | undefined {
    return openTrace(this.#store, traceId, unlessVersion);
  }

  readSpan({ row }: { readonly row: SpanRow }): Span | undefined {
    return readSpan(this.#store, row);
  }

  completeSearch({
    text,
    offset,
  }: {
    readonly text: string;
    readonly offset: number;
  }): readonly SearchCompletion[] {
    return completeSearch(this.#store, text, offset);
  }

  findSpans({ traceId, text }: { readonly traceId: TraceId; readonly text: string }): {
    readonly rows: Float64Array;
  } {
    return findSpans(this.#store, traceId, text);
  }

  /** A trace that is not held (any more) cannot be pinned, which is no error: it may have left a moment ago. */
  pinTrace({ traceId, pinned }: { readonly traceId: TraceId; readonly pinned: boolean }): undefined {
    this.#store.pin(traceId, pinned);
    this.#recorder.control({ kind: "pinned", traceId, pinned });
    this.#changed();
  }

  clearStore({ keepPinned }: { readonly keepPinned: boolean }): undefined {
    this.#store.clear(keepPinned);
    this.#recorder.control({ kind: "cleared", keepPinned, atMs: this.#now() });
    this.#changed();
  }

  exportTraces({ traceIds }: { readonly traceIds?: readonly TraceId[] | undefined }): {
    readonly json: Uint8Array;
    readonly spanCount: number;
  } {
    return encodeTracesJson(this.#store, traceIds);
  }

  importTraces({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): ImportOutcome {
    return importFile(name, bytes, this.#ingest);
  }

  /** Closes the sockets and the log, and falls silent. */
  async dispose(): Promise<void> {
    this.#tellTraces.dispose();
    this.#tellState.dispose();
    await this.#holder.close();
    await this.#recorder.close();
    this.#tracesChanged.dispose();
    this.#stateChanged.dispose();
    this.#problemFound.dispose();
  }

  async #recover(options: SessionLogOptions): Promise<Recovery> {
    const log = this.#recorder.open(options);
    const recovery = await recoverSessions(log, {
      store: this.#store,
      sessions: this.#sessions,
      ingest: this.#ingest,
      nextConnection: () => ++this.#connections,
    });
    // One is enough to know that something is missing; all are in the reply.
    const [problem] = recovery.problems;
    if (problem !== undefined) this.#tellLogProblem(problem);
    this.#changed();
    return recovery;
  }

  #redact({ enabled, keys }: Redaction): void {
    this.#ingest.redact(enabled ? keys : undefined);
  }

  #tellLogProblem({ code, message, advice }: LogProblem): void {
    const problem = { code, message, severity: "warning" } as const;
    this.#problemFound.emit(advice === undefined ? problem : { ...problem, advice });
  }

  #changed(): void {
    this.#tellTraces.request();
    this.#tellState.request();
  }

  #emitTraces(): void {
    const changes = this.#store.takeChangedTraces(MAX_CHANGED_TRACES);
    if (changes !== undefined) this.#tracesChanged.emit({ version: this.#store.version, ...changes });
  }

  #tellFault(message: string): void {
    if (this.#toldFaults.has(message) || this.#toldFaults.size >= MAX_TOLD_FAULTS) return;
    this.#toldFaults.add(message);
    this.#problemFound.emit({
      code: "engine-fault",
      message: `Something that was received could not be taken: ${message}`,
      advice: "Please report this.",
      severity: "error",
    });
  }
}

function portsOf({ http, grpc, taken }: Receiver): ReceiverPorts {
  return { http, grpc, taken };
}
