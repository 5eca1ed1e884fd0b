import type { RunNumber } from "../model/ids.ts";
import type { LabelMatcher, SeriesInfo, SeriesSamples, SeriesSelector } from "../model/series.ts";
import { isArrayOf, isNumber, isObject, isOneOf, isOptional, isString, type Guard } from "./guard.ts";
import { request } from "./message.ts";

/** Nanoseconds since the epoch in decimal. */
const isNanos: Guard<string> = (value): value is string => isString(value) && /^\d{1,20}$/.test(value);

const isRun: Guard<RunNumber> = (value): value is RunNumber =>
  isNumber(value) && Number.isInteger(value) && value >= 0;

const isMatcher: Guard<LabelMatcher> = isObject({
  label: isString,
  operator: isOneOf("=", "!=", "=~", "!~"),
  value: isString,
});

const isSelector: Guard<SeriesSelector> = isObject({
  name: isOptional(isString),
  matchers: isArrayOf(isMatcher),
  run: isOptional(isRun),
  session: isOptional(isString),
});

/** Series by name and labels, at most `limit`, with the count of all that match. */
export const listSeries = request<{
  readonly series: readonly SeriesInfo[];
  readonly matchingCount: number;
}>()("series/list", isObject({ selector: isSelector, limit: isNumber }));

/** The samples of a series in typed arrays, between two times, both inclusive; undefined where it is not held (any more). */
export const readSeries = request<SeriesSamples | undefined>()(
  "series/read",
  isObject({ number: isNumber, fromUnixNano: isOptional(isNanos), toUnixNano: isOptional(isNanos) }),
);
