import { describe, expect, it } from "vitest";
import { requestsInFile } from "../../../../src/engine/decode/otlp-file.ts";
import { encodeRequest, requestOf, spanOf } from "../otlp-oracle.ts";
import { logOf, logsBody } from "../otlp-logs-request.ts";
import { gaugeOf, metricsBody } from "../otlp-metrics-request.ts";

const traces = (name: string): string =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ name }] }] }] });
const metrics = '{"resource_metrics":[]}';
const logs = '{"resourceLogs":[]}';
const pretty = JSON.stringify(JSON.parse(traces("pretty")), undefined, 2);

/** A resource of 123 bytes makes the length a brace, so that the file begins as JSON may. */
function protobufLikeJson(): Uint8Array {
  for (let length = 0; ; length++) {
    const bytes = encodeRequest(requestOf([spanOf(1, { name: "p".repeat(length) })]));
    if (bytes[1] === 0x7b) return bytes;
  }
}

describe("requestsInFile", () => {
  it.each<[title: string, bytes: Uint8Array, requests: string[]]>([
    ["one object", Buffer.from(traces("a")), ["json traces"]],
    ["one object over several lines", Buffer.from(`\ufeff${pretty}\n`), ["json traces"]],
    [
      "one object a line",
      Buffer.from(`${traces("a")}\n\n${metrics}\r\n${logs}`),
      ["json traces 1", "json metrics 3", "json logs 4"],
    ],
    [
      "one object with every signal",
      Buffer.from('{"resourceSpans":[],"resourceMetrics":[],"resourceLogs":[]}'),
      ["json traces+metrics+logs"],
    ],
    [
      "lines of which one is broken",
      Buffer.from(`${traces("a")}\n{"res\n${logs}\n`),
      ["json traces 1", "json traces 2", "json logs 3"],
    ],
    ["lines of which the first is broken", Buffer.from(`{"res\n${logs}\n`), ["json traces 1", "json logs 2"]],
    ["one object that is cut off", Buffer.from(pretty.slice(0, -20)), ["json traces"]],
    ["spans in protobuf", encodeRequest(requestOf([spanOf(1), spanOf(2)])), ["protobuf traces"]],
    ["protobuf that begins as JSON", protobufLikeJson(), ["protobuf traces"]],
    ["metrics in protobuf", metricsBody([gaugeOf("process.cpu.time")]), ["protobuf metrics"]],
    [
      "metrics whose name is as long as a trace id",
      metricsBody([gaugeOf("sixteen-letters!", { asInt: 1 })]),
      ["protobuf metrics"],
    ],
    ["log records in protobuf", logsBody([logOf("hello")]), ["protobuf logs"]],
    ["another file", Buffer.from("\x89PNG\r\n\x1a\n"), ["protobuf traces"]],
    ["text", Buffer.from("{ not json"), ["json traces"]],
    ["nothing", new Uint8Array(0), ["protobuf traces"]],
  ])("finds %s", (_title, bytes, requests) => {
    const found = [...requestsInFile(bytes)].map(({ encoding, signals, line }) =>
      [encoding, signals.join("+"), line].filter((part) => part !== undefined).join(" "),
    );
    expect(found).toEqual(requests);
  });

  it("does not guess where it is told", () => {
    const bytes = protobufLikeJson();
    expect([...requestsInFile(bytes, "json")].map(({ encoding }) => encoding)).toEqual(["json"]);
    expect([...requestsInFile(Buffer.from(logs), "protobuf")].map(({ encoding }) => encoding)).toEqual([
      "protobuf",
    ]);
  });
});
