import { isBoolean, isNumber, isObject, isOneOf, isOptional, isString, type Guard } from "./guard.ts";

/** When a span breakpoint stops: at a span's start, at its end, at an end with status `error`, or when it has run too long. */
export const SPAN_MOMENTS = ["starts", "ends", "fails", "slow"] as const;
export type SpanMoment = (typeof SPAN_MOMENTS)[number];

/** A wish to stop by trace. A span has to meet all conditions that are there. */
export interface SpanBreakpoint {
  readonly id: string;
  readonly enabled: boolean;
  readonly moment: SpanMoment;
  /** The span's name; `*` stands for any text, `?` for a character. */
  readonly name?: string | undefined;
  /** An attribute and its value as text, with the same wildcards. */
  readonly attribute?: { readonly key: string; readonly value: string } | undefined;
  readonly status?: "unset" | "ok" | "error" | undefined;
  /** For `slow`: the program time after which a span that still runs pauses its process, milliseconds. */
  readonly overMs?: number | undefined;
}

export const isSpanBreakpoint: Guard<SpanBreakpoint> = isObject({
  id: isString,
  enabled: isBoolean,
  moment: isOneOf(...SPAN_MOMENTS),
  name: isOptional(isString),
  attribute: isOptional(isObject({ key: isString, value: isString })),
  status: isOptional(isOneOf("unset", "ok", "error")),
  overMs: isOptional(isNumber),
});

/** What of a span is compared. */
export interface MatchableSpan {
  readonly name: string;
  readonly status: "unset" | "ok" | "error";
  attribute(key: string): unknown;
}

/** Longer texts are compared up to here: patterns with many wildcards take their time. */
const MAX_COMPARED = 1000;

/** Compiles the conditions of a span breakpoint; its moment is the caller's to know. */
export function compileSpanMatch({
  name,
  attribute,
  status,
}: Pick<SpanBreakpoint, "name" | "attribute" | "status">): (span: MatchableSpan) => boolean {
  const isName = name === undefined ? undefined : compileWildcards(name);
  const isValue = attribute === undefined ? undefined : compileWildcards(attribute.value);
  return (span) => {
    if (status !== undefined && span.status !== status) return false;
    if (isName !== undefined && !isName(span.name)) return false;
    if (attribute === undefined || isValue === undefined) return true;
    const value = span.attribute(attribute.key);
    return value !== undefined && value !== null && isValue(textOf(value));
  };
}

function compileWildcards(pattern: string): (text: string) => boolean {
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  return (text) => matchesWildcards(pattern, text.slice(0, MAX_COMPARED));
}

/** Goes back to the last `*` alone, which is enough: a regular expression would go back to all of them. */
function matchesWildcards(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let afterStar = 0;
  for (let i = 0; i < text.length;) {
    const wanted = pattern.charAt(at);
    if (wanted === "*") {
      star = at++;
      afterStar = i;
    } else if (at < pattern.length && (wanted === "?" || wanted === text.charAt(i))) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++afterStar;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
