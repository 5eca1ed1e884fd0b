import { isSpanId, isTraceId, type RunNumber } from "../model/ids.ts";
import type { LogFilter, LogList } from "../model/log-record.ts";
import { isNumber, isObject, isOptional, isString, type Guard } from "./guard.ts";
import { request } from "./message.ts";

/** Nanoseconds since the epoch in decimal. */
const isNanos: Guard<string> = (value): value is string => isString(value) && /^\d{1,20}$/.test(value);

const isRun: Guard<RunNumber> = (value): value is RunNumber =>
  isNumber(value) && Number.isInteger(value) && value >= 0;

const isLogFilter: Guard<LogFilter> = isObject({
  traceId: isOptional(isTraceId),
  spanId: isOptional(isSpanId),
  text: isOptional(isString),
  minSeverity: isOptional(isNumber),
  run: isOptional(isRun),
  fromUnixNano: isOptional(isNanos),
  beforeUnixNano: isOptional(isNanos),
});

/** Log records of a span, of a trace, or all, the newest first; at most `limit`, with the count of all that match. */
export const listLogs = request<LogList>()("logs/list", isObject({ filter: isLogFilter, limit: isNumber }));
