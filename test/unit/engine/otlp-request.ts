import protobuf from "protobufjs";

/** A span as OTLP's JSON writes it; what is left out is absent. */
export interface JsonSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly { readonly key: string; readonly value: unknown }[];
  readonly traceState?: string;
  readonly links?: readonly { readonly traceState?: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export const TRACE = "5b8efff798038103d269b633813fc60c";

/** A span of {@link TRACE} that is well formed; `number` makes its id. */
export function spanOf(number: number, more: JsonSpan = {}): JsonSpan {
  return {
    traceId: TRACE,
    spanId: number.toString(16).padStart(16, "0"),
    name: `span ${number}`,
    kind: 2,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000000250000000",
    ...more,
  };
}

export function textAttribute(key: string, value: string): { key: string; value: { stringValue: string } } {
  return { key, value: { stringValue: value } };
}

/** @param resource attributes of the resource beside its service */
export function jsonRequest(
  spans: readonly unknown[],
  service = "shop",
  resource: readonly unknown[] = [],
): Buffer {
  return Buffer.from(JSON.stringify(requestOf(spans, service, resource)));
}

/** The same request in protobuf, written by protobufjs. */
export function protobufRequest(spans: readonly JsonSpan[], service = "shop"): Buffer {
  const binary = spans.map(({ traceId = "", spanId = "", parentSpanId = "", ...rest }) => ({
    ...rest,
    traceId: Buffer.from(traceId, "hex"),
    spanId: Buffer.from(spanId, "hex"),
    parentSpanId: Buffer.from(parentSpanId, "hex"),
  }));
  const type = root.lookupType("ExportTraceServiceRequest");
  return Buffer.from(type.encode(type.fromObject(requestOf(binary, service))).finish());
}

function requestOf(spans: readonly unknown[], service: string, resource: readonly unknown[] = []): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: [textAttribute("service.name", service), ...resource] },
        scopeSpans: [{ scope: { name: "test" }, spans }],
      },
    ],
  };
}

/** The part of opentelemetry-proto that these requests use. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Scope { string name = 1; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    repeated Link links = 13; Status status = 15;
  }
  message Link { string trace_state = 3; }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; ArrayValue array_value = 5; } }
  message ArrayValue { repeated AnyValue values = 1; }
`);
