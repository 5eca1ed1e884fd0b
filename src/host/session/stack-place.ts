import type { PausePlace } from "../../model/pause.ts";
import { isRecord } from "../../protocol/guard.ts";

/** The topmost frame of a `stackTrace` reply that lies in a file; undefined where none does. */
export function frameThatStopped(frames: unknown): PausePlace | undefined {
  if (!Array.isArray(frames)) return undefined;
  for (const frame of frames as readonly unknown[]) {
    if (!isRecord(frame) || !isRecord(frame["source"])) continue;
    const { path } = frame["source"];
    const { line, name } = frame;
    // A label says "async", or that frames were left out.
    if (frame["presentationHint"] === "label" || typeof path !== "string" || path === "") continue;
    if (typeof line !== "number" || line < 1) continue;
    return { path, line, functionName: typeof name === "string" && name !== "" ? name : undefined };
  }
  return undefined;
}
