import type { FoundSpan } from "../../model/span-stack.ts";
import {
  evaluateText,
  listField,
  numberField,
  textField,
  type Debuggee,
  type StoppedFrame,
} from "./debuggee.ts";
import { foundSpanOf, spanIdOf } from "./found-span.ts";

/** Frames that are looked through; a request's context is handed down all the way. */
const MAX_FRAMES = 20;
/** Frames that are looked at together: each request costs a way there and back, and Delve's answer far less. */
const FRAMES_AT_ONCE = 4;
/** Layers of a context: each WithValue, WithCancel or WithTimeout is one. */
const MAX_LAYERS = 64;
/** As with frames. */
const LAYERS_AT_ONCE = 4;

/** An expression whose value leads to a span, and how. */
interface Candidate {
  readonly expression: string;
  readonly kind: "context" | "span";
}

/**
 * The span that a stopped goroutine is in, and its ancestors in the same context. From the selected frame outwards the
 * first one counts that has a context, a span or a request with spans in it; contexts are walked outwards through their
 * values. Only `variables` and field expressions are asked for: a call would run code in the program.
 */
export async function findGoSpan(debuggee: Debuggee, frame: StoppedFrame): Promise<readonly FoundSpan[]> {
  const [own, stack] = await Promise.all([
    candidatesIn(debuggee, frame.frameId),
    debuggee.request("stackTrace", { threadId: frame.threadId, levels: MAX_FRAMES }),
  ]);
  const ofFrame = await spansIn(debuggee, frame.frameId, own);
  if (ofFrame.length > 0) return ofFrame;
  const ids = listField(stack, "stackFrames").map((each) => numberField(each, "id"));
  // Delve numbers frames anew with each answer: where the selected one cannot be told, all count.
  const outer = ids.slice(ids.indexOf(frame.frameId) + 1).filter((id) => id !== undefined);
  for (let at = 0; at < outer.length; at += FRAMES_AT_ONCE) {
    const some = outer.slice(at, at + FRAMES_AT_ONCE);
    const candidates = await Promise.all(some.map((frameId) => candidatesIn(debuggee, frameId)));
    for (const [index, frameId] of some.entries()) {
      const spans = await spansIn(debuggee, frameId, candidates[index] ?? []);
      if (spans.length > 0) return spans;
    }
  }
  return [];
}

async function spansIn(
  debuggee: Debuggee,
  frameId: number,
  candidates: readonly Candidate[],
): Promise<readonly FoundSpan[]> {
  const spans = candidates.map((candidate) => spansOf(debuggee, frameId, candidate));
  return innermostFirst((await Promise.all(spans)).flat());
}

/** Of what a frame holds, the unfinished span that is nobody's parent is the active one: a context may still be the caller's. */
function innermostFirst(found: readonly FoundSpan[]): readonly FoundSpan[] {
  const spans = found.filter(({ spanId }, at) => found.findIndex((each) => each.spanId === spanId) === at);
  const parents = new Set(spans.map(({ parentSpanId }) => parentSpanId));
  const active = spans.find(({ spanId, ended }) => !ended && !parents.has(spanId)) ?? spans[0];
  if (active === undefined) return [];
  return [active, ...spans.filter((span) => span !== active && span.traceId === active.traceId)];
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

/** The spans that a candidate leads to, innermost first. */
async function spansOf(
  debuggee: Debuggee,
  frameId: number,
  { expression, kind }: Candidate,
): Promise<readonly FoundSpan[]> {
  if (kind === "span") return listOf(await readSpan(debuggee, frameId, expression));
  const spans: FoundSpan[] = [];
  let context = expression;
  for (let depth = 0; depth < MAX_LAYERS; depth += LAYERS_AT_ONCE) {
    // Embedded in contexts with a value, a deadline or a cancellation.
    const chain = Array.from({ length: LAYERS_AT_ONCE }, (_, n) => context + ".Context".repeat(n));
    const layers = await Promise.all(chain.map((each) => layerAt(debuggee, frameId, each)));
    const end = layers.findIndex(({ isThere }, n) => !isThere && (n > 0 || depth > 0));
    const real = end < 0 ? chain : chain.slice(0, end);
    const holders = real.filter((_, n) => layers[n]?.holdsSpan === true);
    const found = await Promise.all(holders.map((each) => readSpan(debuggee, frameId, `${each}.val`)));
    spans.push(...found.flatMap(listOf));
    const last = real.at(-1);
    if (last === undefined) break;
    // The one without cancellation has the next in a field.
    context = end < 0 ? `${last}.Context` : `${last}.c`;
  }
  return spans;
}

async function layerAt(
  debuggee: Debuggee,
  frameId: number,
  context: string,
): Promise<{ readonly isThere: boolean; readonly holdsSpan: boolean }> {
  const [type = "", key = ""] = await Promise.all([
    evaluateTyped(debuggee, frameId, context),
    evaluateTyped(debuggee, frameId, `${context}.key`),
  ]);
  return { isThere: type !== "", holdsSpan: key.includes("trace.traceContextKeyType") };
}

function listOf(span: FoundSpan | undefined): readonly FoundSpan[] {
  return span === undefined ? [] : [span];
}

async function evaluateTyped(
  debuggee: Debuggee,
  frameId: number,
  expression: string,
): Promise<string | undefined> {
  try {
    return textField(await debuggee.request("evaluate", { expression, frameId, context: "watch" }), "type");
  } catch {
    return undefined;
  }
}

/** Fields of the SDK's `recordingSpan`. */
const SPAN_FIELDS = [
  "spanContext.traceID",
  "spanContext.spanID",
  "name",
  "parent.spanID",
  "startTime.wall",
  "startTime.ext",
  "endTime.wall",
  "endTime.ext",
] as const;

async function readSpan(debuggee: Debuggee, frameId: number, span: string): Promise<FoundSpan | undefined> {
  const [traceId, spanId, name, parent, wall, ext, endWall, endExt] = await Promise.all(
    SPAN_FIELDS.map((field) => evaluateText(debuggee, frameId, `${span}.${field}`)),
  );
  // What a remote caller handed over does not record: its span is in another process.
  if (name === undefined) return undefined;
  const isEnded = !(isNothing(endWall) && isNothing(endExt));
  const start = wall === undefined || ext === undefined ? undefined : unixNanos(wall, ext);
  return foundSpanOf([
    hexOfDecimals(traceId),
    hexOfDecimals(spanId),
    unquoted(name),
    spanIdOf(hexOfDecimals(parent)),
    start,
    isEnded,
    [],
  ]);
}

/** `trace.TraceID [12,233,…]` or `[16]uint8 [12,…]`, bytes in decimals, as hexadecimal digits. */
export function hexOfDecimals(text: string | undefined): string | undefined {
  const list = /\[((?:\d{1,3},\s*)+\d{1,3})\]\s*$/.exec(text ?? "")?.[1];
  if (list === undefined) return undefined;
  const bytes = list.split(",").map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** From the internals of Go's `time.Time`: the topmost bit of `wall` says whether it holds the seconds since 1885 itself, or `ext` those since the year 1. */
export function unixNanos(wall: string, ext: string): string | undefined {
  const wallBits = integerIn(wall);
  const extBits = integerIn(ext);
  if (wallBits === undefined || extBits === undefined) return undefined;
  const nanos = wallBits & 0x3fff_ffffn;
  const isMonotonic = wallBits >> 63n === 1n;
  const seconds = isMonotonic
    ? ((wallBits >> 30n) & 0x1_ffff_ffffn) - 2_682_288_000n
    : extBits - 62_135_596_800n;
  const total = seconds * 1_000_000_000n + nanos;
  return total > 0n ? total.toString() : undefined;
}

function integerIn(text: string): bigint | undefined {
  const digits = /-?\d+/.exec(text)?.[0];
  return digits === undefined ? undefined : BigInt(digits);
}

function isNothing(text: string | undefined): boolean {
  return text === undefined || integerIn(text) === 0n;
}

function unquoted(text: string | undefined): string | undefined {
  return text?.replace(/^"(.*)"$/s, "$1");
}
