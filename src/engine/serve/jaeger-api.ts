import { isTraceId, type TraceId } from "../../model/ids.ts";
import { SPAN_KINDS } from "../../model/span.ts";
import { writeTracesJson } from "../query/encode-json.ts";
import { listOperations, listServices } from "../query/operations.ts";
import { searchTraces } from "../query/search-traces.ts";
import type { Sliced } from "../query/slices.ts";
import type { SpanStore } from "../store/span-store.ts";
import { jaegerSummary } from "../query/jaeger-summary.ts";
import { parameter, parseJaegerSearch } from "./jaeger-query.ts";
import { errorReply, JSON_TYPE, jsonReply, type ApiReply } from "./reply.ts";

/** Spans that one search may answer with; the thread that receives is the one that writes them out. */
const MAX_REPLY_SPANS = 100_000;

const TRACE_PATH = "/api/v3/traces/";

/**
 * Answers a GET of Jaeger's query API, version 3 (`api_v3.openapi.yaml` of jaeger-idl): traces are OTLP in JSON in an
 * envelope `result`. Undefined for paths that are none of it.
 */
export function* answerJaeger(
  { pathname, searchParams }: URL,
  store: SpanStore,
): Sliced<ApiReply | undefined> {
  switch (pathname) {
    case "/api/v3/services":
      return jsonReply({ services: listServices(store) });
    case "/api/v3/operations":
      return yield* answerOperations(searchParams, store);
    case "/api/v3/traces":
      return yield* answerSearch(searchParams, store);
    case "/api/v3/trace-summaries":
      return yield* answerSummaries(searchParams, store);
    default:
      return pathname.startsWith(TRACE_PATH)
        ? answerTrace(pathname.slice(TRACE_PATH.length), store)
        : undefined;
  }
}

function* answerOperations(parameters: URLSearchParams, store: SpanStore): Sliced<ApiReply> {
  const service = parameter(parameters, "service");
  if (service === undefined) return errorReply(400, "The parameter service is missing.");
  const wanted = parameter(parameters, "span_kind")?.toLowerCase();
  const kind = SPAN_KINDS.find((name) => name === wanted);
  if (wanted !== undefined && kind === undefined)
    return errorReply(400, `span_kind is none of ${SPAN_KINDS.join(", ")}.`);
  const operations = (yield* listOperations(store, service, kind)).map((operation) => ({
    name: operation.name,
    spanKind: operation.kind === "unspecified" ? "" : operation.kind,
  }));
  return jsonReply({ operations });
}

function* answerSearch(parameters: URLSearchParams, store: SpanStore): Sliced<ApiReply> {
  const search = parseJaegerSearch(parameters);
  if (!search.ok) return errorReply(400, search.error);
  const limits = { traces: search.value.depth, spans: MAX_REPLY_SPANS };
  return tracesReply(store, yield* searchTraces(store, search.value.conditions, limits));
}

/** The same search, for a list of what was found. */
function* answerSummaries(parameters: URLSearchParams, store: SpanStore): Sliced<ApiReply> {
  const search = parseJaegerSearch(parameters);
  if (!search.ok) return errorReply(400, search.error);
  const limits = { traces: search.value.depth, spans: Number.POSITIVE_INFINITY };
  const found = yield* searchTraces(store, search.value.conditions, limits);
  return {
    status: 200,
    contentType: JSON_TYPE,
    body: function* (write) {
      write('{"summaries":[');
      let separator = "";
      for (const traceId of found) {
        // It may have left since it was found.
        if (!holdsTrace(store, traceId)) continue;
        const summary = yield* jaegerSummary(store, store.traces.slotOf(traceId));
        write(`${separator}${JSON.stringify(summary)}`);
        separator = ",";
      }
      write("]}");
    },
  };
}

/** A trace id of 64 bits means the same as one of 128 whose first half is zero. */
function answerTrace(hex: string, store: SpanStore): ApiReply {
  const traceId = hex.toLowerCase().padStart(32, "0");
  if (!isTraceId(traceId)) return errorReply(400, "A trace id is up to 32 hexadecimal digits.");
  if (!holdsTrace(store, traceId)) return errorReply(404, "This trace is not held.");
  return tracesReply(store, [traceId]);
}

function holdsTrace({ traces }: SpanStore, traceId: TraceId): boolean {
  return (traces.version[traces.slotOf(traceId)] ?? 0) !== 0;
}

function tracesReply(store: SpanStore, traceIds: readonly TraceId[]): ApiReply {
  return {
    status: 200,
    contentType: JSON_TYPE,
    body: function* (write) {
      write('{"result":');
      yield* writeTracesJson(store, traceIds, write);
      write("}");
    },
  };
}
