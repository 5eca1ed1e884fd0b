import { isSpanId, isTraceId, type SpanId, type TraceId } from "../../model/ids.ts";
import { isBoolean, isObject, isOneOf, isRecord, isString, type Guard } from "../../protocol/guard.ts";
import { SPAN_MOMENTS, type SpanMoment } from "../../protocol/span-breakpoint.ts";
import { evaluateText, listField, type Debuggee } from "../active-span/debuggee.ts";

/** What the agent says of a stop that it made; see src/agent/breakpoints/span-stops.ts. */
export interface SpanStop {
  readonly rule: string;
  readonly moment: SpanMoment;
  readonly name: string;
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** The innermost span that the program is in, of the one that was hit. */
  readonly innerSpanId: SpanId;
  readonly where: "caller" | "handler" | "nowhere";
  readonly worker: boolean;
}

const isSpanStop: Guard<SpanStop> = isObject({
  rule: isString,
  moment: isOneOf(...SPAN_MOMENTS),
  name: isString,
  traceId: isTraceId,
  spanId: isSpanId,
  innerSpanId: isSpanId,
  where: isOneOf("caller", "handler", "nowhere"),
  worker: isBoolean,
});

/** A stopped program, and the way to its next stop. */
export interface SteppedProgram extends Debuggee {
  /** Sends the request and settles when the program has stopped again; false when it did not in time. */
  step(command: "stepOut" | "stepIn" | "continue"): Promise<boolean>;
}

const AGENT = 'globalThis[Symbol.for("spanlight.agent")]';
const STOP_FUNCTION = "spanlightStop";
/** Frameworks nest their layers; more than this is no way out. */
const MAX_STEPS = 60;

interface TopFrame {
  readonly id: number;
  readonly name: string;
  readonly isOwn: boolean;
}

/**
 * Leads a program that a span breakpoint has stopped, in the agent, to the person's own code: out to what called the
 * library, or into the handler that is about to be called. Undefined where the stop is somebody else's.
 */
export async function leadToOwnFrame(
  program: SteppedProgram,
  threadId: number,
): Promise<SpanStop | undefined> {
  const top = await topFrame(program, threadId);
  if (top?.name.endsWith(STOP_FUNCTION) !== true) return undefined;
  const stop = parseStop(await evaluateText(program, top.id, `${AGENT}.stop()`, ["clipboard", "watch"]));
  if (stop === undefined) return undefined;
  const isEntered = stop.where === "caller" && stop.moment === "starts" && (await enter(program, threadId));
  if (isEntered || stop.where === "handler") {
    // In a worker js-debug takes a stop of `debug` for the thread's first, and lets it go on.
    if (stop.worker || !(await goToHandler(program, threadId, top.id)))
      await stepUntilOwn(program, threadId, "stepIn");
  } else if (stop.where === "caller") await stepUntilOwn(program, threadId, "stepOut");
  return stop;
}

/**
 * `startActiveSpan` calls the person's function with the span, and a step out would lead past all of that: the function is
 * the call's last argument, whoever's SDK it is. Whether the program has come from such a call, and knows it now.
 */
async function enter(program: Debuggee, threadId: number): Promise<boolean> {
  const asked = { threadId, startFrame: 0, levels: MAX_STEPS };
  const frames = listField(await program.request("stackTrace", asked), "stackFrames").filter(isRecord);
  const libraries = frames.slice(1, Math.max(1, frames.findIndex(isOwnFrame)));
  const call = libraries.find(({ name }) => /(?:^|\.)startActiveSpan$/.test(String(name)));
  if (typeof call?.["id"] !== "number") return false;
  const callback = "arguments[arguments.length - 1]";
  return (await evaluateText(program, call["id"], `${AGENT}.enter(${callback})`, ["repl"])) === "true";
}

async function stepUntilOwn(
  program: SteppedProgram,
  threadId: number,
  command: "stepOut" | "stepIn",
): Promise<void> {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    if (!(await program.step(command))) return;
    const top = await topFrame(program, threadId);
    if (top === undefined || top.isOwn) return;
  }
}

/** By the console's own `debug` and `undebug`: a breakpoint at the function's first statement, wherever it lies. */
async function goToHandler(program: SteppedProgram, threadId: number, frameId: number): Promise<boolean> {
  const set = await evaluateText(program, frameId, `debug(${AGENT}.handler())`, ["repl"]);
  if (set === undefined || !(await program.step("continue"))) return set !== undefined;
  const top = await topFrame(program, threadId);
  if (top !== undefined) await evaluateText(program, top.id, `undebug(${AGENT}.handler())`, ["repl"]);
  return true;
}

async function topFrame(program: Debuggee, threadId: number): Promise<TopFrame | undefined> {
  try {
    const reply = await program.request("stackTrace", { threadId, startFrame: 0, levels: 1 });
    const [frame] = listField(reply, "stackFrames");
    if (!isRecord(frame) || typeof frame["id"] !== "number" || typeof frame["name"] !== "string")
      return undefined;
    return { id: frame["id"], name: frame["name"], isOwn: isOwnFrame(frame) };
  } catch {
    return undefined;
  }
}

/** Skipped files, the agent's among them, are marked by the adapter. */
function isOwnFrame(frame: Readonly<Record<string, unknown>>): boolean {
  const source = isRecord(frame["source"]) ? frame["source"] : {};
  const path = typeof source["path"] === "string" ? source["path"] : "";
  const hints = [frame["presentationHint"], source["presentationHint"]];
  if (hints.includes("deemphasize") || hints.includes("subtle") || hints.includes("label")) return false;
  return /[\\/]/.test(path) && !/[\\/]node_modules[\\/]|<node_internals>|<eval>/.test(path);
}

function parseStop(text: string | undefined): SpanStop | undefined {
  try {
    const plain = text?.replace(/^(['"])(.*)\1$/s, "$2") ?? "";
    const stop: unknown = JSON.parse(decodeURIComponent(plain));
    return isSpanStop(stop) ? stop : undefined;
  } catch {
    return undefined;
  }
}
