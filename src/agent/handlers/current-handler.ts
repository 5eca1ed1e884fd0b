import { trace } from "@opentelemetry/api";
import { getRPCMetadata, RPCType, type RPCMetadata } from "@opentelemetry/core";

import type { ProgramFunction } from "../source/function-location.ts";
import { activeContext } from "../spans/active-context.ts";
import { locationRank, type Evidence, type LocationRank } from "../spans/live-spans.ts";

/** Where the functions of the person that handle requests are told; implemented by the outbox. */
export interface DefinitionSink {
  setDefinition(span: object, definition: ProgramFunction, rank: LocationRank, evidence: Evidence): void;
}

/** Joins the functions that frameworks call with the spans that their instrumentations made for the call. */
export class HandlerTracker {
  readonly #sink: DefinitionSink;

  constructor(sink: DefinitionSink) {
    this.#sink = sink;
  }

  /** The active span is `handler`'s own; the request's server span is then known to be handled there, too. */
  entered(handler: unknown, rank: LocationRank = locationRank.handler): void {
    this.active(handler, rank);
    const definition = programFunction(handler);
    if (definition !== undefined) this.server(definition, rank);
  }

  /** The active span alone is `handler`'s own. */
  active(handler: unknown, rank: LocationRank): void {
    const definition = programFunction(handler);
    const span = trace.getSpan(activeContext());
    if (definition !== undefined && span !== undefined)
      this.#sink.setDefinition(span, definition, rank, "handler");
  }

  /** `span` stands for `handler`. */
  span(span: object, handler: unknown, rank: LocationRank): void {
    const definition = programFunction(handler);
    if (definition === undefined) return;
    this.#sink.setDefinition(span, definition, rank, "handler");
    this.server(definition, rank);
  }

  /** The server itself was given `definition`: what is known until a framework says which handler it took. */
  listener(definition: ProgramFunction): void {
    const span = trace.getSpan(activeContext());
    if (span !== undefined) this.#sink.setDefinition(span, definition, locationRank.listener, "handler");
  }

  /** Only the server span of the active request. */
  server(definition: ProgramFunction, rank: LocationRank): void {
    const metadata = getRPCMetadata(activeContext());
    if (metadata?.type !== RPCType.HTTP) return;
    if (rank === locationRank.handler) nameByRoute(metadata);
    this.#sink.setDefinition(metadata.span, definition, rank, "handler");
  }
}

/**
 * A request is called by its method and route. The http instrumentation says so when the response ends; a request that
 * is still running is to be recognised as well.
 */
function nameByRoute({ span, route }: RPCMetadata): void {
  const attributes = Reflect.get(span, "attributes") as Readonly<Record<string, unknown>> | undefined;
  const method = attributes?.["http.request.method"] ?? attributes?.["http.method"];
  if (route !== undefined && route !== "" && typeof method === "string")
    span.updateName(`${method} ${route}`);
}

/** The function of the program under the wrappers of instrumentations, which keep it as `__original`. */
export function programFunction(candidate: unknown): ProgramFunction | undefined {
  let definition = candidate;
  for (let depth = 0; typeof definition === "function" && depth < 5; depth++) {
    const original: unknown = Reflect.get(definition, "__original");
    if (typeof original !== "function") return definition as ProgramFunction;
    definition = original;
  }
  return undefined;
}
