import type { FoundSpan } from "../../model/span-stack.ts";
import { isSpanId, isTraceId, type SpanId } from "../../model/ids.ts";

/** Attributes of a span that are read at a stop; the export brings all of them. */
export const MAX_ATTRIBUTES = 16;
const MAX_TEXT = 200;
/** A process with more unfinished spans in one trace is none that a person reads. */
const MAX_SPANS = 64;

/**
 * A found span from what an expression in the program told: trace id, span id, name, parent's span id, start in
 * nanoseconds since the epoch as a decimal, whether it has ended, and attributes as pairs. The program is not trusted.
 */
export function foundSpanOf(told: unknown): FoundSpan | undefined {
  if (!Array.isArray(told)) return undefined;
  const [traceId, spanId, name, parent, start, ended, attributes] = told as readonly unknown[];
  if (!isTraceId(traceId) || !isSpanId(spanId) || isZero(traceId) || isZero(spanId)) return undefined;
  return {
    traceId,
    spanId,
    name: typeof name === "string" ? name.slice(0, MAX_TEXT) : "",
    parentSpanId: isSpanId(parent) && !isZero(parent) ? parent : undefined,
    startTimeUnixNano: typeof start === "string" && /^\d{1,20}$/.test(start) ? start : "0",
    ended: ended === true || ended === 1,
    attributes: attributesOf(attributes),
  };
}

/** The spans of a list in JSON that was evaluated to, whatever quotes the adapter has put around it; those that are none are left out. */
export function parseFoundSpans(result: string | undefined): readonly FoundSpan[] {
  if (result === undefined) return [];
  const start = result.indexOf("%5B");
  const end = result.lastIndexOf("%5D");
  if (start < 0 || end < start) return [];
  try {
    const told: unknown = JSON.parse(decodeURIComponent(result.slice(start, end + 3)));
    return Array.isArray(told) ? told.slice(0, MAX_SPANS).flatMap((span) => foundSpanOf(span) ?? []) : [];
  } catch {
    return [];
  }
}

export function isZero(id: string): boolean {
  return /^0+$/.test(id);
}

/** The span id of some bytes in hexadecimal; undefined for none or zeros. */
export function spanIdOf(hex: string | undefined): SpanId | undefined {
  return hex !== undefined && isSpanId(hex) && !isZero(hex) ? hex : undefined;
}

/** Attributes from pairs of key and value; what is none is left out, and long text is cut. */
export function attributesOf(pairs: unknown): FoundSpan["attributes"] {
  if (!Array.isArray(pairs)) return [];
  return (pairs as readonly unknown[]).slice(0, MAX_ATTRIBUTES).flatMap((pair) => attributeOf(pair) ?? []);
}

function attributeOf(pair: unknown): FoundSpan["attributes"][number] | undefined {
  if (!Array.isArray(pair)) return undefined;
  const [key, value] = pair as readonly unknown[];
  if (typeof key !== "string" || key === "") return undefined;
  if (typeof value === "string") return { key, value: value.slice(0, MAX_TEXT) };
  return typeof value === "number" || typeof value === "boolean" ? { key, value } : undefined;
}
