import { describe, expect, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import type { SpanRow, TraceId } from "../../../src/model/ids.ts";
import type { Span } from "../../../src/model/span.ts";
import { logOf, logsBody, type PlainLog } from "./otlp-logs-request.ts";
import { protobufRequest, spanOf, TRACE } from "./otlp-request.ts";

/** What the libraries write is told by their sources: see the docstring of src/engine/heartbeat-spans.ts. */

const SPAN = "00f067aa0ba902b7";
const STARTED = "1700000000123456700";
const outside = { sessionId: undefined, channel: "http" } as const;

const base64OfHex = (hex: string): string => Buffer.from(hex, "hex").toString("base64");
const text = (value: string): { stringValue: string } => ({ stringValue: value });

/** The record around a span; Python's says besides what its body is. */
function recordOf(event: string, body: object, more: readonly [string, string][] = []): PlainLog {
  const attributes = [["partial.event", event], ["partial.frequency", "5000ms"], ...more];
  return logOf("", 0, {
    severityNumber: 9,
    severityText: "INFO",
    traceId: [...Buffer.from(TRACE, "hex")],
    spanId: [...Buffer.from(SPAN, "hex")],
    body,
    attributes: attributes.map(([key = "", value = ""]) => ({ key, value: text(value) })),
  });
}

/** Python: protobuf's own JSON mapping (ids in base64, names of enums, indented), no end while the span runs. */
function pythonJson(attributes: object[] = []): string {
  const span = {
    traceId: base64OfHex(TRACE),
    spanId: base64OfHex(SPAN),
    name: "nightly-report",
    kind: "SPAN_KIND_INTERNAL",
    startTimeUnixNano: STARTED,
    attributes: [{ key: "rows", value: { intValue: "42" } }, ...attributes],
    status: {},
    flags: 256,
  };
  const resource = { attributes: [{ key: "service.name", value: text("reports") }] };
  return JSON.stringify(
    { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "app" }, spans: [span] }] }] },
    undefined,
    2,
  );
}

/** .NET's JSON: names in snake_case, times as numbers, values of attributes as plain texts. */
function dotnetJson(): string {
  return `{
    "resource_spans": [{
      "resource": { "attributes": [{ "key": "service.name", "value": "reports" }] },
      "scope_spans": [{
        "scope": { "name": "app", "version": "" },
        "spans": [{
          "trace_id": "${TRACE}", "span_id": "${SPAN}", "trace_state": "Unset", "parent_span_id": "0000000000000000",
          "flags": 1, "name": "nightly-report", "kind": 1, "start_time_unix_nano": ${STARTED},
          "attributes": [{ "key": "rows", "value": "42" }], "events": [], "links": [],
          "status": { "code": 0 }
        }]
      }]
    }]
  }`;
}

/** .NET's former form: the exporter's protobuf in base64, where a span that runs ends when it started. */
function dotnetProtobuf(): string {
  const span = spanOf(1, {
    spanId: SPAN,
    name: "nightly-report",
    startTimeUnixNano: STARTED,
    endTimeUnixNano: STARTED,
  });
  return protobufRequest([span], "reports").toString("base64");
}

function sendLogs(engine: Engine, records: readonly PlainLog[]): void {
  const { rejectedCount, malformed } = engine.sink.logs(Buffer.from(logsBody(records)), "protobuf", outside);
  expect({ rejectedCount, malformed }).toEqual({ rejectedCount: 0, malformed: false });
}

function spansOf(engine: Engine): Span[] {
  const rows = engine.openTrace({ traceId: TRACE as TraceId })?.row ?? [];
  return [...rows].flatMap((row) => engine.readSpan({ row: row as SpanRow }) ?? []);
}

describe.each([
  ["Python's JSON", () => text(pythonJson())],
  [".NET's JSON", () => text(dotnetJson())],
  [".NET's protobuf in base64", () => text(dotnetProtobuf())],
  ["protobuf as bytes", () => ({ bytesValue: [...Buffer.from(dotnetProtobuf(), "base64")] })],
])("a heartbeat as %s", (_, body) => {
  test("is a span that runs, once, however often it beats; its export completes it", () => {
    const engine = createEngine();
    for (let beat = 0; beat < 3; beat++)
      sendLogs(engine, [{ ...recordOf("heartbeat", body()), observedTimeUnixNano: `${beat + 1}` }]);
    expect(spansOf(engine)).toMatchObject([
      {
        spanId: SPAN,
        name: "nightly-report",
        service: "reports",
        state: "running",
        startTimeUnixNano: STARTED,
      },
    ]);
    expect(engine.state).toMatchObject({ spanCount: 1, logRecordCount: 0 });

    sendLogs(engine, [recordOf("stop", body())]);
    expect(spansOf(engine)).toMatchObject([{ state: "running" }]);
    const kind = spansOf(engine)[0]?.kind === "internal" ? 1 : 2;
    const ended = spanOf(1, {
      spanId: SPAN,
      kind,
      name: "nightly-report",
      startTimeUnixNano: STARTED,
      endTimeUnixNano: "1700000060000000000",
    });
    engine.sink.traces(protobufRequest([ended], "reports"), "protobuf", outside);
    sendLogs(engine, [{ ...recordOf("heartbeat", body()), observedTimeUnixNano: "9" }]);
    expect(spansOf(engine)).toMatchObject([{ state: "ended", durationNs: 59_876_543_300 }]);
    expect(engine.state).toMatchObject({ spanCount: 1, logRecordCount: 0 });
  });
});

test.each([0, 1500, 2999])("is found at %i of 3,000 records that are taken part by part", async (at) => {
  const engine = createEngine();
  const lines = Array.from({ length: 3000 }, (_, n) => logOf(`line ${n}`, n));
  const body = Buffer.from(logsBody(lines.toSpliced(at, 0, recordOf("heartbeat", text(pythonJson())))));
  const { acceptedCount } = await engine.sink.takeInSlices("logs", body, "protobuf", outside);
  expect(acceptedCount).toBe(3001);
  expect(engine.state).toMatchObject({ spanCount: 1, logRecordCount: 3000 });
});

test("records beside a heartbeat stay log records, and so does one whose span cannot be read", () => {
  const engine = createEngine();
  sendLogs(engine, [
    logOf("an ordinary line", 1),
    recordOf("heartbeat", text(pythonJson())),
    recordOf("heartbeat", text("{ no JSON")),
    recordOf("heartbeat", text(JSON.stringify({ resourceSpans: [] }))),
    recordOf("resumed", text(pythonJson())),
    logOf("another", 2, { attributes: [{ key: "partial.event", value: { boolValue: true } }] }),
  ]);
  expect(engine.state).toMatchObject({ spanCount: 1, logRecordCount: 5 });
});

test.each([
  ["deeply nested", `{"resourceSpans":${"[".repeat(5000)}${"]".repeat(5000)}}`],
  ["a list", "[1]"],
  ["of a prototype's name", '{"__proto__":{"a":1},"resourceSpans":{"trace_id":7}}'],
  ["of base64 that is no protobuf", "////"],
  ["empty", ""],
])("a heartbeat whose body is %s is a log record", (_, body) => {
  const engine = createEngine();
  sendLogs(engine, [recordOf("heartbeat", text(body))]);
  expect(engine.state).toMatchObject({ spanCount: 0, logRecordCount: 1 });
});

test("secrets in a heartbeat's span are masked", () => {
  const engine = createEngine();
  const json = pythonJson([{ key: "db.password", value: text("hunter2") }]);
  const status = '"status": {"message": "Bearer abcd1234efgh"}';
  sendLogs(engine, [recordOf("heartbeat", text(json.replace('"status": {}', status)))]);
  expect(spansOf(engine)[0]?.attributes).toContainEqual({ key: "db.password", value: "*******" });
  expect(Buffer.from(engine.exportTraces({}).json).toString()).toContain(`Bearer ${"*".repeat(12)}`);
});
