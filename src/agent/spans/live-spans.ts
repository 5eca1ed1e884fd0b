import type { Context } from "@opentelemetry/api";
import type { Attributes, RecordedSpan } from "../otlp/encode-spans.ts";
import {
  captureStack,
  firstUserFrame,
  type CapturedStack,
  type GeneratedPosition,
} from "../source/call-site.ts";
import { functionPosition, type ProgramFunction } from "../source/function-location.ts";
import { toSource } from "../source/source-map.ts";

/** How sure a location is to be the code that the span stands for; a later one of the same rank replaces an earlier one. */
export const locationRank = { none: 0, listener: 1, middleware: 2, handler: 3 } as const;
export type LocationRank = (typeof locationRank)[keyof typeof locationRank];

/** Instrumentations that give a request's handler more than one span. */
const routedScope = /instrumentation-(?:express|nestjs-core)$/;

export function scopeName(span: RecordedSpan): string {
  return span.instrumentationScope?.name ?? span.instrumentationLibrary?.name ?? "";
}

/** What made a span's location: `spanlight.code.evidence`. */
export type Evidence = "call-site" | "handler" | "function";

/** A span between its start and the moment its end was sent. */
export class LiveSpan {
  readonly span: RecordedSpan;
  readonly #parent: LiveSpan | undefined;
  ended = false;
  #callSite: CapturedStack | undefined;
  #inherited: CallSites | undefined;
  #definition: ProgramFunction | undefined;
  #evidence: Evidence = "call-site";
  #rank: LocationRank = locationRank.none;
  #code: Attributes | undefined;
  #resolved = false;

  /** @param callSite the stack that it was started with; undefined where that tells nothing */
  constructor(
    span: RecordedSpan,
    parent: LiveSpan | undefined,
    context: Context,
    callSite: CapturedStack | undefined,
  ) {
    this.span = span;
    this.#parent = parent;
    if (callSite === undefined) return;
    this.#callSite = callSite;
    this.#inherited = callSitesOf(context);
  }

  /** Says which function of the person the span stands for. @returns whether that is news */
  setDefinition(definition: ProgramFunction, rank: LocationRank, evidence: Evidence): boolean {
    if (rank < this.#rank || definition === this.#definition) return false;
    // A function of a dependency has no code of the person's to show, and must not hide what is known.
    if (functionPosition(definition) === undefined) return false;
    this.#definition = definition;
    this.#rank = rank;
    this.#evidence = evidence;
    this.#resolved = false;
    // Frameworks split one handler into several spans, such as Express's route, Nest's controller and its method.
    const parent = this.#parent;
    if (rank === locationRank.handler && parent?.isUnknownLayer() === true) {
      parent.setDefinition(definition, rank, evidence);
    }
    return true;
  }

  /** Whether it is `outer`, or was started within it. */
  isInside(outer: LiveSpan): boolean {
    if (this === outer) return true;
    for (let live: LiveSpan | undefined = this.#parent; live !== undefined; live = live.#parent)
      if (live === outer) return true;
    return false;
  }

  /** Whether it is a framework's step on the way to a handler that is not known yet. */
  isUnknownLayer(): boolean {
    return this.#rank === locationRank.none && !this.ended && routedScope.test(scopeName(this.span));
  }

  /** The code attributes, or undefined when no code of the person was involved. */
  code(): Attributes | undefined {
    if (this.#resolved) return this.#code;
    this.#resolved = true;
    this.#code = this.#resolve();
    this.#callSite = undefined;
    this.#inherited = undefined;
    return this.#code;
  }

  #resolve(): Attributes | undefined {
    if (this.span.attributes["code.file.path"] !== undefined) return undefined;
    const definition = this.#definition;
    const defined = definition === undefined ? undefined : functionPosition(definition);
    if (defined !== undefined) return codeAttributes(defined, this.#evidence);
    const site =
      (this.#callSite === undefined ? undefined : firstUserFrame(this.#callSite)) ??
      inheritedSite(this.#inherited);
    if (site !== undefined) return codeAttributes(site, "call-site");
    return undefined;
  }
}

const attributesOf: Readonly<Record<Evidence, WeakMap<GeneratedPosition, Attributes>>> = {
  "call-site": new WeakMap(),
  handler: new WeakMap(),
  function: new WeakMap(),
};

/** The same object for the same place, so that its encoded form can be kept. */
function codeAttributes(position: GeneratedPosition, evidence: Evidence): Attributes {
  const known = attributesOf[evidence].get(position);
  if (known !== undefined) return known;
  const source = toSource(position);
  const attributes: Attributes = {
    "code.file.path": source.file,
    "code.line.number": source.line,
    "code.column.number": source.column,
    "code.function.name": source.functionName,
    "spanlight.code.evidence": evidence,
  };
  attributesOf[evidence].set(position, attributes);
  return attributes;
}

const callSiteKey = Symbol("spanlight call site");

/** The stacks of the calls that led into a library, the innermost first. */
interface CallSites {
  readonly inner: CapturedStack;
  readonly outer: CapturedStack | undefined;
}

/**
 * A context that carries the caller's stack to spans that a library starts later, from a queue of its own. Two levels
 * are kept, for libraries that call libraries; more would make a chain that grows as long as callbacks nest.
 */
export function withCallSite(context: Context, below: ProgramFunction): Context {
  const sites: CallSites = { inner: captureStack(below), outer: callSitesOf(context)?.inner };
  return context.setValue(callSiteKey, sites);
}

function callSitesOf(context: Context): CallSites | undefined {
  return context.getValue(callSiteKey) as CallSites | undefined;
}

function inheritedSite(sites: CallSites | undefined): GeneratedPosition | undefined {
  if (sites === undefined) return undefined;
  return firstUserFrame(sites.inner) ?? (sites.outer === undefined ? undefined : firstUserFrame(sites.outer));
}
