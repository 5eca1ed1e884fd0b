import type { SessionId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";
import { refinePause, type Hold } from "./refine-pause.ts";

/** Processes of which holds are known; those that said something lately stay. */
const MAX_PROCESSES = 500;
/** Of each process. Debuggers tell of a hold within moments, and most are never told of. */
const MAX_HOLDS = 200;
const MAX_TOLD = 20;

/** A pause as the debugger told it, and as it was answered. */
interface ToldPause {
  readonly told: Pause;
  readonly refined: Pause;
}

interface HeldProcess {
  readonly holds: Hold[];
  readonly pauses: Map<string, ToldPause>;
}

/**
 * Brings together what two tell of a stop: the debugger, that there is one, and the program's agent, when exactly it was
 * held. Either may come first.
 */
export class HoldBook {
  readonly #processes = new Map<string, HeldProcess>();
  readonly #connections = new Map<number, string>();
  readonly #onRefined: (pauses: readonly Pause[]) => void;

  /** @param onRefined hears pauses whose moments have become known after they were told */
  constructor(onRefined: (pauses: readonly Pause[]) => void) {
    this.#onRefined = onRefined;
  }

  connected(connection: number, sessionId: SessionId, processId: number): void {
    this.#connections.set(connection, keyOf(sessionId, processId));
  }

  gone(connection: number): void {
    this.#connections.delete(connection);
  }

  /** The agent of a connection says that its program is held since then, or goes on. */
  heard(connection: number, isHeld: boolean, atNs: bigint): void {
    const key = this.#connections.get(connection);
    if (key === undefined) return;
    const { holds, pauses } = this.#processOf(key);
    note(holds, isHeld, atNs);
    const refined: Pause[] = [];
    for (const [id, { told, refined: before }] of pauses) {
      const after = refinePause(told, holds);
      if (isSameTime(before, after)) continue;
      pauses.set(id, { told, refined: after });
      refined.push(after);
    }
    if (refined.length > 0) this.#onRefined(refined);
  }

  /** The debugger tells of a pause, or says more of one. Answers with it as it is known by now. */
  told(pause: Pause): Pause {
    const { id, sessionId, processId } = pause;
    if (sessionId === undefined || processId === undefined) return pause;
    const { holds, pauses } = this.#processOf(keyOf(sessionId, processId));
    const refined = refinePause(pause, holds);
    pauses.set(id, { told: pause, refined });
    if (pauses.size > MAX_TOLD) dropFirst(pauses);
    return refined;
  }

  /** Makes it the last one to be forgotten. */
  #processOf(key: string): HeldProcess {
    const process = this.#processes.get(key) ?? { holds: [], pauses: new Map<string, ToldPause>() };
    this.#processes.delete(key);
    this.#processes.set(key, process);
    if (this.#processes.size > MAX_PROCESSES) dropFirst(this.#processes);
    return process;
  }
}

function keyOf(sessionId: SessionId, processId: number): string {
  return `${sessionId} ${processId}`;
}

/** One word after the other, whatever a clock that was set says: a hold that nothing ended ends with the next word. */
function note(holds: Hold[], isHeld: boolean, atNs: bigint): void {
  const last = holds.at(-1);
  const sinceNs = last === undefined || atNs > last.startNs ? atNs : last.startNs;
  if (last !== undefined && last.endNs === undefined) holds[holds.length - 1] = { ...last, endNs: sinceNs };
  if (isHeld) holds.push({ startNs: sinceNs, endNs: undefined });
  if (holds.length > MAX_HOLDS) holds.shift();
}

function isSameTime(one: Pause, other: Pause): boolean {
  return one.startTimeUnixNano === other.startTimeUnixNano && one.endTimeUnixNano === other.endTimeUnixNano;
}

function dropFirst(map: Map<string, unknown>): void {
  const [first] = map.keys();
  if (first !== undefined) map.delete(first);
}
