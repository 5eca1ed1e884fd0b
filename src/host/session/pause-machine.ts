import { isRecord } from "../../protocol/guard.ts";
import type { PausePlace } from "../../model/pause.ts";
import { frameThatStopped } from "./stack-place.ts";

/** A stretch of time during which one debug session held its process, or one thread of it. Nanoseconds since the epoch. */
export interface Stop {
  /** Told again with the same number, it is a later word on the same stop. */
  readonly number: number;
  readonly startNs: bigint;
  /** Undefined while it lasts. */
  readonly endNs: bigint | undefined;
  /** Undefined where the whole process is held. */
  readonly thread: { readonly id: number; readonly name: string | undefined } | undefined;
  readonly place: PausePlace | undefined;
}

/** Requests whose success sets the program going. Where it stops again at once (`goto`), the adapter sends `stopped`. */
const RESUMING: ReadonlySet<unknown> = new Set([
  "continue",
  "next",
  "stepIn",
  "stepOut",
  "stepBack",
  "reverseContinue",
  "goto",
  "restartFrame",
]);

/** Requests whose success ends the debugger's hold on this process. */
const ENDING: ReadonlySet<unknown> = new Set(["disconnect", "restart"]);

interface PendingRequest {
  readonly command: string;
  readonly threadId: number | undefined;
  readonly singleThread: boolean;
  readonly atNs: bigint;
  /** How many stops had been told when it was sent. */
  readonly stopCount: number;
}

/** More unanswered requests than this are requests that nobody answers. */
const MAX_PENDING = 1000;

/**
 * Follows one debug session (Debug Adapter Protocol) and tells when its process, or a thread of it, was held. What
 * adapters leave out and get wrong is in docs/pauses.md; the rules:
 *
 * - A process is held while the adapter said `allThreadsStopped`, or named no thread, or every thread that is known has
 *   stopped. Otherwise only the threads that stopped are held.
 * - It goes on with `continued` or with the successful reply to a request of {@link RESUMING}, whichever comes first,
 *   unless it has stopped again meanwhile. Which thread goes on is what the request says, not the event.
 * - The end of the session, of the process, or of the adapter ends every hold.
 * - Where the runtime's own word on the hold was heard before the adapter's, a stop began with that.
 */
export class PauseMachine {
  #isAllStopped = false;
  readonly #stopped = new Set<number>();
  readonly #threads = new Map<number, string | undefined>();
  readonly #pending = new Map<number, PendingRequest>();
  #stopCount = 0;
  #nextNumber = 0;
  #processId: number | undefined;
  #whole: Stop | undefined;
  /** The thread whose stop opened {@link #whole}, which nobody called a stop of all. */
  #wholeIsOf: number | undefined;
  readonly #ofThread = new Map<number, Stop>();
  #isLed = false;
  #lastEnded: Stop | undefined;
  #told: Stop[] = [];
  /** Since when the runtime itself says that it holds the program, before the adapter has said so. */
  #heldNs: bigint | undefined;
  #lastEndNs = 0n;

  /** As the adapter tells it. */
  get processId(): number | undefined {
    return this.#processId;
  }

  get isPaused(): boolean {
    return this.#isAllStopped || this.#stopped.size > 0;
  }

  /** Whether the adapter has told of a thread. A session that only holds others together has none. */
  get hasThreads(): boolean {
    return this.#threads.size > 0;
  }

  /**
   * While a stop is led from our agent's code to the person's, by steps of ours, all stops on the way are this one: the
   * person sees a single one.
   */
  led(isLed: boolean): void {
    this.#isLed = isLed;
    this.#lastEnded = undefined;
  }

  /** Takes a message of the client. Called for every message: cheap first. */
  sent(message: unknown, atNs: bigint): void {
    if (!isRecord(message) || message["type"] !== "request") return;
    const { seq, command, arguments: given } = message;
    const matters =
      RESUMING.has(command) || ENDING.has(command) || command === "stackTrace" || command === "threads";
    if (!matters || typeof seq !== "number" || typeof command !== "string") return;
    if (this.#pending.size >= MAX_PENDING) this.#pending.clear();
    const parts = isRecord(given) ? given : {};
    this.#pending.set(seq, {
      command,
      threadId: numberOr(parts["threadId"]),
      singleThread: parts["singleThread"] === true,
      atNs,
      stopCount: this.#stopCount,
    });
  }

  /** Takes a message of the adapter; answers the stops that began, ended, or of which more is known. */
  received(message: unknown, atNs: bigint): readonly Stop[] {
    if (!isRecord(message)) return NONE;
    if (message["type"] === "event") this.#event(message["event"], message["body"], atNs);
    else if (message["type"] === "response") this.#response(message, atNs);
    return this.#takeTold();
  }

  /** The runtime holds the program. A stop that the adapter tells of before {@link released} began now. */
  held(atNs: bigint): void {
    this.#heldNs = atNs;
  }

  /** The runtime lets the program go on: many a hold never becomes a stop, as where a condition was false. */
  released(): void {
    this.#heldNs = undefined;
  }

  /** The session is over, or its adapter is gone. */
  ended(atNs: bigint): readonly Stop[] {
    this.#resumeAll(atNs);
    this.#pending.clear();
    return this.#takeTold();
  }

  #event(name: unknown, body: unknown, atNs: bigint): void {
    switch (name) {
      case "stopped":
        this.#stop(isRecord(body) ? body : {}, atNs);
        break;
      case "continued":
        this.#continued(isRecord(body) ? body : {}, atNs);
        break;
      case "thread":
        this.#threadChanged(isRecord(body) ? body : {}, atNs);
        break;
      case "terminated":
      case "exited":
        this.#resumeAll(atNs);
        break;
      case "process":
      case "processid":
        // Java's adapter has an event of its own.
        if (isRecord(body))
          this.#processId ??= numberOr(body["systemProcessId"]) ?? numberOr(body["processId"]);
    }
  }

  #stop(body: Readonly<Record<string, unknown>>, atNs: bigint): void {
    // It was set going and nobody said so before it stopped again.
    const unconfirmed = [...this.#pending.values()].find(({ command }) => RESUMING.has(command));
    if (unconfirmed?.stopCount === this.#stopCount) this.#resumed(unconfirmed, undefined, unconfirmed.atNs);
    this.#stopCount++;
    const threadId = numberOr(body["threadId"]);
    if (threadId !== undefined) {
      this.#stopped.add(threadId);
      if (!this.#threads.has(threadId)) this.#threads.set(threadId, undefined);
    }
    if (body["allThreadsStopped"] === true || threadId === undefined) this.#isAllStopped = true;
    this.#settle(this.#sinceWhen(atNs), threadId);
  }

  /** When a stop began that is told of now: never while the one before it lasted. */
  #sinceWhen(toldNs: bigint): bigint {
    const heldNs = this.#heldNs;
    this.#heldNs = undefined;
    if (heldNs === undefined || heldNs > toldNs) return toldNs;
    return heldNs > this.#lastEndNs ? heldNs : this.#lastEndNs;
  }

  #continued(body: Readonly<Record<string, unknown>>, atNs: bigint): void {
    const all = body["allThreadsContinued"];
    const named = numberOr(body["threadId"]);
    const request = [...this.#pending.values()].findLast(({ command }) => RESUMING.has(command));
    if (all === true || this.#isAllStopped || named === undefined) this.#resumeAll(atNs);
    else if (this.#stopped.has(named)) this.#resumeThread(named, atNs);
    else if (request?.threadId !== undefined) this.#resumeThread(request.threadId, atNs);
    else if (all === undefined && this.#stopped.size === 1) this.#resumeAll(atNs);
  }

  #threadChanged(body: Readonly<Record<string, unknown>>, atNs: bigint): void {
    const id = numberOr(body["threadId"]);
    if (id === undefined) return;
    if (body["reason"] === "exited") {
      this.#threads.delete(id);
      if (this.#stopped.delete(id)) this.#endThread(id, atNs);
    } else if (!this.#threads.has(id)) this.#threads.set(id, undefined);
    this.#settle(atNs, undefined);
  }

  #response(message: Readonly<Record<string, unknown>>, atNs: bigint): void {
    const seq = numberOr(message["request_seq"]);
    const request = seq === undefined ? undefined : this.#pending.get(seq);
    if (seq === undefined || request === undefined) return;
    this.#pending.delete(seq);
    if (message["success"] !== true) return;
    const body = isRecord(message["body"]) ? message["body"] : {};
    if (ENDING.has(request.command)) this.#resumeAll(atNs);
    else if (request.command === "threads") this.#named(body["threads"], atNs);
    else if (request.command === "stackTrace") this.#placed(request, body["stackFrames"]);
    else if (request.stopCount === this.#stopCount) this.#resumed(request, body["allThreadsContinued"], atNs);
  }

  #resumed(request: PendingRequest, allContinued: unknown, atNs: bigint): void {
    const { command, threadId, singleThread } = request;
    // An absent flag means all for `continue`; a step moves what had been stopped together.
    const isOne = singleThread || (command === "continue" ? allContinued === false : !this.#isAllStopped);
    if (isOne && threadId !== undefined) this.#resumeThread(threadId, atNs);
    else this.#resumeAll(atNs);
  }

  /** The reply to `threads`: names, and whether others run beside the one that stopped. */
  #named(threads: unknown, atNs: bigint): void {
    if (!Array.isArray(threads)) return;
    this.#threads.clear();
    for (const thread of threads as readonly unknown[]) {
      const id = isRecord(thread) ? numberOr(thread["id"]) : undefined;
      if (isRecord(thread) && id !== undefined) this.#threads.set(id, textOr(thread["name"]));
    }
    for (const id of this.#stopped) if (!this.#threads.has(id)) this.#threads.set(id, undefined);
    const opener = this.#wholeIsOf;
    if (this.#whole !== undefined && opener !== undefined && !this.#isWhole) {
      // What was taken for a stop of the process was one of a thread from its beginning.
      const stop = { ...this.#whole, thread: { id: opener, name: this.#threads.get(opener) } };
      this.#whole = undefined;
      this.#ofThread.set(opener, stop);
      this.#told.push(stop);
    }
    this.#settle(atNs, undefined);
  }

  #placed({ threadId, stopCount }: PendingRequest, frames: unknown): void {
    const place = frameThatStopped(frames);
    if (place === undefined || threadId === undefined || stopCount !== this.#stopCount) return;
    const ofThread = this.#ofThread.get(threadId);
    if (ofThread !== undefined && ofThread.place === undefined)
      this.#ofThread.set(threadId, this.#tell({ ...ofThread, place }));
    // The client asks for the stack of the thread that stopped first.
    if (this.#whole !== undefined && this.#whole.place === undefined)
      this.#whole = this.#tell({ ...this.#whole, place });
  }

  #resumeAll(atNs: bigint): void {
    this.#isAllStopped = false;
    this.#stopped.clear();
    this.#settle(atNs, undefined);
  }

  #resumeThread(id: number, atNs: bigint): void {
    // Of a process that stopped as a whole nobody knows which other threads are still held.
    if (this.#isAllStopped) this.#resumeAll(atNs);
    else {
      this.#stopped.delete(id);
      this.#settle(atNs, undefined);
    }
  }

  get #isWhole(): boolean {
    if (this.#isAllStopped) return true;
    return this.#stopped.size > 0 && [...this.#threads.keys()].every((id) => this.#stopped.has(id));
  }

  /** Brings the open stops in line with which threads are stopped. */
  #settle(atNs: bigint, opener: number | undefined): void {
    if (this.#isWhole && this.#whole === undefined) {
      this.#whole = this.#begin(atNs, undefined);
      this.#wholeIsOf = this.#isAllStopped ? undefined : opener;
    } else if (!this.#isWhole && this.#whole !== undefined) {
      this.#end(this.#whole, atNs);
      this.#whole = undefined;
    }
    for (const id of [...this.#ofThread.keys()]) if (!this.#stopped.has(id)) this.#endThread(id, atNs);
    if (this.#isWhole) return;
    for (const id of this.#stopped)
      if (!this.#ofThread.has(id))
        this.#ofThread.set(id, this.#begin(atNs, { id, name: this.#threads.get(id) }));
  }

  #begin(startNs: bigint, thread: Stop["thread"]): Stop {
    const last = this.#isLed ? this.#lastEnded : undefined;
    if (last !== undefined && last.thread?.id === thread?.id)
      return this.#tell({ ...last, endNs: undefined, place: undefined, thread });
    const number = this.#nextNumber++;
    return this.#tell({ number, startNs, endNs: undefined, thread, place: undefined });
  }

  #endThread(id: number, atNs: bigint): void {
    const stop = this.#ofThread.get(id);
    if (stop !== undefined) this.#end(stop, atNs);
    this.#ofThread.delete(id);
  }

  /** A clock that was set back makes no negative stop. */
  #end(stop: Stop, atNs: bigint): void {
    this.#lastEndNs = atNs > stop.startNs ? atNs : stop.startNs;
    this.#lastEnded = this.#tell({ ...stop, endNs: this.#lastEndNs });
  }

  #tell(stop: Stop): Stop {
    this.#told.push(stop);
    return stop;
  }

  #takeTold(): readonly Stop[] {
    if (this.#told.length === 0) return NONE;
    const told = this.#told;
    this.#told = [];
    return told;
  }
}

const NONE: readonly Stop[] = [];

function numberOr(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
