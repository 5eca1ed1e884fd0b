import type { LocationEvidence, SourceLocation } from "../../model/source-location.ts";
import type { Attribute, SpanEvent } from "../../model/span.ts";
import { LINE_KEYS, PATH_KEYS, lineNumberOf } from "./code-place.ts";
import { readNodeStack, type StackFrame } from "./stack-node.ts";

/**
 * The places in code that a span names, the most trusted first: its code attributes, then the frames of the person's
 * own code in the stacks of its exceptions and in `code.stacktrace`, each place once.
 */
export function locationsOf(
  attributes: readonly Attribute[],
  events: readonly SpanEvent[],
): SourceLocation[] {
  const found: SourceLocation[] = [];
  const byAttributes = locationByAttributes(attributes);
  if (byAttributes !== undefined) found.push(byAttributes);
  for (const stack of [textOf(attributes, "exception.stacktrace"), ...exceptionStacks(events)]) {
    found.push(...locationsByStack(stack, "exception-frame"));
  }
  found.push(...locationsByStack(textOf(attributes, "code.stacktrace"), "stack-frame"));
  return firstOfEachPlace(found).slice(0, MAX_LOCATIONS);
}

/** A stack can hold thousands of frames; a reader looks at a few. */
const MAX_LOCATIONS = 50;

const COLUMN_KEYS = ["code.column.number", "code.column"] as const;
const FUNCTION_KEYS = ["code.function.name", "code.function"] as const;

function locationByAttributes(attributes: readonly Attribute[]): SourceLocation | undefined {
  const path = firstText(attributes, PATH_KEYS);
  if (path === undefined) return undefined;
  const line = firstLine(attributes, LINE_KEYS);
  const column = firstLine(attributes, COLUMN_KEYS);
  const functionName = qualified(attributes);
  return {
    path,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(functionName !== undefined && { functionName }),
    evidence: evidenceOf(textOf(attributes, "spanlight.code.evidence")),
  };
}

function evidenceOf(text: string | undefined): LocationEvidence {
  return text === "call-site" || text === "handler" || text === "function" ? text : "code-attributes";
}

/** The former conventions keep the namespace apart. */
function qualified(attributes: readonly Attribute[]): string | undefined {
  const name = firstText(attributes, FUNCTION_KEYS);
  const namespace = textOf(attributes, "code.namespace");
  return name !== undefined && namespace !== undefined && namespace !== "" ? `${namespace}.${name}` : name;
}

function exceptionStacks(events: readonly SpanEvent[]): readonly (string | undefined)[] {
  return events
    .filter((event) => event.name === "exception")
    .map((event) => textOf(event.attributes, "exception.stacktrace"));
}

/** Readers of stacks, one per language; the first that finds frames of its form has the say. */
const STACK_READERS: readonly ((stack: string) => readonly StackFrame[])[] = [readNodeStack];

function locationsByStack(stack: string | undefined, evidence: LocationEvidence): SourceLocation[] {
  if (stack === undefined) return [];
  for (const read of STACK_READERS) {
    const frames = read(stack);
    if (frames.length > 0)
      return frames.filter((frame) => frame.own).map(({ own: _, ...place }) => ({ ...place, evidence }));
  }
  return [];
}

function firstOfEachPlace(locations: readonly SourceLocation[]): SourceLocation[] {
  const seen = new Set<string>();
  return locations.filter(({ path, line, column }) => {
    const place = `${path}\n${line ?? ""}\n${column ?? ""}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

function textOf(attributes: readonly Attribute[], key: string): string | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return typeof value === "string" ? value : undefined;
}

function firstText(attributes: readonly Attribute[], keys: readonly string[]): string | undefined {
  return keys.map((key) => textOf(attributes, key)).find((text) => text !== undefined && text !== "");
}

function firstLine(attributes: readonly Attribute[], keys: readonly string[]): number | undefined {
  return keys
    .map((key) => lineNumberOf(attributes.find((attribute) => attribute.key === key)?.value))
    .find((line) => line !== undefined);
}
