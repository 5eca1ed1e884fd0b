import { isSessionId, type SessionId } from "./ids.ts";

/** Where a paused thread stood: the topmost frame that has a file. Hostile until resolved, as every location. */
export interface PausePlace {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly functionName?: string | undefined;
}

/**
 * A stretch of time during which the debugger held a process, or one thread of it. Times are nanoseconds since the
 * epoch, decimal strings: exact in 64 bits, and JSON can carry them.
 */
export interface Pause {
  /** Unique in the world. Said again, it is a later word on the same pause. */
  readonly id: string;
  /** The session whose endpoint the process has; undefined for a debug session that has none. */
  readonly sessionId: SessionId | undefined;
  /** The operating system's number of the process, where the adapter tells it. */
  readonly processId: number | undefined;
  /** The debug session's name, by which the person knows what is paused. */
  readonly name: string;
  readonly startTimeUnixNano: string;
  /** Undefined while it lasts. */
  readonly endTimeUnixNano: string | undefined;
  /** Where only one thread is held: its name. Undefined where the whole process is. */
  readonly threadName?: string | undefined;
  readonly place?: PausePlace | undefined;
}

/** Checks what crossed a link or was read from a file; further fields are let through. */
export function isPause(value: unknown): value is Pause {
  if (typeof value !== "object" || value === null) return false;
  const pause = value as Readonly<Record<keyof Pause, unknown>>;
  return (
    typeof pause.id === "string" &&
    (pause.sessionId === undefined || isSessionId(pause.sessionId)) &&
    (pause.processId === undefined || typeof pause.processId === "number") &&
    typeof pause.name === "string" &&
    isUnixNano(pause.startTimeUnixNano) &&
    (pause.endTimeUnixNano === undefined || isUnixNano(pause.endTimeUnixNano)) &&
    (pause.threadName === undefined || typeof pause.threadName === "string") &&
    (pause.place === undefined || isPlace(pause.place))
  );
}

function isPlace(value: unknown): value is PausePlace {
  if (typeof value !== "object" || value === null) return false;
  const place = value as Readonly<Record<keyof PausePlace, unknown>>;
  return (
    typeof place.path === "string" &&
    typeof place.line === "number" &&
    (place.functionName === undefined || typeof place.functionName === "string")
  );
}

/** Nanoseconds since the epoch in decimal digits that 64 bits hold. */
export function isUnixNano(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,20}$/.test(value) && BigInt(value) < 1n << 64n;
}
