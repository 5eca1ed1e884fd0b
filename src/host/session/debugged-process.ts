import type { SessionId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";
import type { Stop } from "./pause-machine.ts";

/** Whose stops these are. */
export interface DebuggedProcess {
  /** The debugger's id of its session; children have ids of their own. */
  readonly debuggerId: string;
  /** The debugger's names of its session and of the sessions that this one is a child of, its own first. */
  readonly debuggerNames: readonly string[];
  readonly sessionId: SessionId | undefined;
  /** The name of the configuration that was launched, where it is known. */
  readonly name: string | undefined;
  /** As the adapter told it. */
  readonly processId: number | undefined;
}

/** A stop as the engine takes it. */
export function pauseOf(stop: Stop, process: DebuggedProcess): Pause {
  const { number, startNs, endNs, thread, place } = stop;
  return {
    id: `${process.debuggerId}#${number}`,
    sessionId: process.sessionId,
    processId: processIdOf(process),
    name: process.name ?? process.debuggerNames[0] ?? "",
    startTimeUnixNano: startNs.toString(),
    endTimeUnixNano: endNs?.toString(),
    ...(thread !== undefined && { threadName: bareName(thread.name) ?? `thread ${thread.id}` }),
    ...(place !== undefined && { place }),
  };
}

/** The number of the process, as far as its debugger lets anyone know. */
export function processIdOf({
  processId,
  debuggerNames,
}: Pick<DebuggedProcess, "processId" | "debuggerNames">): number | undefined {
  return processId ?? pidInNames(debuggerNames);
}

/**
 * js-debug sends no `process` event; it calls the session of each process `main.js [4711]`, to which VS Code may add
 * ` « ` and the parent's name. Sessions of workers are children of it.
 */
function pidInNames(names: readonly string[]): number | undefined {
  for (const name of names) {
    const pid = / \[(\d{1,10})\](?: «|$)/.exec(name)?.[1];
    if (pid !== undefined) return Number(pid);
  }
  return undefined;
}

/** Java's adapter calls a thread `Thread [main]`, telemetry calls it `main`. */
function bareName(name: string | undefined): string | undefined {
  return /^Thread \[(.*)\]$/s.exec(name ?? "")?.[1] ?? name;
}
