import type { SessionId } from "../../model/ids.ts";

/** What tells a process from others. */
export interface Process {
  /** The session that its debugger was launched for. */
  readonly sessionId: SessionId | undefined;
  readonly processId: number | undefined;
}

/** The process that a span is of, as the span tells it. */
export interface ProcessOfSpan extends Process {
  /** The machine, where the span names one. */
  readonly host?: string | undefined;
}

/**
 * Those of the debugged programs that a span may be of: of its process number, its own session's before others. Where none
 * has that number, those of its session whose numbers nobody knows; where the span tells no number, all of its session.
 * @param hostName this machine's: a process of another one may have the number of a debugged one
 */
export function programsOfSpan<Program extends Process>(
  programs: readonly Program[],
  { sessionId, processId, host }: ProcessOfSpan,
  hostName: string,
): readonly Program[] {
  const own = programs.filter((program) => sessionId !== undefined && program.sessionId === sessionId);
  if (processId === undefined) return own;
  const near = host === undefined || host === hostName ? programs : [];
  const exact = [own, near].map((some) => some.filter((program) => program.processId === processId));
  return exact.find(({ length }) => length > 0) ?? own.filter((program) => program.processId === undefined);
}
