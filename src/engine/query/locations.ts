import type { LocationEvidence, PrintedFrame, SourceLocation } from "../../model/source-location.ts";
import type { Attribute, SpanEvent } from "../../model/span.ts";
import { firstText, positiveAt, textOf } from "./attribute-access.ts";
import { FUNCTION_KEYS, LINE_KEYS, PATH_KEYS } from "./code-place.ts";
import type { LocatableSpan } from "./locatable-span.ts";
import { lookupsOf } from "./lookups.ts";
import type { StackCache } from "./stack-cache.ts";
import type { StackFrame } from "./stack-text.ts";

/**
 * The places in code that a span names, the most trusted first: its code attributes, then the frames in the stacks of
 * its exceptions and in `code.stacktrace`, then what its route, its names and its query can be looked up by. Each place
 * once.
 */
export function locationsOf(span: LocatableSpan, stacks: StackCache): SourceLocation[] {
  const frames = [
    ...stacksOf(span, "exception.stacktrace").flatMap((stack) =>
      framesOf(stack, "exception-frame", span, stacks),
    ),
    ...stacksOf(span, "code.stacktrace").flatMap((stack) => framesOf(stack, "stack-frame", span, stacks)),
  ];
  const found = [
    ...byAttributes(span.attributes),
    ...frames.filter(({ isLibrary }) => isLibrary !== true),
    ...lookupsOf(span),
    // A frame that only its package calls somebody else's: the workspace may be that somebody's.
    ...frames.filter(({ isLibrary, path }) => isLibrary === true && /^\w[^:\\]*$/.test(path)),
  ];
  return firstOfEachPlace(found)
    .slice(0, MAX_LOCATIONS)
    .map((location) => ofSpan(location, span));
}

/** An event whose exception has a stack, with the frames of that, so that they can be shown as links. */
export function withFrames(event: SpanEvent, span: LocatableSpan, stacks: StackCache): SpanEvent {
  const stack = textOf(event.attributes, "exception.stacktrace");
  if (stack === undefined) return event;
  const frames = stacks.read(stack, span.resource).map((frame): PrintedFrame => {
    const { textLine, start, end, isLibrary } = frame;
    const location = ofSpan(locationOfFrame(frame, "exception-frame"), span);
    return { textLine, start, end, isLibrary, location };
  });
  return frames.length === 0 ? event : { ...event, frames };
}

function ofSpan(location: SourceLocation, { session, service }: LocatableSpan): SourceLocation {
  return {
    ...location,
    ...(session !== undefined && { session }),
    ...(service !== "" && { service }),
  };
}

function locationOfFrame(frame: StackFrame, evidence: LocationEvidence): SourceLocation {
  const { path, line, column, functionName, isLibrary } = frame;
  return {
    path,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(functionName !== undefined && { functionName }),
    evidence,
    ...(isLibrary && { isLibrary }),
  };
}

/** A stack can hold thousands of frames; a reader looks at a few. */
const MAX_LOCATIONS = 50;

const COLUMN_KEYS = ["code.column.number", "code.column"] as const;

function byAttributes(attributes: readonly Attribute[]): SourceLocation[] {
  const path = firstText(attributes, PATH_KEYS);
  if (path === undefined) return [];
  const line = positiveAt(attributes, LINE_KEYS);
  const column = positiveAt(attributes, COLUMN_KEYS);
  const functionName = qualified(attributes);
  return [
    {
      path,
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      ...(functionName !== undefined && { functionName }),
      evidence: evidenceOf(textOf(attributes, "spanlight.code.evidence")),
      ...(INSTALLED.test(path) && { isLibrary: true }),
    },
  ];
}

/** Where package managers and toolchains put what they install: instrumentation may name such a place as well. */
const INSTALLED =
  /[\\/](?:node_modules|site-packages|dist-packages|gems|pkg[\\/]mod|\.cargo|\.nuget|rustc|lib[\\/]python\d[\d.]*|go[\\/]src[\\/](?:net|runtime|database))[\\/]/;

function evidenceOf(text: string | undefined): LocationEvidence {
  return text === "call-site" || text === "handler" || text === "function" ? text : "code-attributes";
}

/** The former conventions keep the namespace apart. */
function qualified(attributes: readonly Attribute[]): string | undefined {
  const name = firstText(attributes, FUNCTION_KEYS);
  const namespace = firstText(attributes, ["code.namespace"]);
  return name !== undefined && namespace !== undefined && !name.startsWith(namespace)
    ? `${namespace}.${name}`
    : name;
}

/** The stacks of the events before the span's own. */
function stacksOf({ attributes, events }: LocatableSpan, key: string): readonly string[] {
  return [...events.map((event) => textOf(event.attributes, key)), textOf(attributes, key)].filter(
    (stack) => stack !== undefined,
  );
}

function framesOf(
  stack: string,
  evidence: LocationEvidence,
  { resource }: LocatableSpan,
  stacks: StackCache,
): readonly SourceLocation[] {
  return stacks.read(stack, resource).map((frame) => locationOfFrame(frame, evidence));
}

function firstOfEachPlace(locations: readonly SourceLocation[]): SourceLocation[] {
  const seen = new Set<string>();
  return locations.filter(({ path, line, column, lookup }) => {
    if (lookup !== undefined) return true;
    const place = `${path}\n${line ?? ""}\n${column ?? ""}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}
