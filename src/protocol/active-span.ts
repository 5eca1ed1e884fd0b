import { isSessionId, isSpanId, isTraceId } from "../model/ids.ts";
import type { FoundSpan, SpanFrame, SpanStack } from "../model/span-stack.ts";
import { isArrayOf, isBoolean, isNumber, isObject, isOptional, isString, type Guard } from "./guard.ts";
import { request } from "./message.ts";

const isPlainValue: Guard<string | number | boolean> = (value): value is string | number | boolean =>
  isString(value) || isNumber(value) || isBoolean(value);

const isFoundSpan: Guard<FoundSpan> = isObject({
  traceId: isTraceId,
  spanId: isSpanId,
  name: isString,
  parentSpanId: isOptional(isSpanId),
  startTimeUnixNano: isString,
  ended: isBoolean,
  attributes: isArrayOf(isObject({ key: isString, value: isPlainValue })),
});

/**
 * Notes the spans that were found at a stop, the active one first: each gets a row, which its export completes later,
 * unless it has one already, or is known by its ids alone. Answers with the distributed call stack around the active one,
 * without frames where that has no row. `service` is what a session is called of which nothing was received yet.
 */
export const noteActiveSpan = request<SpanStack>()(
  "active-span/note",
  isObject({ sessionId: isSessionId, spans: isArrayOf(isFoundSpan), service: isString, atMs: isNumber }),
);

/** A function's lines in a file, from 1. */
const isPlace = isObject({ path: isString, firstLine: isNumber, lastLine: isNumber });

/**
 * The unfinished span of a session, or of the process with this number, that was made in one of these places, the places of inner frames first; of several
 * the one that began last. A guess: the thread may be in another. Undefined where there is none.
 */
export const guessActiveSpan = request<SpanStack | undefined>()(
  "active-span/guess",
  isObject({
    sessionId: isSessionId,
    processId: isOptional(isNumber),
    places: isArrayOf(isPlace),
    atMs: isNumber,
  }),
);

/** The spans that have begun and not ended, the longest running first; `count` is how many there are in all. */
export const listUnfinished = request<{ readonly spans: readonly SpanFrame[]; readonly count: number }>()(
  "spans/list-unfinished",
  isObject({ limit: isNumber, atMs: isNumber }),
);
