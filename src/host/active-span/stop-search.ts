import type { DebugStackFrame } from "vscode";
import type { SessionId } from "../../model/ids.ts";
import type { StoppedThread } from "./stopped-programs.ts";

/** A question to a stopped thread. */
export interface StopSearch extends StoppedThread {
  readonly sessionId: SessionId;
  readonly atMs: number;
  /** Of the frame that is asked, from the top of the stack; undefined until it is known. */
  depth: number | undefined;
  /** VS Code has selected that frame. */
  isSelected: boolean;
  /** The time was over before anything was found. */
  ranOut: boolean;
  /** Something else is looked for. */
  readonly over: AbortSignal;
  /** From then on nothing more is asked. */
  readonly late: AbortSignal;
}

/** Whether a search is about this frame, and need not be begun again. */
export function isAbout(
  { session, threadId, depth, ranOut }: StopSearch,
  frame: DebugStackFrame,
  frameDepth: number | undefined,
): boolean {
  return (
    session.id === frame.session.id &&
    threadId === frame.threadId &&
    depth !== undefined &&
    depth === frameDepth &&
    !ranOut
  );
}

/** Another frame was selected while something was waited for. */
export function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Settles with the signal, also where it was aborted before. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
