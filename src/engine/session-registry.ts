import { OUTSIDE_ANY_RUN, type RunNumber, type SessionId } from "../model/ids.ts";

/** The debug sessions whose endpoints are known, so that what arrives at them finds its run. */
export class SessionRegistry {
  readonly #runs = new Map<SessionId, RunNumber>();

  open(sessionId: SessionId, run: RunNumber): void {
    this.#runs.set(sessionId, run);
  }

  /** A session that nobody opened here is outside of any run; its data is kept all the same. */
  runOf(sessionId: SessionId | undefined): RunNumber {
    return (sessionId === undefined ? undefined : this.#runs.get(sessionId)) ?? OUTSIDE_ANY_RUN;
  }
}
