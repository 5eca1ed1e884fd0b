import type { FoundSpan } from "../../model/span-stack.ts";
import { evaluateText, WHOLE_RESULT, type Debuggee, type StoppedFrame } from "./debuggee.ts";
import { parseFoundSpans } from "./found-span.ts";

/**
 * Reads the active span of our agent or, without it, of the program's own SDK: OpenTelemetry's API keeps its context
 * manager under a global symbol, and the span in the context under a registered one. The result is URI-encoded, so
 * that no adapter has anything to escape in it. It only reads; V8 cannot know that, so it must not be a hover's.
 */
export const NODE_EXPRESSION = `(() => {
  const agent = globalThis[Symbol.for("spanlight.agent")], api = globalThis[Symbol.for("opentelemetry.js.api.1")];
  const active = agent?.span?.() ?? api?.context?.active?.().getValue(Symbol.for("OpenTelemetry Context Key SPAN"));
  const id = active?.spanContext?.();
  if (!id) return "";
  const [seconds, nanos] = active.startTime ?? [0, 0];
  const short = (value) => typeof value === "string" ? value.slice(0, 100) : value;
  return encodeURIComponent(JSON.stringify([[
    id.traceId, id.spanId, active.name, active.parentSpanContext?.spanId ?? active.parentSpanId,
    String(BigInt(seconds) * 1000000000n + BigInt(Math.round(nanos))), active.ended === true,
    Object.entries(active.attributes ?? {}).slice(0, 16).map(([key, value]) => [key, short(value)]),
  ]])).replaceAll("'", "%27");
})()`.replace(/\n\s*/g, " ");

/**
 * The span that the stopped thread of a Node program is in; its ancestors there were sent when they began. V8 tells it
 * without a frame as well.
 */
export async function findNodeSpan(
  debuggee: Debuggee,
  { frameId }: Partial<StoppedFrame>,
): Promise<readonly FoundSpan[]> {
  return parseFoundSpans(await evaluateText(debuggee, frameId, NODE_EXPRESSION, WHOLE_RESULT));
}
