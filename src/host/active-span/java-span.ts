import type { FoundSpan } from "../../model/span-stack.ts";
import { evaluateText, type Debuggee, type StoppedFrame } from "./debuggee.ts";
import { foundSpanOf } from "./found-span.ts";

/**
 * The API is inside of the Java agent under another name, or on the class path. A class that is not there is no refusal:
 * java-debug shows the exception as the result.
 */
export const JAVA_EXPRESSIONS: readonly string[] = [
  "io.opentelemetry.javaagent.shaded.io.opentelemetry.api.trace.Span",
  "io.opentelemetry.api.trace.Span",
].map((name) => `Class.forName("${name}").getMethod("current").invoke(null).toString()`);

/** The span that a stopped Java thread is in, from the text of `SdkSpan` (OpenTelemetry's Java SDK, `SdkSpan.toString`). */
export async function findJavaSpan(
  debuggee: Debuggee,
  { frameId }: StoppedFrame,
): Promise<readonly FoundSpan[]> {
  for (const expression of JAVA_EXPRESSIONS) {
    const told = await evaluateText(debuggee, frameId, expression);
    const found = parseSdkSpan(told);
    if (found !== undefined) return [found];
    // Whose span says that there is none need not be asked again: each time costs a call in the program.
    if (told?.includes("PropagatedSpan{") === true) return [];
  }
  return [];
}

/** Reads `SdkSpan{traceId=…, spanId=…, parentSpanContext=…, name=…, …, startEpochNanos=…, endEpochNanos=…}`. */
export function parseSdkSpan(text: string | undefined): FoundSpan | undefined {
  if (text === undefined) return undefined;
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}=([^,}]*)`).exec(text)?.[1]?.trim();
  const parent = /parentSpanContext=\w*\{[^}]*?spanId=([0-9a-f]{16})/.exec(text)?.[1];
  const name = /\bname=(.*?), (?:kind|attributes|status)=/.exec(text)?.[1];
  const end = value("endEpochNanos");
  return foundSpanOf([
    value("traceId"),
    value("spanId"),
    name,
    parent,
    value("startEpochNanos"),
    end !== undefined && end !== "0",
    attributesIn(text),
  ]);
}

/** `attributes=AttributesMap{data={key=value, …}, …}`: values have no quotes, so that one with a comma in it is cut there. */
function attributesIn(text: string): readonly (readonly [string, string | number])[] {
  const data = /attributes=AttributesMap\{data=\{([^}]*)\}/.exec(text)?.[1] ?? "";
  return data.split(", ").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at > 0 ? [[pair.slice(0, at), valueOf(pair.slice(at + 1))] as const] : [];
  });
}

/** The text does not tell numbers from words; what looks like one mostly is. */
function valueOf(text: string): string | number {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}
