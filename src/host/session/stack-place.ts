import type { PausePlace } from "../../model/pause.ts";
import { isRecord } from "../../protocol/guard.ts";

/** The script in which our agent stops its program; see src/agent/breakpoints/stop-here.ts. */
export const STOP_SCRIPT = "spanlight-span-breakpoint.js";

/**
 * The topmost frame of a `stackTrace` reply that lies in a file; undefined where none does. At a stop of our agent's it is
 * the topmost of the person's own.
 */
export function frameThatStopped(frames: unknown): PausePlace | undefined {
  if (!Array.isArray(frames)) return undefined;
  let isOurStop = false;
  for (const frame of frames as readonly unknown[]) {
    if (!isRecord(frame) || !isRecord(frame["source"])) continue;
    const { path, presentationHint } = frame["source"];
    const { line, name } = frame;
    // A label says "async", or that frames were left out.
    if (frame["presentationHint"] === "label" || typeof path !== "string" || path === "") continue;
    if (path.endsWith(STOP_SCRIPT)) isOurStop = true;
    // Adapters mark what the person does not want to see.
    if (isOurStop && (presentationHint === "deemphasize" || /^<|node_modules/.test(path))) continue;
    if (path.endsWith(STOP_SCRIPT)) continue;
    if (typeof line !== "number" || line < 1) continue;
    return { path, line, functionName: typeof name === "string" && name !== "" ? name : undefined };
  }
  return undefined;
}
