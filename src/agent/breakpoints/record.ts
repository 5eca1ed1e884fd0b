import { trace } from "@opentelemetry/api";
import { inspect } from "node:util";

import { activeContext } from "../spans/active-context.ts";

/** What one event may hold: it is to be read, and kept beside many others. */
const maxText = 4096;

/**
 * What a tracepoint's condition calls: adds an event with the value of `read` to the active span. Throws nothing, and
 * answers false, so that the program goes on.
 */
export function record(label: string, read: () => unknown): false {
  try {
    const span = trace.getSpan(activeContext());
    if (span?.isRecording() === true) span.addEvent(label, valueAttributes(read));
  } catch {
    // The program goes on as it would without the tracepoint.
  }
  return false;
}

function valueAttributes(read: () => unknown): Record<string, string | number | boolean> {
  try {
    return { value: attributeOf(read()) };
  } catch (thrown) {
    return {
      error: thrown instanceof Error ? `${thrown.name}: ${thrown.message}`.slice(0, maxText) : "thrown",
    };
  }
}

/** Getters and inspection functions of the program are not called. */
function attributeOf(value: unknown): string | number | boolean {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return value.slice(0, maxText);
  const options = {
    depth: 2,
    maxArrayLength: 20,
    maxStringLength: 200,
    breakLength: Infinity,
    customInspect: false,
  };
  return inspect(value, options).slice(0, maxText);
}
