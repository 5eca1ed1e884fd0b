import { isRecord } from "../../protocol/guard.ts";

/** A session is stopped as a whole, in some threads, or not at all. */
type Stopped = "all" | ReadonlySet<number>;

/** Requests whose success sets the program going, where the adapter sends no event for it. */
const RESUMING: ReadonlySet<unknown> = new Set([
  "continue",
  "next",
  "stepIn",
  "stepOut",
  "stepBack",
  "reverseContinue",
]);

/**
 * Reads from what a debug adapter sends (Debug Adapter Protocol: `stopped`, `continued`, `terminated` events and the
 * replies to stepping requests) whether its program is paused.
 */
export class StoppedThreads {
  #stopped: Stopped = new Set();

  get isPaused(): boolean {
    return this.#stopped === "all" || this.#stopped.size > 0;
  }

  /** Takes a message of the adapter; answers whether {@link isPaused} has changed. Called for every message: cheap first. */
  receive(message: unknown): boolean {
    if (!isRecord(message)) return false;
    const before = this.isPaused;
    if (message["type"] === "event") this.#event(message["event"], message["body"]);
    else if (
      message["type"] === "response" &&
      message["success"] === true &&
      RESUMING.has(message["command"])
    )
      this.#resumed(message["body"]);
    return this.isPaused !== before;
  }

  #event(name: unknown, body: unknown): void {
    if (name === "stopped") {
      const thread = isRecord(body) ? body["threadId"] : undefined;
      const isAll = !isRecord(body) || body["allThreadsStopped"] === true || typeof thread !== "number";
      if (isAll) this.#stopped = "all";
      else if (this.#stopped !== "all") this.#stopped = new Set([...this.#stopped, thread]);
    } else if (name === "continued") this.#resumed(body);
    else if (name === "terminated" || name === "exited") this.#stopped = new Set();
  }

  /** Absent means all: so the protocol has it for the reply, and adapters mean it in the event. */
  #resumed(body: unknown): void {
    const thread = isRecord(body) ? body["threadId"] : undefined;
    const isOne = isRecord(body) && body["allThreadsContinued"] === false;
    if (isOne && typeof thread === "number" && this.#stopped !== "all")
      this.#stopped = new Set([...this.#stopped].filter((stopped) => stopped !== thread));
    else this.#stopped = new Set();
  }
}
