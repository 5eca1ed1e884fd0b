import type { SpanFrame } from "../../model/span-stack.ts";
import type { Pause } from "../../model/pause.ts";
import type { ActiveSpan } from "./active-span.ts";

/**
 * Where an unfinished span waits, as far as the debugger can tell: at the line of the paused thread, where it is that thread's
 * span or one of its callers, in whichever process. What others wait for, such as an answer that has not come, no debugger
 * knows.
 */
export function waitsAt(
  span: Pick<SpanFrame, "row" | "sessionId" | "service">,
  active: ActiveSpan | undefined,
  pauses: readonly Pause[],
): string | undefined {
  if (active === undefined || active.guess) return undefined;
  if (!active.stack.frames.some(({ row }) => row === span.row)) return undefined;
  const pause = pauses.findLast(
    (each) => each.sessionId === active.sessionId && each.endTimeUnixNano === undefined,
  );
  if (pause?.place === undefined) return undefined;
  const { path, line } = pause.place;
  const place = `paused at ${path.split(/[\\/]/).at(-1) ?? path}:${line}`;
  return isOfPausedProcess(span, active) ? place : `waits for ${pause.name}, ${place}`;
}

/** Spans of a program that was attached to come without its session, and share the one they have with others. */
function isOfPausedProcess(
  { row, sessionId, service }: Pick<SpanFrame, "row" | "sessionId" | "service">,
  active: ActiveSpan,
): boolean {
  const [own] = active.stack.frames;
  if (sessionId === active.sessionId || row === own?.row) return true;
  return sessionId === own?.sessionId && service === own?.service;
}
