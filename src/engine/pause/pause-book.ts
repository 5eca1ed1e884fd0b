import type { Pause } from "../../model/pause.ts";
import { IntervalSet } from "./interval-set.ts";

/** What is known of the process that a span ran in. */
export interface SpanProcess {
  readonly sessionId: string | undefined;
  readonly processId: number | undefined;
  /** The machine, where the sender names one. */
  readonly host: string | undefined;
  /** The thread that the span was started on; only asked for where single threads were paused. */
  readonly threadName: string | undefined;
}

/** A pause with its times as nanoseconds since the book's base. */
export interface HeldPause {
  readonly pause: Pause;
  readonly start: number;
  /** Infinity while it lasts. */
  readonly end: number;
}

/** Stops by hand come one at a time; a stepping script that makes more loses its oldest. */
const MAX_PAUSES = 20_000;

/** The pauses that the debugger has told of, and which processes they held. */
export class PauseBook {
  readonly #pauses = new Map<string, HeldPause>();
  readonly #sets = new Map<string, IntervalSet | undefined>();
  readonly #hostName: string;
  #base = 0n;
  #baseHigh = 0;
  #baseLow = 0;
  #any: IntervalSet | undefined;
  #threadPauseCount = 0;
  #version = 0;

  /** @param hostName this machine's: a process of another machine may have the number of a paused one */
  constructor(hostName = "") {
    this.#hostName = hostName;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get isEmpty(): boolean {
    return this.#pauses.size === 0;
  }

  get all(): Iterable<HeldPause> {
    return this.#pauses.values();
  }

  /** Whether single threads were paused, so that {@link SpanProcess.threadName} counts. */
  get hasThreads(): boolean {
    return this.#threadPauseCount > 0;
  }

  /** Nanoseconds from the book's base to this moment: exact within a hundred days of it. */
  sinceBase(unixNano: bigint): number {
    return Number(unixNano - this.#base);
  }

  /** The same for a moment in two halves, as the store's columns have it. */
  sinceBaseOf(high = 0, low = 0): number {
    return (high - this.#baseHigh) * 2 ** 32 + (low - this.#baseLow);
  }

  /** Takes a pause, or a later word on one that is known. An end before its start counts as the start. */
  record(pause: Pause): HeldPause {
    const startNano = BigInt(pause.startTimeUnixNano);
    if (this.isEmpty) this.#setBase(startNano);
    const start = this.sinceBase(startNano);
    const { endTimeUnixNano } = pause;
    const end =
      endTimeUnixNano === undefined
        ? Number.POSITIVE_INFINITY
        : Math.max(start, this.sinceBase(BigInt(endTimeUnixNano)));
    const held: HeldPause = { pause, start, end };
    this.#remove(pause.id);
    this.#pauses.set(pause.id, held);
    if (pause.threadName !== undefined) this.#threadPauseCount++;
    const [oldest] = this.#pauses.keys();
    if (this.#pauses.size > MAX_PAUSES && oldest !== undefined) this.#remove(oldest);
    this.#forget();
    return held;
  }

  /** Ends the pauses that last, because nobody is left who would. Answers with them. */
  endOpen(atUnixNano: bigint): readonly HeldPause[] {
    const open = [...this.#pauses.values()].filter(({ end }) => end === Number.POSITIVE_INFINITY);
    return open.map(({ pause }) => this.record({ ...pause, endTimeUnixNano: atUnixNano.toString() }));
  }

  /** Forgets the pauses that are over. */
  clear(): void {
    for (const { pause, end } of [...this.#pauses.values()])
      if (end < Number.POSITIVE_INFINITY) this.#remove(pause.id);
    this.#forget();
  }

  /** When any process was paused. */
  get any(): IntervalSet {
    return (this.#any ??= new IntervalSet([...this.#pauses.values()].map(({ start, end }) => [start, end])));
  }

  /** When this process, or this thread of it, was paused: the same set again for the same answer. Undefined for never. */
  setOf(process: SpanProcess): IntervalSet | undefined {
    if (this.isEmpty) return undefined;
    const { sessionId, processId, host, threadName } = process;
    const key = [sessionId, processId, host, this.hasThreads ? threadName : ""].join("\n");
    if (this.#sets.has(key)) return this.#sets.get(key);
    const held = [...this.#pauses.values()].filter(({ pause }) => this.concerns(pause, process));
    // Processes that the same pauses held stand still together, whatever their spans say of themselves.
    const name = `= ${held.map(({ pause }) => pause.id).join(" ")}`;
    const set =
      held.length === 0
        ? undefined
        : (this.#sets.get(name) ?? new IntervalSet(held.map(({ start, end }) => [start, end])));
    this.#sets.set(name, set);
    this.#sets.set(key, set);
    return set;
  }

  /**
   * Whether a pause held this process: by process id where both name one (of the same session, or the same machine), else
   * by session; and by the thread's name where it held one thread.
   */
  concerns(
    pause: Pick<Pause, "sessionId" | "processId" | "threadName">,
    { sessionId, processId, host, threadName }: SpanProcess,
  ): boolean {
    if (pause.threadName !== undefined && pause.threadName !== threadName) return false;
    const isSameSession = sessionId !== undefined && sessionId === pause.sessionId;
    if (processId === undefined || pause.processId === undefined) return isSameSession;
    if (processId !== pause.processId) return false;
    return isSameSession || host === undefined || host === this.#hostName;
  }

  #setBase(unixNano: bigint): void {
    this.#base = unixNano;
    this.#baseHigh = Number(unixNano >> 32n);
    this.#baseLow = Number(BigInt.asUintN(32, unixNano));
  }

  #remove(id: string): void {
    const known = this.#pauses.get(id);
    if (known?.pause.threadName !== undefined) this.#threadPauseCount--;
    this.#pauses.delete(id);
  }

  #forget(): void {
    this.#version++;
    this.#sets.clear();
    this.#any = undefined;
  }
}
