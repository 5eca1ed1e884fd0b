import type { Disposable } from "../../base/dispose.ts";
import { Emitter, type Listen } from "../../base/events.ts";
import { type Problem, type Result } from "../../base/result.ts";
import type { SessionId, TraceId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";
import type { Run, Session } from "../../model/session.ts";
import { LINK_CLOSED, type Connection } from "../../protocol/connection.ts";
import {
  closeLog,
  closeReceiver,
  closeSession,
  configureEngine,
  openLog,
  openReceiver,
  openSession,
  problemFound,
  recordPauses,
  stateChanged,
  tracesChanged,
  type EngineState,
  type LogPlace,
  type ReceiverPorts,
  type Recovery,
  type Redaction,
} from "../../protocol/engine.ts";
import type { Guard } from "../../protocol/guard.ts";
import type { RequestType } from "../../protocol/message.ts";
import { configureBackup, runFileProgressed, type BackupPlan } from "../../protocol/run-file.ts";
import { setSpanBreakpoints, slowSpanFound } from "../../protocol/breakpoints.ts";
import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";
import { RECEIVER_HOST } from "../session/endpoint.ts";
import { EngineProcess, type EngineDeath } from "./engine-process.ts";

export interface EngineOptions {
  /** Absolute path of the engine's bundle. */
  readonly script: string;
  /** What traces may take, in bytes. */
  readonly maxBytes: () => number;
  /** The ports to try first. */
  readonly wantedPorts: () => PortPair;
  /** The sessions that an engine has to know. */
  readonly sessions: () => readonly Session[];
  /** The run of a session, by which it is known in the session log. */
  readonly runOf?: (session: Session) => Run | undefined;
  /** The pauses of this window that an engine has to know, whatever its log holds. */
  readonly pauses?: () => readonly Pause[];
  /** What programs are to be stopped by. */
  readonly spanBreakpoints?: () => readonly SpanBreakpoint[];
  /** Where an engine that is started keeps its session log; undefined where it keeps none. */
  readonly log?: () => LogPlace | undefined;
  /** How all that is held is saved by itself; undefined where it is not. */
  readonly backup?: () => BackupPlan | undefined;
  /** What is masked in what is received; undefined leaves that to the engine. */
  readonly redaction?: () => Redaction | undefined;
}

interface PortPair {
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** Which traces changed, as the engine tells it. */
export interface TracesChange {
  readonly version: number;
  readonly traceIds: readonly TraceId[];
  readonly more: boolean;
}

interface RunFileProgress {
  readonly path: string;
  /** From 0 to 1. */
  readonly fraction: number;
}

/** What the engine tells of a span that runs too long. */
type SlowSpan = typeof slowSpanFound extends { readonly isParams: Guard<infer Params> } ? Params : never;

const MEGABYTE = 1024 * 1024;
/** The engine's objects beside its columns: summaries, strings, requests under way. */
const HEAP_MEGABYTES = 512;
/** A program that is being started does not wait longer than this for a receiver that does not come up. */
const OPEN_TIMEOUT_MS = 5000;
/** Nor, right after a start, longer than this for the session log to be read first. */
const RECOVERY_TIMEOUT_MS = 15_000;
/** The log itself gives up a disk that hangs after three seconds; VS Code an extension that ends after five. */
const CLOSE_LOG_TIMEOUT_MS = 3500;

/**
 * The engine as the rest of the extension sees it: requests, events, and one receiver whose ports and sessions outlive
 * a death of the thread.
 */
export class Engine implements Disposable {
  readonly #options: EngineOptions;
  readonly #process: EngineProcess;
  readonly #changed = new Emitter<undefined>();
  readonly #tracesChanged = new Emitter<TracesChange>();
  readonly #problemFound = new Emitter<Problem>();
  readonly #restarted = new Emitter<string>();
  readonly #recovered = new Emitter<Recovery>();
  readonly #runFileProgressed = new Emitter<RunFileProgress>();
  readonly #slowSpan = new Emitter<SlowSpan>();
  /** What the engine that runs is reading from the session log; undefined where it keeps none. */
  #recovery: Promise<Result<Recovery, Problem>> | undefined;
  #isRecovered = false;
  /** The ports to come back to, while the receiver is meant to be open. */
  #openPorts: PortPair | undefined;
  #state: EngineState | undefined;
  #problem: Problem | undefined;
  #restartNote: string | undefined;

  /** Heard when {@link state}, {@link problem} or {@link restartNote} has changed. */
  readonly onChanged: Listen<undefined> = this.#changed.listen;
  readonly onTracesChanged: Listen<TracesChange> = this.#tracesChanged.listen;
  readonly onProblemFound: Listen<Problem> = this.#problemFound.listen;
  /** Heard with the {@link restartNote} when a new engine has taken the place of one that died. */
  readonly onRestarted: Listen<string> = this.#restarted.listen;

  /** Heard when a span runs longer than a span breakpoint allows. */
  readonly onSlowSpan: Listen<SlowSpan> = this.#slowSpan.listen;

  /** Heard while runs are written to or read from a file. */
  readonly onRunFileProgressed: Listen<RunFileProgress> = this.#runFileProgressed.listen;

  /** Heard when an engine has read what earlier ones have logged. */
  readonly onRecovered: Listen<Recovery> = this.#recovered.listen;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#process = new EngineProcess(
      { script: options.script, maxHeapMegabytes: HEAP_MEGABYTES },
      (connection) => this.#prepare(connection),
    );
    this.#process.onDied((death) => void this.#revive(death));
  }

  /** What the engine last told of itself; undefined while it is not running. */
  get state(): EngineState | undefined {
    return this.#state;
  }

  /** Why nothing can be received. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** That the engine was started again after it died, and what that cost; until traces are cleared. */
  get restartNote(): string | undefined {
    return this.#restartNote;
  }

  /** Asks the engine, which is started where it is not running. */
  ask<Params, Reply>(
    type: RequestType<Params, Reply>,
    params: Params,
    signal?: AbortSignal,
  ): Promise<Result<Reply, Problem>> {
    return this.askByName(type.name, params, signal) as Promise<Result<Reply, Problem>>;
  }

  askByName(name: string, params: unknown, signal?: AbortSignal): Promise<Result<unknown, Problem>> {
    const connection = this.#process.connect();
    if (connection.ok) return connection.value.askByName(name, params, signal);
    this.#setProblem(connection.error);
    return Promise.resolve(connection);
  }

  /** Opens the receiver, or answers with the ports that it has. */
  async openReceiver(): Promise<Result<ReceiverPorts, Problem>> {
    const ports = this.#openPorts ?? this.#options.wantedPorts();
    const patienceMs = OPEN_TIMEOUT_MS + (this.#isRecovered ? 0 : RECOVERY_TIMEOUT_MS);
    const opened = await this.ask(
      openReceiver,
      { host: RECEIVER_HOST, ...ports },
      AbortSignal.timeout(patienceMs),
    );
    if (opened.ok) this.#openPorts = { httpPort: opened.value.http, grpcPort: opened.value.grpc };
    // An engine that died meanwhile is a matter of #revive, which knows why.
    if (opened.ok || opened.error.code !== LINK_CLOSED.code)
      this.#setProblem(opened.ok ? undefined : opened.error);
    return opened;
  }

  /** Closes the receiver; what was received stays. An engine that does not run is not started for it. */
  async closeReceiver(): Promise<void> {
    this.#openPorts = undefined;
    if (this.#process.isRunning) await this.ask(closeReceiver, {});
  }

  announce(session: Session): Promise<Result<undefined, Problem>> {
    return this.ask(openSession, this.#introductionOf(session));
  }

  async sessionEnded(sessionId: SessionId): Promise<void> {
    if (this.#process.isRunning) await this.ask(closeSession, { sessionId });
  }

  /** Tells of pauses of the debugger; an engine that is started later asks for them itself. */
  recordPauses(pauses: readonly Pause[]): void {
    if (this.#process.isRunning) void this.ask(recordPauses, { pauses });
  }

  /** Hands on the limits after a setting has changed. */
  configure(): void {
    if (!this.#process.isRunning) return;
    void this.ask(configureEngine, this.#configuration);
    void this.ask(configureBackup, { plan: this.#options.backup?.() });
  }

  /** Puts what is logged on the device before the window closes. */
  async closeLog(): Promise<void> {
    if (this.#process.isRunning && this.#recovery !== undefined)
      await this.ask(closeLog, {}, AbortSignal.timeout(CLOSE_LOG_TIMEOUT_MS));
  }

  /** Ends the engine with all that it holds, and starts another, which has again what was logged. */
  async restart(): Promise<void> {
    await this.closeLog();
    await this.#process.stop();
    this.#state = undefined;
    this.#setProblem(undefined);
    this.#connectAgain();
    await this.#noteRestart("The engine was restarted.", "The traces it held are gone.");
  }

  /** The person has read it, and goes on. */
  forgetRestart(): void {
    this.#restartNote = undefined;
    this.#changed.emit(undefined);
  }

  dispose(): void {
    this.#process.dispose();
    for (const emitter of [this.#changed, this.#tracesChanged, this.#problemFound, this.#restarted])
      emitter.dispose();
    this.#recovered.dispose();
    this.#runFileProgressed.dispose();
    this.#slowSpan.dispose();
  }

  /** Tells a new engine all that the last one knew, before anybody asks it anything. */
  #prepare(connection: Connection): void {
    connection.on(stateChanged, (state) => {
      this.#state = state;
      this.#changed.emit(undefined);
    });
    connection.on(runFileProgressed, (progress) => this.#runFileProgressed.emit(progress));
    connection.on(slowSpanFound, (span) => this.#slowSpan.emit(span));
    connection.on(tracesChanged, (change) => this.#tracesChanged.emit(change));
    connection.on(problemFound, (problem) =>
      this.#problemFound.emit({
        code: problem.code,
        message: problem.message,
        ...(problem.advice === undefined ? {} : { advice: problem.advice }),
      }),
    );
    void connection.ask(configureEngine, this.#configuration);
    const breakpoints = this.#options.spanBreakpoints?.() ?? [];
    if (breakpoints.length > 0) void connection.ask(setSpanBreakpoints, { breakpoints });
    const plan = this.#options.backup?.();
    if (plan !== undefined) void connection.ask(configureBackup, { plan });
    const log = this.#options.log?.();
    this.#isRecovered = log === undefined;
    this.#recovery = log === undefined ? undefined : this.#recover(connection, log);
    for (const session of this.#options.sessions()) {
      void connection.ask(openSession, this.#introductionOf(session));
      if (!session.active) void connection.ask(closeSession, { sessionId: session.id });
    }
    void this.#tellPauses(connection);
  }

  /** After the log has been read: it may end with a pause that has gone on since. */
  async #tellPauses(connection: Connection): Promise<void> {
    await this.#recovery;
    const pauses = this.#options.pauses?.() ?? [];
    if (pauses.length > 0) await connection.ask(recordPauses, { pauses });
  }

  async #recover(connection: Connection, log: LogPlace): Promise<Result<Recovery, Problem>> {
    const recovered = await connection.ask(openLog, log);
    if (!recovered.ok) return recovered;
    this.#isRecovered = true;
    this.#recovered.emit(recovered.value);
    return recovered;
  }

  get #configuration(): { readonly maxBytes: number; readonly redaction: Redaction | undefined } {
    return { maxBytes: this.#options.maxBytes(), redaction: this.#options.redaction?.() };
  }

  #introductionOf(session: Session): {
    readonly sessionId: SessionId;
    readonly run: Session["run"];
    readonly name: string;
    readonly runName: string | undefined;
    readonly runStartMs: number | undefined;
  } {
    const run = this.#options.runOf?.(session);
    const { id, name } = session;
    return { sessionId: id, run: session.run, name, runName: run?.name, runStartMs: run?.startMs };
  }

  /** Words what became of the traces, once that is known. Nothing is said of an engine that has died meanwhile. */
  async #noteRestart(what: string, withoutLog: string): Promise<string | undefined> {
    const recovery = this.#recovery;
    const recovered = recovery === undefined ? undefined : await recovery;
    if (recovery !== this.#recovery || recovered?.ok === false) return undefined;
    this.#restartNote = `${what} ${recovered === undefined ? withoutLog : recoveredSpans(recovered.value)}`;
    this.#changed.emit(undefined);
    return this.#restartNote;
  }

  async #revive({ reason }: EngineDeath): Promise<void> {
    const lost = this.#state?.traceCount ?? 0;
    this.#state = undefined;
    this.#restartNote = undefined;
    const isBack = this.#connectAgain();
    this.#changed.emit(undefined);
    if (!isBack) return;
    const what = `The engine stopped (${reason}) and was started again.`;
    const note = await this.#noteRestart(what, lostTraces(lost));
    if (note !== undefined) this.#restarted.emit(note);
  }

  /** Starts a new engine, and lets it listen where the last one did. */
  #connectAgain(): boolean {
    const connection = this.#process.connect();
    if (!connection.ok) this.#setProblem(connection.error);
    else if (this.#openPorts !== undefined) void this.openReceiver();
    return connection.ok;
  }

  #setProblem(problem: Problem | undefined): void {
    if (problem?.code === this.#problem?.code && problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#changed.emit(undefined);
  }
}

/** Bytes of a number of megabytes, as the settings have them. */
export function megabytes(count: number): number {
  return count * MEGABYTE;
}

function recoveredSpans({ spanCount }: Recovery): string {
  if (spanCount === 0) return "There was nothing to recover.";
  const count = spanCount.toLocaleString("en");
  return spanCount === 1 ? "One span was recovered." : `${count} spans were recovered.`;
}

function lostTraces(count: number): string {
  if (count === 0) return "Nothing was lost.";
  return count === 1 ? "One trace was lost." : `${count} traces were lost.`;
}
