import type { FoundSpan } from "../../model/span-stack.ts";
import { evaluateText, WHOLE_RESULT, type Debuggee, type StoppedFrame } from "./debuggee.ts";
import { parseFoundSpans } from "./found-span.ts";

/**
 * One expression, since each request of debugpy takes some 44 ms: the current span of OpenTelemetry's API, if the program
 * has loaded it, and the SDK's other unfinished spans of the same trace. Those are found among the objects of the garbage
 * collector, as a context holds no more than the innermost. Nothing is changed; `gc`, `json` and `urllib.parse` may get loaded.
 */
export const PYTHON_EXPRESSION = [
  "(lambda modules, load:",
  "(lambda api: (lambda current: (lambda trace:",
  "load('urllib.parse').quote(load('json').dumps([",
  "['%032x' % c.trace_id, '%016x' % c.span_id, getattr(s, 'name', ''),",
  "'%016x' % s.parent.span_id if getattr(s, 'parent', None) else '',",
  "str(getattr(s, 'start_time', None) or 0), getattr(s, 'end_time', None) is not None,",
  "[[str(k), v if isinstance(v, (bool, int, float)) else str(v)[:100]]",
  "for k, v in list((getattr(s, 'attributes', None) or {}).items())[:16]]]",
  "for s in [current] + [s for s in load('gc').get_objects()[:500000]",
  "if type(s).__module__ == 'opentelemetry.sdk.trace' and type(s).__name__ in ('_Span', 'Span')",
  "and s is not current and s.end_time is None and s.get_span_context().trace_id == trace][:32]",
  "for c in [s.get_span_context()]",
  "]), safe='') if trace else '')(current.get_span_context().trace_id))(api.get_current_span()) if api else ''",
  ")(modules.get('opentelemetry.trace')))",
  "(__import__('sys').modules, lambda name: __import__('importlib').import_module(name))",
].join(" ");

/** The span that the stopped thread of a Python program is in, and what else of its trace is unfinished there. Without the frame's id debugpy looks at another thread. */
export async function findPythonSpan(
  debuggee: Debuggee,
  { frameId }: StoppedFrame,
): Promise<readonly FoundSpan[]> {
  return parseFoundSpans(await evaluateText(debuggee, frameId, PYTHON_EXPRESSION, WHOLE_RESULT));
}
