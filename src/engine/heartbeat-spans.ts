import { END, WireReader } from "../base/wire-reader.ts";
import type { LogBatch } from "../model/log-batch.ts";
import { NO_OFFSET, SpanBatch } from "../model/span-batch.ts";
import type { AttributeValue } from "../model/span.ts";
import { decodeTracesJson } from "./decode/otlp-json.ts";
import { decodeTracesProtobuf } from "./decode/otlp-protobuf.ts";
import { otlpJsonOfPartialSpan } from "./decode/partial-span-json.ts";
import { readAnyValue, readAttributesOf } from "./query/attribute-values.ts";

/**
 * Finds, among log records, the heartbeats of spans that still run, as the partial span processors for Python and .NET
 * send them (G-Research/otel-partial-python, otel-partial-dotnet; open-telemetry/opentelemetry-python-contrib#3564): records
 * with the attribute `partial.event`, which is `heartbeat` at the span's start and every few seconds from then on, and
 * `stop` at its end. The body is the span as `TracesData`: JSON (`partial.body.type` is `json/v1`), or protobuf in base64.
 *
 * Heartbeats become spans without an end. A `stop` is dropped: the span's export tells its end. Neither stays in the
 * batch or its body, unless the span cannot be read; then it is a log record like others.
 */
export function takeHeartbeats(logs: LogBatch, take: (spans: SpanBatch) => void): void {
  const { body, count } = logs;
  if (count === 0) return;
  // Most requests have none; looking once through all bytes is quicker than through each record's attributes. Those of
  // other parts of the request are left alone: a large one has thousands of parts.
  const start = logs.recordStart[0] ?? 0;
  const end = logs.recordEnd[count - 1] ?? 0;
  if (Buffer.from(body.buffer, body.byteOffset + start, end - start).indexOf(EVENT_KEY) < 0) return;
  logs.retain((index) => {
    const event = partialEventOf(logs, index);
    const spans = event === undefined ? undefined : spansOf(logs, index);
    if (spans === undefined) return true;
    if (event === "heartbeat") {
      removeEnds(spans);
      take(spans);
    }
    // The JSON in it is not looked through for secrets.
    body.fill(0, logs.recordStart[index], logs.recordEnd[index]);
    return false;
  });
}

const EVENT_KEY = "partial.event";

function partialEventOf(logs: LogBatch, index: number): "heartbeat" | "stop" | undefined {
  const start = logs.recordStart[index] ?? 0;
  const attributes = readAttributesOf(logs.body, start, logs.recordEnd[index] ?? 0, LOG_ATTRIBUTE);
  const value = attributes.find(({ key }) => key === EVENT_KEY)?.value;
  return value === "heartbeat" || value === "stop" ? value : undefined;
}

/** The spans in a record's body; undefined where there are none that can be read. */
function spansOf(logs: LogBatch, index: number): SpanBatch | undefined {
  const start = logs.bodyStart[index] ?? NO_OFFSET;
  if (start === NO_OFFSET) return undefined;
  const spans = new SpanBatch();
  const body = readAnyValue(logs.body, start, logs.bodyEnd[index] ?? 0);
  const { malformed, rejectedCount } = decodeBody(body, spans);
  return malformed || rejectedCount > 0 || spans.count === 0 ? undefined : spans;
}

function decodeBody(body: AttributeValue, into: SpanBatch): ReturnType<typeof decodeTracesProtobuf> {
  if (typeof body !== "string") {
    const isBytes = typeof body === "object" && "bytes" in body;
    return decodeTracesProtobuf(isBytes ? Buffer.from(body.bytes, "base64") : NOTHING, into);
  }
  if (!body.trimStart().startsWith("{")) return decodeTracesProtobuf(Buffer.from(body, "base64"), into);
  return decodeTracesJson(otlpJsonOfPartialSpan(body) ?? NOTHING, into);
}

/** .NET writes the time of the heartbeat, or the start again, for the end of a span that runs. */
function removeEnds(spans: SpanBatch): void {
  const reader = new WireReader();
  for (let i = 0; i < spans.count; i++) {
    spans.endLow[i] = 0;
    spans.endHigh[i] = 0;
    // What is logged is the body.
    reader.reset(spans.body, spans.spanStart[i] ?? 0, spans.spanEnd[i] ?? 0);
    for (let tag = reader.next(); tag > END; tag = reader.next()) {
      const at = reader.position;
      if (!reader.skip(tag)) break;
      if (tag === SPAN_END) spans.body.fill(0, at, reader.position);
    }
  }
}

const LOG_ATTRIBUTE = 0x32;
const SPAN_END = 0x41;
const NOTHING = new Uint8Array(0);
