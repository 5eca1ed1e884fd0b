import { Emitter, type Listen } from "../base/events.ts";
import { err, ok, type Problem, type Result } from "../base/result.ts";
import { OUTSIDE_ANY_RUN, type RunNumber, type SessionId, type TraceId } from "../model/ids.ts";
import type { Pause } from "../model/pause.ts";
import type {
  EngineState,
  ImportOutcome,
  LogPlace,
  ReceiverPorts,
  Recovery,
  Redaction,
} from "../protocol/engine.ts";
import type { SpanFrame, SpanStack } from "../model/span-stack.ts";
import { ActiveSpans } from "./active-spans.ts";
import { AgentRegistry } from "./agent-registry.ts";
import { DEFAULT_REDACTED_KEYS } from "./decode/redact-keys.ts";
import { HeldTelemetry } from "./held-telemetry.ts";
import { importFile } from "./import-file.ts";
import { Ingest } from "./ingest.ts";
import type { LogProblem } from "./log/problems.ts";
import type { SessionLogOptions } from "./log/session-log.ts";
import { DEFAULT_LIMITS, type ReceiverLimits } from "./receive/limits.ts";
import type { Receiver } from "./receive/receiver.ts";
import type { TelemetrySink } from "./receive/sink.ts";
import { HoldBook } from "./pause/hold-book.ts";
import { memoryPressure } from "./pressure.ts";
import { ReceiverHolder, type ReceiverAddress } from "./receiver-holder.ts";
import { SessionRecovery } from "./recover-sessions.ts";
import { RunFiles } from "./run-files.ts";
import { SessionRecorder } from "./session-recorder.ts";
import { SessionRegistry } from "./session-registry.ts";
import { SpanBreakpoints } from "./watch/span-breakpoints.ts";
import { Throttle } from "./throttle.ts";
import { openSpans } from "./watch/open-spans.ts";
import { listUnfinished } from "./query/unfinished-spans.ts";

export interface EngineOptions {
  /** What the telemetry that is held may take, in bytes. */
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
export class Engine extends HeldTelemetry {
  /** What the receivers hand their requests to. */
  readonly sink: TelemetrySink;
  /** At most every 50 ms while traces change. */
  readonly onTracesChanged: Listen<TracesChange>;
  /** At most every 100 ms while the state changes. */
  readonly onStateChanged: Listen<EngineState>;
  readonly onProblemFound: Listen<EngineProblem>;
  /** Saves runs into files, and restores them. */
  readonly runFiles: RunFiles;
  /** Stops programs by what their spans do. */
  readonly spanBreakpoints: SpanBreakpoints;

  readonly #options: EngineOptions;
  readonly #sessions = new SessionRegistry();
  readonly #agents = new AgentRegistry();
  readonly #ingest: Ingest;
  readonly #activeSpans: ActiveSpans;
  readonly #holds = new HoldBook((pauses) => this.#recordPauses(pauses));
  readonly #holder: ReceiverHolder;
  readonly #tracesChanged = new Emitter<TracesChange>();
  readonly #stateChanged = new Emitter<EngineState>();
  readonly #problemFound = new Emitter<EngineProblem>();
  readonly #tellTraces = new Throttle(TRACES_CHANGED_EVERY_MS, () => this.#emitTraces());
  readonly #tellState = new Throttle(STATE_CHANGED_EVERY_MS, () => this.#stateChanged.emit(this.state));
  readonly #toldFaults = new Set<string>();
  readonly #recorder: SessionRecorder;
  /** Settled when what earlier engines have logged is in the store; undefined where no log was asked for. */
  #recovered: Promise<Recovery> | undefined;
  readonly #recovery: SessionRecovery;
  #connections = 0;

  constructor(options: EngineOptions) {
    super(options.maxBytes ?? DEFAULT_MAX_BYTES, options.now ?? Date.now);
    this.#options = options;
    this.#recorder = new SessionRecorder({
      onProblem: (problem) => this.#tellLogProblem(problem),
      onChanged: () => this.#tellState.request(),
    });
    this.spanBreakpoints = new SpanBreakpoints(this.now, (atMs) =>
      openSpans(this.store, this.#sessions, atMs),
    );
    this.#ingest = new Ingest({
      store: this.store,
      logs: this.logStore,
      series: this.seriesStore,
      sessions: this.#sessions,
      agents: this.#agents,
      agentBreakpoints: this.spanBreakpoints.agents,
      holds: this.#holds,
      recorder: this.#recorder,
      now: this.now,
      onChanged: () => this.#changed(),
    });
    this.#activeSpans = new ActiveSpans({
      store: this.store,
      ingest: this.#ingest,
      nextConnection: () => ++this.#connections,
    });
    this.runFiles = new RunFiles({
      store: this.store,
      logs: this.logStore,
      series: this.seriesStore,
      sessions: this.#sessions,
      ingest: this.#ingest,
      recorder: this.#recorder,
      nextConnection: () => ++this.#connections,
      now: this.now,
      onChanged: () => this.#changed(),
      onProblem: (problem) => this.#tellLogProblem(problem),
    });
    this.#recovery = new SessionRecovery({
      store: this.store,
      sessions: this.#sessions,
      ingest: this.#ingest,
      nextConnection: () => ++this.#connections,
      onProgress: () => this.#changed(),
    });
    this.#redact(options.redaction ?? { enabled: true, keys: DEFAULT_REDACTED_KEYS });
    this.#holder = new ReceiverHolder({
      sink: this.#ingest,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      overloaded: () =>
        options.overloaded?.() ??
        this.#recorder.overloaded() ??
        memoryPressure({
          pendingBytes: () => this.#ingest.pendingBytes,
          maxStoreBytes: () => this.store.maxBytes,
        }),
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
    const { rejectedCount } = this.#ingest;
    const { traceCount, spanCount, evictedCount, evictedUntilMs } = this.store;
    return {
      ports: receiver === undefined ? undefined : portsOf(receiver),
      traceCount,
      spanCount,
      bytes: this.bytes,
      maxBytes: this.maxBytes,
      evictedCount,
      evictedUntilMs,
      rejectedCount,
      seriesCount: this.seriesStore.seriesCount,
      sampleCount: this.seriesStore.sampleCount,
      logRecordCount: this.logStore.count,
      logVersion: this.logStore.version,
      agents: this.#agents.all,
      log: this.#recorder.state,
      backup: this.runFiles.backup,
      recovering: this.#recovered === undefined ? undefined : this.#recovery.fraction,
    };
  }

  get refusedLogCount(): number {
    return this.#ingest.rejectedLogCount;
  }

  /** Data points of metrics that were refused. */
  get refusedPointCount(): number {
    return this.#ingest.rejectedPointCount;
  }

  /** Spans that were taken since the start, resends included. */
  get receivedCount(): number {
    return this.#ingest.receivedCount;
  }

  /** The same of data points of metrics. */
  get receivedPointCount(): number {
    return this.#ingest.receivedPointCount;
  }

  /** The same of log records. */
  get receivedLogCount(): number {
    return this.#ingest.receivedLogCount;
  }

  /**
   * Logs from now on what is received, and answers when what earlier engines have left in the log is in the store. What
   * arrives meanwhile is taken; it counts as newer. Answers the same when asked again.
   */
  openLog({ folders, ...limits }: LogPlace): Promise<Recovery> {
    const [first, ...others] = folders;
    if (first === undefined) return Promise.resolve(NOTHING_RECOVERED);
    return (this.#recovered ??= this.#recover({ ...limits, folders: [first, ...others] }));
  }

  async closeLog(): Promise<undefined> {
    await this.#recorder.close();
    this.#tellState.request();
  }

  async openReceiver(address: Omit<ReceiverAddress, "token">): Promise<Result<ReceiverPorts, Problem>> {
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
    const atMs = this.now();
    this.#sessions.open(sessionId, run, name);
    this.#sessions.begin(sessionId);
    if (run !== OUTSIDE_ANY_RUN) this.#sessions.nameRun(run, runName, runStartMs ?? atMs);
    if (run !== OUTSIDE_ANY_RUN)
      this.#recorder.control({ kind: "run-began", run, name: runName, atMs: runStartMs ?? atMs });
    this.#recorder.control({ kind: "session-opened", sessionId, run, name, atMs });
  }

  /** Nothing changes for what arrives: processes flush what they hold when their debugger is gone. What only the debugger had found has ended. */
  closeSession({ sessionId }: { readonly sessionId: SessionId }): undefined {
    this.#sessions.end(sessionId);
    this.#activeSpans.sessionOver(sessionId);
    this.#recorder.control({ kind: "session-closed", sessionId, atMs: this.now() });
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
    this.setMaxBytes(maxBytes);
    this.#changed();
    return ok(undefined);
  }

  /** What has begun and not ended, as far as anybody can tell. */
  listUnfinished({ limit, atMs }: { readonly limit: number; readonly atMs: number }): {
    readonly spans: readonly SpanFrame[];
    readonly count: number;
  } {
    return listUnfinished(this.store, this.#sessions, limit, atMs);
  }

  noteActiveSpan(request: Parameters<ActiveSpans["note"]>[0]): SpanStack {
    return this.#activeSpans.note(request);
  }

  guessActiveSpan(request: Parameters<ActiveSpans["guess"]>[0]): SpanStack | undefined {
    return this.#activeSpans.guess(request);
  }

  /** Their moments become those of the program's own clock where its agent tells them, now or later. */
  recordPauses(pauses: readonly Pause[]): undefined {
    this.#recordPauses(pauses.map((pause) => this.#holds.told(pause)));
  }

  /** A trace that is not held (any more) cannot be pinned, which is no error: it may have left a moment ago. */
  pinTrace({ traceId, pinned }: { readonly traceId: TraceId; readonly pinned: boolean }): undefined {
    this.store.pin(traceId, pinned);
    this.#recovery.pinned(traceId);
    this.#recorder.control({ kind: "pinned", traceId, pinned });
    this.#changed();
  }

  clearStore({ keepPinned }: { readonly keepPinned: boolean }): undefined {
    this.#ingest.clear(keepPinned);
    this.#recovery.cleared(keepPinned);
    this.#recorder.control({ kind: "cleared", keepPinned, atMs: this.now() });
    this.#changed();
  }

  /** @param encoding tells of the file what its bytes else do */
  importTraces({
    name,
    bytes,
    encoding,
  }: {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly encoding?: "json" | "protobuf" | undefined;
  }): Promise<ImportOutcome> {
    return importFile(name, bytes, this.#ingest, encoding);
  }

  /** Closes the sockets and the log, and falls silent. */
  async dispose(): Promise<void> {
    this.spanBreakpoints.dispose();
    this.#tellTraces.dispose();
    this.#tellState.dispose();
    await this.#holder.close();
    await this.#recorder.close();
    this.#tracesChanged.dispose();
    this.#stateChanged.dispose();
    this.#problemFound.dispose();
    this.runFiles.dispose();
  }

  async #recover(options: SessionLogOptions): Promise<Recovery> {
    const log = this.#recorder.open(options, {
      store: this.store,
      logs: this.logStore,
      isLogUnderWay: (row) => this.#ingest.isLogUnderWay(row),
      sessions: this.#sessions,
      nextConnection: () => ++this.#connections,
      now: this.now,
    });
    const recovery = await this.#recovery.run(log);
    // One is enough to know that something is missing; all are in the reply.
    const [problem] = recovery.problems;
    if (problem !== undefined) this.#tellLogProblem(problem);
    this.#changed();
    return recovery;
  }

  #recordPauses(pauses: readonly Pause[]): void {
    for (const pause of pauses) {
      this.store.recordPause(pause);
      this.#recorder.control({ kind: "paused", pause });
    }
    this.#changed();
  }

  #redact({ enabled, keys }: Redaction): void {
    this.#ingest.redact(enabled ? keys : undefined);
  }

  #tellLogProblem({ code, message, advice }: LogProblem): void {
    const problem = { code, message, severity: "warning" } as const;
    this.#problemFound.emit(advice === undefined ? problem : { ...problem, advice });
  }

  #changed(): void {
    this.spanBreakpoints.changed();
    this.shareMemory();
    this.makeRoom(() => this.#changed());
    this.runFiles.changed(this.heldVersion);
    this.#tellTraces.request();
    this.#tellState.request();
  }

  #emitTraces(): void {
    const changes = this.store.takeChangedTraces(MAX_CHANGED_TRACES);
    if (changes !== undefined) this.#tracesChanged.emit({ version: this.store.version, ...changes });
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
