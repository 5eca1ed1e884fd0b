import { err, ok, type Result } from "../../base/result.ts";
import type { SpanConditions } from "../query/search-traces.ts";
import { parseGoDuration } from "./go-duration.ts";
import { parseRfc3339 } from "./rfc3339.ts";

/** What `/api/v3/traces` is asked for. */
export interface JaegerSearch {
  readonly conditions: SpanConditions;
  /** Traces at most. */
  readonly depth: number;
}

/** Jaeger's default and, for the most, what one reply can sensibly hold. */
const DEFAULT_DEPTH = 100;
export const MAX_DEPTH = 1000;

/** Each condition costs a pass over the spans. */
const MAX_ATTRIBUTES = 20;

/**
 * Reads the `query.…` parameters of `FindTraces`. The description of the API writes them in camel case and Jaeger's
 * own server in snake case: both are taken. The error is a sentence for the reply.
 */
export function parseJaegerSearch(parameters: URLSearchParams): Result<JaegerSearch, string> {
  const startFrom = parsed(parameters, "start_time_min", parseRfc3339, "a time of RFC 3339");
  if (!startFrom.ok) return startFrom;
  const startBefore = parsed(parameters, "start_time_max", parseRfc3339, "a time of RFC 3339");
  if (!startBefore.ok) return startBefore;
  const minDuration = parsed(parameters, "duration_min", parseGoDuration, "a duration such as 1.5s");
  if (!minDuration.ok) return minDuration;
  const maxDuration = parsed(parameters, "duration_max", parseGoDuration, "a duration such as 1.5s");
  if (!maxDuration.ok) return maxDuration;
  const attributes = parsed(
    parameters,
    "attributes",
    parseAttributes,
    `an object of JSON with at most ${MAX_ATTRIBUTES} strings`,
  );
  if (!attributes.ok) return attributes;
  const depthName = queryParameter(parameters, "search_depth") === undefined ? "num_traces" : "search_depth";
  const depth = parsed(parameters, depthName, parseDepth, "a whole number from 1");
  if (!depth.ok) return depth;
  if (queryParameter(parameters, "filter") !== undefined) return err("query.filter is not supported.");
  return ok({
    conditions: {
      service: queryParameter(parameters, "service_name"),
      name: queryParameter(parameters, "operation_name"),
      startFrom: startFrom.value,
      startBefore: startBefore.value,
      minDurationNs: minDuration.value,
      maxDurationNs: maxDuration.value,
      attributes: attributes.value ?? [],
    },
    depth: Math.min(depth.value ?? DEFAULT_DEPTH, MAX_DEPTH),
  });
}

/** A parameter by its name in snake case, or the same in camel case; an empty one counts as absent. */
export function parameter(parameters: URLSearchParams, snakeName: string): string | undefined {
  const camelName = snakeName.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const value = parameters.get(snakeName) ?? parameters.get(camelName);
  return value === null || value === "" ? undefined : value;
}

function queryParameter(parameters: URLSearchParams, name: string): string | undefined {
  return parameter(parameters, `query.${name}`);
}

function parsed<T>(
  parameters: URLSearchParams,
  name: string,
  parse: (text: string) => T | undefined,
  form: string,
): Result<T | undefined, string> {
  const text = queryParameter(parameters, name);
  if (text === undefined) return ok(undefined);
  const value = parse(text);
  return value === undefined ? err(`query.${name} is not ${form}.`) : ok(value);
}

function parseDepth(text: string): number | undefined {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}

function parseAttributes(text: string): SpanConditions["attributes"] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length > MAX_ATTRIBUTES || !entries.every(isTextEntry)) return undefined;
  return entries;
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}
