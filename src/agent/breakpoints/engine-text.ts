import type { SpanOutbox } from "../spans/span-outbox.ts";
import type { SpanStops } from "./span-stops.ts";

/**
 * A wish to stop that was read later than this found the program busy: the debugger has paused it by its own means by then
 * (src/host/breakpoints/slow-span-pauser.ts waits longer than this), and a second stop would be one too many.
 */
const STOP_VALID_MS = 150;

/** Reads a text frame of the engine. Types that a newer engine may have are ignored. */
export function readEngineText(
  text: string,
  stops: Pick<SpanStops, "setBreakpoints" | "ranLong">,
  outbox: Pick<SpanOutbox, "findOpen">,
): void {
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== "object" || frame === null) return;
    const type: unknown = Reflect.get(frame, "type");
    if (type === "span-breakpoints") stops.setBreakpoints(Reflect.get(frame, "breakpoints"));
    else if (type === "stop-in-span") stopInSpan(frame, stops, outbox);
  } catch {
    // Not for us.
  }
}

function stopInSpan(
  frame: object,
  stops: Pick<SpanStops, "ranLong">,
  outbox: Pick<SpanOutbox, "findOpen">,
): void {
  const { breakpointId, traceId, spanId, atMs } = frame as Readonly<Record<string, unknown>>;
  if (typeof traceId !== "string" || typeof spanId !== "string" || typeof breakpointId !== "string") return;
  if (typeof atMs !== "number" || Date.now() - atMs > STOP_VALID_MS) return;
  const open = outbox.findOpen(traceId, spanId);
  if (open !== undefined) stops.ranLong(breakpointId, open.span, open.inner);
}
