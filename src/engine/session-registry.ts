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
