import type { SpanStops } from "./span-stops.ts";

/** Reads a text frame of the engine. Types that a newer engine may have are ignored. */
export function readEngineText(text: string, stops: Pick<SpanStops, "setBreakpoints">): void {
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== "object" || frame === null) return;
    if (Reflect.get(frame, "type") === "span-breakpoints")
      stops.setBreakpoints(Reflect.get(frame, "breakpoints"));
  } catch {
    // Not for us.
  }
}
