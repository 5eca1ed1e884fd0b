import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTracesJson } from "../../../../src/engine/decode/otlp-json.ts";
import { SpanBatch } from "../../../../src/model/span-batch.ts";
import {
  anyRequest,
  decodeRequest,
  encodeRequest,
  spansIn,
  type OracleRequest,
  type OracleSpan,
} from "../otlp-oracle.ts";

const CONFORMANCE = new URL("../../../../../shared/conformance/otlp/trace.json", import.meta.url);

const TRACE_ID = "5b8efff798038103d269b633813fc60c";
const SPAN_ID = "eee19b7ec3c1b174";

function jsonOf(...spans: readonly object[]): Uint8Array {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

interface Read {
  /** Of the spans that were taken. */
  readonly names: string[];
  /** As protobufjs reads what the JSON was rewritten to. */
  readonly spans: OracleSpan[];
  readonly rejected: number;
  readonly request: OracleRequest;
  readonly malformed: boolean;
  readonly message: string;
}

function decode(body: Uint8Array): Read {
  const batch = new SpanBatch();
  const issues = decodeTracesJson(body, batch);
  const nameOf = (_: unknown, i: number): string =>
    Buffer.from(batch.body.slice(batch.nameStart[i], batch.nameEnd[i])).toString();
  return {
    names: Array.from({ length: batch.count }, nameOf),
    get spans() {
      return spansIn(decodeRequest(batch.body));
    },
    get request() {
      return decodeRequest(batch.body);
    },
    rejected: issues.rejectedCount,
    malformed: issues.malformed,
    message: issues.message,
  };
}

describe("decodeTracesJson", () => {
  it.skipIf(!existsSync(CONFORMANCE))(
    "reads the specification's example (skipped without ../shared/conformance)",
    () => {
      const [span] = decode(readFileSync(CONFORMANCE)).spans;
      expect(span).toMatchObject({
        traceId: Buffer.from(TRACE_ID, "hex").toString("base64"),
        name: "I'm a server span",
        kind: 2,
        startTimeUnixNano: "1544712660000000000",
        endTimeUnixNano: "1544712661000000000",
        attributes: [{ key: "my.span.attr", value: { stringValue: "some value" } }],
      });
    },
  );

  it("reads everything that protobuf can say", () => {
    fc.assert(
      fc.property(anyRequest, (request) => {
        const bytes = encodeRequest(request);
        const batch = new SpanBatch();
        const issues = decodeTracesJson(Buffer.from(JSON.stringify(toOtlpJson(request))), batch);
        expect(issues).toEqual({ rejectedCount: 0, message: "", malformed: false });
        expect(withoutDefaults(decodeRequest(batch.body))).toEqual(withoutDefaults(decodeRequest(bytes)));
      }),
      { numRuns: 50 },
    );
  });

  const readings: readonly (readonly [title: string, span: object, expected: object])[] = [
    [
      "ids in upper case",
      { traceId: TRACE_ID.toUpperCase() },
      { traceId: Buffer.from(TRACE_ID, "hex").toString("base64") },
    ],
    ["times as numbers", { startTimeUnixNano: 1000 }, { startTimeUnixNano: "1000" }],
    [
      "times as strings",
      { endTimeUnixNano: "18446744073709551615" },
      { endTimeUnixNano: "18446744073709551615" },
    ],
    ["an enum as a number", { kind: 3 }, { kind: 3 }],
    [
      "an enum by name",
      { kind: "SPAN_KIND_CLIENT", status: { code: "STATUS_CODE_ERROR" } },
      { kind: 3, status: { code: 2 } },
    ],
    [
      "integers as strings",
      valued({ intValue: "-9223372036854775808" }),
      valued({ intValue: "-9223372036854775808" }),
    ],
    ["integers as numbers", valued({ intValue: -5 }), valued({ intValue: "-5" })],
    ["bytes as base64", valued({ bytesValue: "AP8=" }), valued({ bytesValue: "AP8=" })],
    [
      "doubles that JSON has not",
      valued({ doubleValue: "-Infinity" }),
      valued({ doubleValue: Number.NEGATIVE_INFINITY }),
    ],
    ["null for nothing", { attributes: null, name: null, parentSpanId: null, status: null, kind: null }, {}],
    ["unknown fields", { futureField: { a: 1 }, start_time_unix_nano: "7" }, {}],
    ["a lone surrogate", { name: "\ud800" }, { name: "\ufffd" }],
  ];
  it.each(readings)("reads %s", (_title, fields, expected) => {
    const read = decode(jsonOf({ traceId: TRACE_ID, spanId: SPAN_ID, ...fields }));
    expect(read).toMatchObject({ rejected: 0, malformed: false });
    expect(read.spans[0]).toMatchObject(expected);
    expect(read.spans[0]?.startTimeUnixNano).not.toBe("7");
  });

  it.each([
    ["a trace id that is not hexadecimal", { traceId: "xyz" }, /trace id is not 32 hex.*spans\[1\]\.traceId/],
    ["a trace id of the wrong length", { traceId: "abcd" }, /trace id is not 32 hex/],
    ["a trace id in base64", { traceId: "W47/95gDgQPSabYzgT/GDA==" }, /trace id is not 32 hex/],
    ["a span id that is a number", { spanId: 12 }, /span id is not 16 hex/],
    ["no ids", { traceId: undefined, spanId: undefined }, /trace id/],
    ["a start that is a word", { startTimeUnixNano: "soon" }, /start is not/],
    ["an end of 65 bits", { endTimeUnixNano: "18446744073709551616" }, /end is not/],
    ["a string value that is a number", valued({ stringValue: 1 }), /value/],
    ["an attribute of 51 levels", valued(nested(51)), /nested too deeply/],
  ])("%s costs that span only", (_title, fault, message) => {
    const span = (name: string, more: object = {}): object => ({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      name,
      ...more,
    });
    const read = decode(jsonOf(span("before"), span("bad", fault), span("after")));
    expect(read.names).toEqual(["before", "after"]);
    expect(read).toMatchObject({ rejected: 1, malformed: false });
    expect(read.message).toMatch(message);
  });

  it("replaces bytes that are no UTF-8", () => {
    const text = Buffer.from(jsonOf({ traceId: TRACE_ID, spanId: SPAN_ID, name: "a?b" })).toString();
    expect(decode(Buffer.from(text.replace("?", "\xff"), "latin1")).spans[0]?.name).toBe("a\ufffdb");
  });

  it("refuses an attribute of 10,000 levels, and keeps its sibling", () => {
    const text = Buffer.from(
      jsonOf(
        { traceId: TRACE_ID, spanId: SPAN_ID, ...valued({ stringValue: "DEEP" }) },
        { traceId: TRACE_ID, spanId: SPAN_ID, name: "after" },
      ),
    ).toString();
    const deep = `{"arrayValue":{"values":[`.repeat(10_000) + "]}}".repeat(10_000);
    const read = decode(Buffer.from(text.replace('{"stringValue":"DEEP"}', deep)));
    expect(read).toMatchObject({ names: ["after"], rejected: 1, malformed: false });
  });

  it("keeps an attribute of 50 levels", () => {
    expect(
      decode(jsonOf({ traceId: TRACE_ID, spanId: SPAN_ID, name: "deep", ...valued(nested(50)) })).names,
    ).toEqual(["deep"]);
  });

  it("counts spans that are no objects", () => {
    expect(decode(Buffer.from('{"resourceSpans":[{"scopeSpans":[{"spans":[1,null,[]]}]}]}'))).toMatchObject({
      rejected: 3,
    });
  });

  it.each([
    ["no JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["nothing", ""],
    ["a million open brackets", "[".repeat(1_000_000)],
  ])("says that %s is malformed", (_title, text) => {
    expect(decode(Buffer.from(text))).toMatchObject({ spans: [], malformed: true });
  });

  it.each(["{}", '{"resourceSpans":null}', '{"resourceSpans":[{"scopeSpans":[{"spans":null},{}]},{}]}'])(
    "takes %s for a request without spans",
    (text) => {
      expect(decode(Buffer.from(text))).toMatchObject({ spans: [], rejected: 0, malformed: false });
    },
  );

  it.each([
    ["a resource", '"resourceSpans":[', '"resourceSpans":[5,'],
    ["a resource's scopes", '"scopeSpans":[', '"scopeSpans":"x","scopeSpans":['],
    ["a scope", '"scopeSpans":[', '"scopeSpans":[null,'],
    ["a scope's spans", '"spans":[', '"spans":{},"spans":['],
  ])("says that %s of a wrong shape is malformed, and keeps its siblings", (_title, search, wrong) => {
    const good = Buffer.from(jsonOf({ traceId: TRACE_ID, spanId: SPAN_ID, name: "good" })).toString();
    expect(decode(Buffer.from(good.replace(search, wrong)))).toMatchObject({
      names: ["good"],
      malformed: true,
      message: expect.stringContaining("array"),
    });
  });

  it("says that a request of a wrong shape is malformed", () => {
    expect(decode(Buffer.from('{"resourceSpans":{}}'))).toMatchObject({ names: [], malformed: true });
  });

  it("keeps the spans before a fault of syntax", () => {
    const span = (name: string): string => JSON.stringify({ traceId: TRACE_ID, spanId: SPAN_ID, name });
    const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span("a")},${span("b")},{"traceId":nil`;
    expect(decode(Buffer.from(text))).toMatchObject({ names: ["a", "b"], rejected: 0, malformed: true });
  });

  it("leaves out the attributes of a resource that cannot be read, and keeps the others", () => {
    const resource = (value: object): string =>
      JSON.stringify({
        attributes: [
          { key: "bad", value },
          { key: "good", value: { stringValue: "x" } },
        ],
      });
    const spans = JSON.stringify([{ traceId: TRACE_ID, spanId: SPAN_ID }]);
    for (const value of [{ intValue: "x" }, nested(60)]) {
      const read = decode(
        Buffer.from(`{"resourceSpans":[{"resource":${resource(value)},"scopeSpans":[{"spans":${spans}}]}]}`),
      );
      expect(read).toMatchObject({ rejected: 0, malformed: false });
      expect(read.request.resourceSpans?.[0]).toMatchObject({ resource: { attributes: [{ key: "good" }] } });
    }
  });
});

function nested(levels: number): object {
  let value: object = {};
  for (let level = 0; level < levels; level++) value = { arrayValue: { values: [value] } };
  return value;
}

function valued(value: object): { attributes: object[] } {
  return { attributes: [{ key: "k", value }] };
}

/** The same request as OTLP's JSON writes it: ids in hexadecimal, other bytes in base64, numbers that JSON has not as strings. */
function toOtlpJson(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    if (key.endsWith("Id")) return Buffer.from(value as number[]).toString("hex");
    if (key === "bytesValue") return Buffer.from(value as number[]).toString("base64");
    return value.map((item) => toOtlpJson(item));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toOtlpJson(inner, name)]));
  }
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)))
    return Object.is(value, -0) ? "-0" : String(value);
  return value;
}

/** Leaves out what protobuf's JSON need not write: zeros, empty texts and empty messages outside of attribute values. */
function withoutDefaults(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDefaults(item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, inner]) => [name, withoutDefaults(inner, name)] as const)
    .filter(([name, inner]) => name.endsWith("Value") || key === "value" || !isDefault(inner));
  return Object.fromEntries(entries);
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === "" || value === 0 || value === "0";
}
