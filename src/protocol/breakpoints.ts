import { isSessionId, isSpanId, isTraceId } from "../model/ids.ts";
import { isArrayOf, isNumber, isObject, isOptional, isString } from "./guard.ts";
import { event, request } from "./message.ts";
import { isSpanBreakpoint } from "./span-breakpoint.ts";

/**
 * Sets all span breakpoints, in place of those before. The engine hands them to every agent, now and when one connects, and
 * watches unfinished spans for those that are `slow`.
 */
export const setSpanBreakpoints = request<undefined>()(
  "span-breakpoints/set",
  isObject({ breakpoints: isArrayOf(isSpanBreakpoint) }),
);

/** A span has run for longer than a breakpoint of moment `slow` allows. Told once for each span and breakpoint. */
export const slowSpanFound = event(
  "span-breakpoints/slow-span-found",
  isObject({
    breakpointId: isString,
    traceId: isTraceId,
    spanId: isSpanId,
    name: isString,
    service: isString,
    /** Program time so far, milliseconds. */
    runningMs: isNumber,
    sessionId: isOptional(isSessionId),
    /** Undefined where neither the resource nor the session tells which process it is. */
    processId: isOptional(isNumber),
    /** The machine of that process, where its resource names one. */
    host: isOptional(isString),
  }),
);
