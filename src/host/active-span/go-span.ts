import type { FoundSpan } from "../../model/span-stack.ts";
import {
  evaluateText,
  listField,
  numberField,
  textField,
  WHOLE_RESULT,
  type Debuggee,
  type StoppedFrame,
} from "./debuggee.ts";
import { attributesOf, MAX_ATTRIBUTES } from "./found-span.ts";
import { hexOfDecimals, parseAttribute, parseRecordingSpan, type GoSpan } from "./go-text.ts";

/** Frames that are looked at together: each request costs a way there and back, and Delve's answer far less. */
const FRAMES_AT_ONCE = 4;
/** Layers of a context: each WithValue, WithCancel or WithTimeout is one. */
const MAX_LAYERS = 64;
/** As with frames. A request that net/http serves with OpenTelemetry has nine. */
const LAYERS_AT_ONCE = 12;

/** What contexts are mostly called: they are looked into while the frame's variables are asked for. */
const USUAL_CONTEXTS = ["ctx", "r.ctx"];

/** An expression whose value leads to a span, and how. */
interface Candidate {
  readonly expression: string;
  readonly kind: "context" | "span";
}

/** A span, and the expression that it was read from. */
interface ReadSpan extends GoSpan {
  readonly expression: string;
}

/**
 * The span that a stopped goroutine is in, and its ancestors in the same context. From the frame outwards the first one
 * counts that has a context, a span or a request with spans in it; contexts are walked outwards through their
 * values. Only `variables` and field expressions are asked for: a call would run code in the program.
 */
export async function findGoSpan(
  debuggee: Debuggee,
  { frameId, callers }: StoppedFrame,
): Promise<readonly FoundSpan[]> {
  const ids = [frameId, ...callers];
  const usual = new Map(USUAL_CONTEXTS.map((name) => [name, spansInUsual(debuggee, frameId, name)]));
  for (let at = 0; at < ids.length; at += FRAMES_AT_ONCE) {
    const some = ids.slice(at, at + FRAMES_AT_ONCE);
    const candidates = await Promise.all(some.map((id) => candidatesIn(debuggee, id)));
    for (const [index, id] of some.entries()) {
      const spansIn = (candidates[index] ?? []).map(async (candidate) => {
        const known = id === frameId ? usual.get(candidate.expression) : undefined;
        return readSpans(debuggee, id, await (known ?? spansOf(debuggee, id, candidate)));
      });
      const [active, ...others] = innermostFirst((await Promise.all(spansIn)).flat());
      if (active === undefined) continue;
      return [await withAttributes(debuggee, id, active), ...others.map(({ span }) => span)];
    }
  }
  return [];
}

/** Of what a frame holds, the unfinished span that is nobody's parent is the active one: a context may still be the caller's. */
function innermostFirst(found: readonly ReadSpan[]): readonly ReadSpan[] {
  const spans = found.filter(
    ({ span }, at) => found.findIndex((each) => each.span.spanId === span.spanId) === at,
  );
  const parents = new Set(spans.map(({ span }) => span.parentSpanId));
  const active = spans.find(({ span }) => !span.ended && !parents.has(span.spanId)) ?? spans[0];
  if (active === undefined) return [];
  return [active, ...spans.filter((each) => each !== active && each.span.traceId === active.span.traceId)];
}

async function candidatesIn(debuggee: Debuggee, frameId: number): Promise<readonly Candidate[]> {
  const scopes = listField(await debuggee.request("scopes", { frameId }), "scopes");
  const found: (Candidate & { readonly rank: number })[] = [];
  for (const scope of scopes) {
    const variablesReference = numberField(scope, "variablesReference");
    if (variablesReference === undefined || textField(scope, "name") === "Globals") continue;
    const reply = await debuggee.request("variables", { variablesReference });
    for (const variable of listField(reply, "variables")) {
      const name = textField(variable, "name") ?? "";
      const value = textField(variable, "value") ?? "";
      if (!/^\w+$/.test(name) || value.includes("unreadable")) continue;
      const candidate = candidateOf(name, textField(variable, "type") ?? "");
      if (candidate !== undefined) found.push(candidate);
    }
  }
  return found.sort((a, b) => a.rank - b.rank);
}

/** A context says which span is active; a variable that holds a span may hold one that is not. */
function candidateOf(name: string, type: string): (Candidate & { readonly rank: number }) | undefined {
  if (type.startsWith("context.Context")) return { expression: name, kind: "context", rank: 0 };
  if (type.startsWith("go.opentelemetry.io/otel/trace.Span"))
    return { expression: name, kind: "span", rank: 1 };
  if (type === "*net/http.Request") return { expression: `${name}.ctx`, kind: "context", rank: 2 };
  return undefined;
}

/** The expressions of the spans that a candidate leads to, innermost first. */
async function spansOf(
  debuggee: Debuggee,
  frameId: number,
  { expression, kind }: Candidate,
): Promise<readonly string[]> {
  return kind === "span" ? [expression] : spansInContext(debuggee, frameId, expression);
}

/** As {@link spansInContext}, where nobody knows whether there is such a context. */
async function spansInUsual(
  debuggee: Debuggee,
  frameId: number,
  expression: string,
): Promise<readonly string[]> {
  const isThere = (await evaluateText(debuggee, frameId, expression)) !== undefined;
  return isThere ? spansInContext(debuggee, frameId, expression) : [];
}

async function readSpans(
  debuggee: Debuggee,
  frameId: number,
  expressions: readonly string[],
): Promise<readonly ReadSpan[]> {
  const read = expressions.map(async (expression): Promise<readonly ReadSpan[]> => {
    const span = parseRecordingSpan(await evaluateText(debuggee, frameId, expression, WHOLE_RESULT));
    return span === undefined ? [] : [{ ...span, expression }];
  });
  return (await Promise.all(read)).flat();
}

/** The expressions of the spans that the layers of a context hold. */
async function spansInContext(
  debuggee: Debuggee,
  frameId: number,
  expression: string,
): Promise<readonly string[]> {
  const holders: string[] = [];
  let context = expression;
  for (let depth = 0; depth < MAX_LAYERS; depth += LAYERS_AT_ONCE) {
    // Embedded in contexts with a value, a deadline or a cancellation.
    const chain = Array.from({ length: LAYERS_AT_ONCE }, (_, n) => context + ".Context".repeat(n));
    const layers = await Promise.all(chain.map((each) => layerAt(debuggee, frameId, each)));
    const end = layers.findIndex(({ text }) => text === undefined);
    const real = end < 0 ? chain : chain.slice(0, end);
    holders.push(...real.filter((_, n) => layers[n]?.holdsSpan === true).map((each) => `${each}.val`));
    const last = real.at(-1);
    const hidesNext = /^\S*\(context\.withoutCancelCtx\)/.test(layers[real.length - 1]?.text ?? "");
    if (last === undefined || (end >= 0 && !hidesNext)) break;
    context = hidesNext ? `${last}.c` : `${last}.Context`;
  }
  return holders;
}

async function layerAt(
  debuggee: Debuggee,
  frameId: number,
  context: string,
): Promise<{ readonly text: string | undefined; readonly holdsSpan: boolean }> {
  // What a layer need not have is asked for as a watched expression: Delve has the others' refusals told to the person.
  const [text, traceId] = await Promise.all([
    evaluateText(debuggee, frameId, context),
    evaluateText(debuggee, frameId, `${context}.val.spanContext.traceID`),
  ]);
  return { text, holdsSpan: hexOfDecimals(traceId) !== undefined };
}

/** Each attribute is a request of its own, as Delve shows the values of a list no deeper: all at once. */
async function withAttributes(
  debuggee: Debuggee,
  frameId: number,
  { span, attributeCount, expression }: ReadSpan,
): Promise<FoundSpan> {
  const asked = Array.from({ length: Math.min(attributeCount, MAX_ATTRIBUTES) }, (_, n) =>
    evaluateText(debuggee, frameId, `${expression}.attributes[${n}]`, WHOLE_RESULT),
  );
  const attributes = (await Promise.all(asked)).flatMap((text) => {
    const pair = parseAttribute(text);
    return pair === undefined ? [] : [pair];
  });
  return { ...span, attributes: attributesOf(attributes) };
}
