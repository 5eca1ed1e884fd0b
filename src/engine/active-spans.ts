import type { SessionId, SpanRow } from "../model/ids.ts";
import type { FoundSpan, SpanStack } from "../model/span-stack.ts";
import type { Ingest } from "./ingest.ts";
import { readSpanStack, rowOfSpan } from "./query/span-stack.ts";
import { unfinishedAt, type Place } from "./query/unfinished-spans.ts";
import type { SpanStore } from "./store/span-store.ts";

export interface ActiveSpansParts {
  readonly store: SpanStore;
  readonly ingest: Ingest;
  readonly nextConnection: () => number;
}

/** Takes the spans that the debugger finds in stopped programs, and tells the distributed call stack around them. */
export class ActiveSpans {
  readonly #parts: ActiveSpansParts;
  /** Each session's findings count as one connection: when it is over, what nobody ever exported has ended with it. */
  readonly #connections = new Map<SessionId, number>();

  constructor(parts: ActiveSpansParts) {
    this.#parts = parts;
  }

  note({
    sessionId,
    spans,
    service,
    atMs,
  }: {
    readonly sessionId: SessionId;
    readonly spans: readonly FoundSpan[];
    readonly service: string;
    readonly atMs: number;
  }): SpanStack {
    const { store } = this.#parts;
    const unknown = spans.filter(
      (span) => records(span) && rowOfSpan(store, span.traceId, span.spanId) === undefined,
    );
    if (unknown.length > 0) this.#take(sessionId, unknown, service, atMs);
    const [active] = spans;
    const row = active && rowOfSpan(store, active.traceId, active.spanId);
    return row === undefined ? { frames: [], parentMissing: false } : this.#stackOf(row, atMs);
  }

  guess(request: {
    readonly sessionId: SessionId;
    readonly processId?: number | undefined;
    readonly places: readonly Place[];
    readonly atMs: number;
  }): SpanStack | undefined {
    const row = unfinishedAt(this.#parts.store, request, request.places);
    return row === undefined ? undefined : this.#stackOf(row, request.atMs);
  }

  /** The session's debugger is gone, and nobody will find the end of what it had found. */
  sessionOver(sessionId: SessionId): void {
    const connection = this.#connections.get(sessionId);
    if (connection === undefined) return;
    this.#connections.delete(sessionId);
    this.#parts.ingest.agentGone(connection);
  }

  #stackOf(row: SpanRow, atMs: number): SpanStack {
    return readSpanStack(this.#parts.store, row, atMs);
  }

  /** The way of everything that is received: masked, logged, stored. */
  #take(sessionId: SessionId, spans: readonly FoundSpan[], service: string, atMs: number): void {
    const known = this.#connections.get(sessionId);
    const connection = known ?? this.#parts.nextConnection();
    this.#connections.set(sessionId, connection);
    const body = new TextEncoder().encode(JSON.stringify(requestOf(spans, service, atMs)));
    void this.#parts.ingest.traces(body, "json", { sessionId, channel: "debugger", connection });
  }
}

/** A context that was handed over by a remote caller, or is not sampled, has ids and nothing else: no export will ever complete it. */
function records({ name, startTimeUnixNano }: FoundSpan): boolean {
  return name !== "" || startTimeUnixNano !== "0";
}

/** The spans as an OTLP request, all of them unfinished: the end of one that has ended is its export's to tell. */
function requestOf(found: readonly FoundSpan[], service: string, atMs: number): object {
  const now = String(BigInt(Math.round(atMs)) * 1_000_000n);
  const spans = found.map(({ traceId, spanId, name, parentSpanId, startTimeUnixNano, attributes }) => ({
    traceId,
    spanId,
    name,
    ...(parentSpanId !== undefined && { parentSpanId }),
    startTimeUnixNano: startTimeUnixNano === "0" ? now : startTimeUnixNano,
    attributes: attributes.map(({ key, value }) => ({ key, value: anyValueOf(value) })),
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "spanlight.debugger" }, spans }] }] };
}

function anyValueOf(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
