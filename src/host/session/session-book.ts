import type { Listen } from "../../base/events.ts";
import { Emitter } from "../../base/events.ts";
import type { RunNumber, SessionId } from "../../model/ids.ts";
import type { InjectionNote, Run, Session } from "../../model/session.ts";
import { RunBook, type Compound } from "./run-book.ts";
import { newSessionId } from "./session-id.ts";

/** What a debugger's session says of itself; VS Code's DebugSession has this shape. */
export interface DebuggerSession {
  readonly id: string;
  readonly parentSession?: DebuggerSession | undefined;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** The attribute that carries the session's id through a launch. Adapters get such names from VS Code too, and pass over them. */
export const SESSION_MARK = "__spanlight";

interface Entry {
  session: Session;
  started: boolean;
  /** Ids of the debugger's sessions that live, children included. */
  readonly live: Set<string>;
}

/**
 * The sessions of this window: each is entered when its launch asks the configuration providers, becomes active when
 * the debugger starts it, and stays in the book afterwards, since its data stays too.
 */
export class SessionBook {
  readonly #runBook: RunBook;
  /** Runs of earlier windows. */
  readonly #restored = new Set<RunNumber>();
  readonly #entries = new Map<SessionId, Entry>();
  readonly #byDebuggerId = new Map<string, SessionId>();
  readonly #changed = new Emitter<undefined>();
  readonly #now: () => number;

  /** Heard after every change that shows in {@link sessions} or {@link runs}. */
  readonly onChanged: Listen<undefined> = this.#changed.listen;

  /** @param highestRun the number of the last run that an earlier window had */
  constructor(now: () => number = Date.now, highestRun = 0) {
    this.#now = now;
    this.#runBook = new RunBook(highestRun);
  }

  /** Sessions whose debugger has started, in the order in which they were entered. */
  get sessions(): readonly Session[] {
    return [...this.#entries.values()].filter(({ started }) => started).map(({ session }) => session);
  }

  /** Every session whose endpoint a program may know, started or not: what a new engine has to be told. */
  get issued(): readonly Session[] {
    return [...this.#entries.values()].map(({ session }) => session);
  }

  /** The runs of which at least one session has started, and those of earlier windows. */
  get runs(): readonly Run[] {
    const started = new Set<RunNumber>(this.sessions.map(({ run }) => run));
    return this.#runBook.runs.filter(({ number }) => started.has(number) || this.#restored.has(number));
  }

  /** A run whose number some session has, started or not. */
  runOf(number: RunNumber): Run | undefined {
    return this.#runBook.runs.find((run) => run.number === number);
  }

  /** The highest number that a run has; the next one gets a higher. */
  get highestRun(): number {
    return this.#runBook.highest;
  }

  /** Numbers for runs that come from files: no launch gets them. */
  reserveRuns(count: number): readonly RunNumber[] {
    const numbers = this.#runBook.reserve(count);
    this.#changed.emit(undefined);
    return numbers;
  }

  /** Adds the runs of earlier windows, whose traces the engine has found again. */
  restoreRuns(runs: readonly Run[]): void {
    const known = new Set(this.#runBook.runs.map(({ number }) => number));
    const former = runs.filter(({ number }) => !known.has(number));
    if (former.length === 0) return;
    this.#runBook.restore(former);
    for (const { number } of former) this.#restored.add(number);
    this.#changed.emit(undefined);
  }

  get anyActive(): boolean {
    return [...this.#entries.values()].some(({ session }) => session.active);
  }

  find(id: unknown): Session | undefined {
    return this.#entries.get(id as SessionId)?.session;
  }

  /** Whether all debugger's sessions of a session that had some have ended. */
  isOver(id: SessionId): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && entry.started && entry.live.size === 0;
  }

  /**
   * Enters a launch that begins.
   * @param folder the name of the workspace folder whose configuration it is.
   */
  enter(
    launch: { readonly name: string; readonly type: string; readonly request: string },
    folder: string | undefined,
    compounds: readonly Compound[],
  ): Session {
    const session: Session = {
      id: newSessionId(),
      run: this.#runBook.begin({ name: launch.name, folder }, compounds, this.#now()).number,
      name: launch.name,
      type: launch.type,
      request: launch.request === "attach" ? "attach" : "launch",
      active: false,
      notes: [],
    };
    this.#entries.set(session.id, { session, started: false, live: new Set() });
    return session;
  }

  /** Notes what could not be put into a launch. Providers are asked again and again: the same notes change nothing. */
  annotate(id: SessionId, type: string, notes: readonly InjectionNote[]): void {
    this.#change(id, (session) => ({ ...session, type, notes }));
  }

  /** The debugger started a session; a child counts as its parent's. Undefined where it is none that was entered. */
  started(debuggerSession: DebuggerSession): Session | undefined {
    const parent = debuggerSession.parentSession;
    const id =
      (parent === undefined ? undefined : this.#byDebuggerId.get(parent.id)) ??
      this.find(debuggerSession.configuration[SESSION_MARK])?.id;
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (id === undefined || entry === undefined) return undefined;
    this.#byDebuggerId.set(debuggerSession.id, id);
    entry.live.add(debuggerSession.id);
    entry.started = true;
    this.#change(id, (session) => ({ ...session, active: true }));
    return entry.session;
  }

  /** The debugger ended a session. Answers with the session if that was the last of its debugger's sessions. */
  ended(debuggerId: string): Session | undefined {
    const id = this.#byDebuggerId.get(debuggerId);
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (id === undefined || entry === undefined || !entry.live.delete(debuggerId) || entry.live.size > 0)
      return undefined;
    const { run } = entry.session;
    const others = [...this.#entries.values()].filter(
      (other) => other !== entry && other.session.run === run,
    );
    if (others.every(({ live }) => live.size === 0)) this.#runBook.end(run, this.#now());
    this.#change(id, (session) => ({ ...session, active: false }));
    return entry.session;
  }

  /** The session that a debugger's session belongs to. */
  ofDebugger(debuggerId: string): SessionId | undefined {
    return this.#byDebuggerId.get(debuggerId);
  }

  #change(id: SessionId, change: (session: Session) => Session): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.session = change(entry.session);
    this.#changed.emit(undefined);
  }
}
