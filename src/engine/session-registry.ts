import { OUTSIDE_ANY_RUN, type RunNumber, type SessionId } from "../model/ids.ts";

/** A run as far as the engine is told of it. */
export interface KnownRun {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
}

export interface KnownSession {
  readonly id: SessionId;
  readonly name: string;
  readonly run: RunNumber;
}

/** The debug sessions whose endpoints are known, so that what arrives at them finds its run; and the runs by name. */
export class SessionRegistry {
  readonly #sessions = new Map<SessionId, KnownSession>();
  /** Those whose debugger is there. */
  readonly #live = new Set<SessionId>();
  readonly #runs = new Map<RunNumber, KnownRun>();

  get sessions(): readonly KnownSession[] {
    return [...this.#sessions.values()];
  }

  get runs(): ReadonlyMap<RunNumber, KnownRun> {
    return this.#runs;
  }

  open(sessionId: SessionId, run: RunNumber, name = ""): void {
    this.#sessions.set(sessionId, { id: sessionId, name, run });
  }

  /** A session's debugger is there. */
  begin(sessionId: SessionId): void {
    this.#live.add(sessionId);
  }

  /** It is gone. */
  end(sessionId: SessionId): void {
    this.#live.delete(sessionId);
  }

  /** Whether a session's programs are being debugged; "unknown" of one that nobody opened here, and of none. */
  stateOf(sessionId: string | undefined): "live" | "over" | "unknown" {
    if (sessionId === undefined || !this.#sessions.has(sessionId as SessionId)) return "unknown";
    return this.#live.has(sessionId as SessionId) ? "live" : "over";
  }

  /** Notes what a run is called, and when it began. */
  nameRun(run: RunNumber, name: string, startMs: number): void {
    this.#runs.set(run, { name, startMs });
  }

  knows(sessionId: SessionId): boolean {
    return this.#sessions.has(sessionId);
  }

  /** A session that nobody opened here is outside of any run; its data is kept all the same. */
  runOf(sessionId: SessionId | undefined): RunNumber {
    return (sessionId === undefined ? undefined : this.#sessions.get(sessionId)?.run) ?? OUTSIDE_ANY_RUN;
  }
}
