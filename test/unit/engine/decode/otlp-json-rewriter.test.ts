import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  rewriteJson,
  rewriteLogsJson,
  rewriteMetricsJson,
  rewriteTracesJson,
} from "../../../../src/engine/decode/otlp-json-rewriter.ts";
import {
  anyRequestOf,
  asRead,
  asSent,
  toJson,
  type Plain,
  type RequestName,
} from "../otlp-signals-oracle.ts";

const REWRITE = {
  Request: rewriteTracesJson,
  MetricsRequest: rewriteMetricsJson,
  LogsRequest: rewriteLogsJson,
} as const;
const SIGNAL = { Request: "traces", MetricsRequest: "metrics", LogsRequest: "logs" } as const;
const NAMES = ["Request", "MetricsRequest", "LogsRequest"] as const;

const NO_ISSUES = { rejectedCount: 0, message: "", malformed: false };

function rewrite(name: RequestName, json: string | Uint8Array) {
  const { body, ...issues } = REWRITE[name](typeof json === "string" ? Buffer.from(json) : json);
  return { request: asRead(name, body), issues };
}

describe.each(NAMES)("rewriting a %s", (name) => {
  it("says in protobuf what the JSON says, however that is laid out", () => {
    const layout = fc.constantFrom(undefined, 1, "\t");
    fc.assert(
      fc.property(anyRequestOf(name), layout, (request, indent) => {
        const json = JSON.stringify(toJson(name, request), undefined, indent);
        expect(rewrite(name, json)).toEqual({ request: asSent(name, request), issues: NO_ISSUES });
      }),
      { numRuns: 100 },
    );
  });

  it("reads the same whatever was read before it", () => {
    fc.assert(
      fc.property(fc.array(anyRequestOf(name), { minLength: 2, maxLength: 3 }), (requests) => {
        for (const request of [...requests, ...requests]) {
          const json = JSON.stringify(toJson(name, shuffled(request)));
          expect(rewrite(name, json).request).toEqual(asSent(name, request));
        }
      }),
      { numRuns: 30 },
    );
  });

  it("survives a cut at every byte, and keeps nothing that is not there", () => {
    const [request] = fc.sample(anyRequestOf(name), { numRuns: 1, seed: 7 });
    const json = Buffer.from(JSON.stringify(toJson(name, request ?? {})));
    for (let end = 0; end < json.length; end++) {
      const { issues } = rewrite(name, json.subarray(0, end));
      expect(issues).toMatchObject({ malformed: true, rejectedCount: 0 });
    }
  });
});

describe("text that was damaged", () => {
  const damage = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom(...Buffer.from('{}[],:"\\09afue-.E \n\0\xff', "latin1"))),
    {
      maxLength: 4,
    },
  );

  it.each(NAMES)("is judged as JSON.parse does, and read the same when it is spaced out (%s)", (name) => {
    fc.assert(
      fc.property(anyRequestOf(name), damage, (request, changes) => {
        const json = Buffer.from(JSON.stringify(toJson(name, request)));
        for (const [at, byte] of changes) json[at % json.length] = byte;
        const { request: read, issues } = rewrite(name, json);
        const slowly = rewrite(name, spacedOut(json));
        expect(read).toEqual(slowly.request);
        expect(withoutPosition(issues)).toEqual(withoutPosition(slowly.issues));
        const { rewritten } = inParts(SIGNAL[name], json, 3);
        expect({ ...rewritten, body: asRead(name, rewritten.body) }).toEqual({ ...issues, body: read });
        if (isJson(json.toString())) expect(issues.message).not.toContain("not JSON");
        else expect(issues.malformed).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

/** With a space behind each brace, bracket, comma and colon, which no shortcut expects. */
function spacedOut(json: Uint8Array): Uint8Array {
  const text = Buffer.from(json).toString("latin1");
  return Buffer.from(
    text.replace(/"(?:[^"\\]|\\[^])*"?|[{[,:]/g, (token) => (token.startsWith('"') ? token : `${token} `)),
    "latin1",
  );
}

function withoutPosition({ message, ...issues }: { message: string }): object {
  return { ...issues, message: message.replace(/byte \d+/, "") };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The same request with the keys of its objects in the opposite order. */
function shuffled(value: Plain): Plain {
  const turn = (inner: unknown): unknown =>
    Array.isArray(inner)
      ? inner.map(turn)
      : typeof inner === "object" && inner !== null
        ? shuffled(inner as Plain)
        : inner;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turn(inner)]),
  );
}

describe("the specification's examples", () => {
  const folder = new URL("../../../../../shared/conformance/otlp/", import.meta.url);

  it.skipIf(!existsSync(folder)).each([
    ["metrics.json", "MetricsRequest", { name: "my.exponential.histogram" }],
    ["logs.json", "LogsRequest", { severityNumber: 10 }],
    ["events.json", "LogsRequest", { eventName: "browser.page_view" }],
  ] as const)("%s is read whole (skipped without ../shared/conformance)", (file, name, expected) => {
    const { request, issues } = rewrite(name, readFileSync(new URL(file, folder)));
    expect(issues).toEqual(NO_ISSUES);
    expect(JSON.stringify(request)).toContain(JSON.stringify(expected).slice(1, -1));
  });
});

describe("a bad item costs itself, and the reply says where it was", () => {
  const point = (fields: object): string => JSON.stringify({ timeUnixNano: "1", asDouble: 1, ...fields });
  const histogram = (fields: object): string => JSON.stringify({ count: "1", ...fields });
  const metric = (kind: string, points: readonly string[]): string =>
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","${kind}":{"dataPoints":[${points.join()}]}}]}]}]}`;
  const logs = (records: readonly string[]): string =>
    `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${records.join()}]}]}]}`;

  it.each([
    ["gauge", point({ asDouble: "warm" }), "asDouble", /value is not a number/],
    ["sum", point({ asInt: 1.5 }), "asInt", /asInt is not an integer/],
    ["sum", point({ timeUnixNano: -1 }), "timeUnixNano", /time is not an integer/],
    ["gauge", point({ attributes: [{ key: "k", value: 5 }] }), "attributes[0].value", /value is not one/],
    ["gauge", point({ exemplars: [{ asDouble: {} }] }), "exemplars[0].asDouble", /exemplar's value/],
    ["histogram", histogram({ bucketCounts: [1, "x"] }), "bucketCounts", /count is not an integer/],
    ["histogram", histogram({ bucketCounts: "12" }), "bucketCounts", /count is not an integer/],
    ["histogram", histogram({ explicitBounds: [1, null] }), "explicitBounds", /bound is not a number/],
    ["histogram", histogram({ count: -1 }), "count", /count is not an integer/],
    ["exponentialHistogram", histogram({ scale: 2 ** 31 }), "scale", /scale is not an integer of 32/],
    ["exponentialHistogram", histogram({ positive: { offset: "a" } }), "positive.offset", /offset/],
    [
      "summary",
      histogram({ quantileValues: [{}, { quantile: "p50" }] }),
      "quantileValues[1].quantile",
      /quantile/,
    ],
    ["summary", "7", "", /a data point is not a JSON object/],
  ])("in a %s: %s", (kind, bad, field, message) => {
    const good = kind === "gauge" || kind === "sum" ? point({}) : histogram({});
    const { request, issues } = rewrite("MetricsRequest", metric(kind, [good, bad, good]));
    expect(issues).toMatchObject({
      rejectedCount: 1,
      malformed: false,
      message: expect.stringMatching(message),
    });
    const where = `resourceMetrics[0].scopeMetrics[0].metrics[0].${kind}.dataPoints[1]`;
    expect(issues.message).toContain(`(${field === "" ? where : `${where}.${field}`})`);
    expect(request).toEqual(rewrite("MetricsRequest", metric(kind, [good, good])).request);
  });

  it.each([
    [{ timeUnixNano: "soon" }, "timeUnixNano"],
    [{ body: "text" }, "body"],
    [{ traceId: "no" }, "traceId"],
    [
      { body: { kvlistValue: { values: [{ key: "k", value: { intValue: "1.5" } }] } } },
      "body.kvlistValue.values[0].value.intValue",
    ],
  ])("in a log: %j", (bad, field) => {
    const good = JSON.stringify({ body: { stringValue: "fine" } });
    const { request, issues } = rewrite("LogsRequest", logs([good, JSON.stringify(bad), good]));
    expect(issues).toMatchObject({ rejectedCount: 1, malformed: false });
    expect(issues.message).toContain(`(resourceLogs[0].scopeLogs[0].logRecords[1].${field})`);
    expect(request).toEqual(rewrite("LogsRequest", logs([good, good])).request);
  });

  it("says where the syntax breaks", () => {
    const { issues } = rewrite(
      "LogsRequest",
      logs(['{"body":{"stringValue":"a"}}', '{"severityNumber":nine}']),
    );
    expect(issues).toMatchObject({ rejectedCount: 0, malformed: true });
    expect(issues.message).toMatch(/not JSON.*logRecords\[1\]\.severityNumber/);
  });

  it.each([
    ["a kind of metric", '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":[]}]}]}]}', "gauge"],
    [
      "data points",
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":{}}}]}]}]}',
      "dataPoints",
    ],
    ["a metric", '{"resourceMetrics":[{"scopeMetrics":[{"metrics":["m"]}]}]}', "metrics[0]"],
    ["metrics", '{"resourceMetrics":[{"scopeMetrics":[{"metrics":1}]}]}', "metrics"],
    ["a scope", '{"resourceMetrics":[{"scopeMetrics":[[]]}]}', "scopeMetrics[0]"],
  ])("says that %s of a wrong shape is malformed", (_title, json, where) => {
    const { issues } = rewrite("MetricsRequest", json);
    expect(issues).toMatchObject({ malformed: true, rejectedCount: 0 });
    expect(issues.message).toMatch(new RegExp(`${where.replace(/[[\]]/g, "\\$&")}\\)$`));
  });
});

/** The log records, wherever they nest. */
function itemsIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if ("logRecords" in value) return value.logRecords as unknown[];
  return Object.values(value).flatMap(itemsIn);
}

describe("JSON as others write it", () => {
  const log = (record: object): unknown => {
    const json = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
    const { request, issues } = rewrite("LogsRequest", json);
    expect(issues).toEqual(NO_ISSUES);
    return itemsIn(request)[0];
  };

  it.each([
    [{ severityNumber: "SEVERITY_NUMBER_ERROR2" }, { severityNumber: 18 }],
    [{ severityNumber: "17" }, { severityNumber: 17 }],
    [{ severityNumber: {}, eventName: "e" }, { eventName: "e" }],
    [
      { flags: 1, droppedAttributesCount: "3" },
      { flags: 1, droppedAttributesCount: 3 },
    ],
    [{ spanId: "EEE19b7ec3c1b174" }, { spanId: [0xee, 0xe1, 0x9b, 0x7e, 0xc3, 0xc1, 0xb1, 0x74] }],
    [{ timeUnixNano: 1e3, observed_time_unix_nano: 5 }, { timeUnixNano: "1000" }],
    [{ body: { doubleValue: "NaN" } }, { body: { doubleValue: Number.NaN } }],
    [{ body: { bytesValue: "_-8" } }, { body: { bytesValue: [0xff, 0xef] } }],
    [{ body: null, eventName: "e" }, { eventName: "e" }],
    [{ eventName: "\ud800" }, { eventName: "\ufffd" }],
    [{ body: { stringValueStrindex: 4 } }, { body: {} }],
  ])("%j is read", (record, expected) => {
    expect(log(record)).toEqual(expected);
  });

  it("reads the last of two values, joins two lists, and skips a byte order mark", () => {
    const json = `\ufeff{"resourceLogs":[],"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"a","eventName":"b"}],
      "logRecords":[{"eventName":"c"}]}]}]}`;
    const { request, issues } = rewrite("LogsRequest", json);
    expect(issues).toEqual(NO_ISSUES);
    expect(request).toEqual({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ eventName: "b" }, { eventName: "c" }] }] }],
    });
  });

  it.each([
    ["escapes in a known key", (json: string) => json.replace('"http.route"', '"http\\u002eroute"')],
    ["a space in a known head", (json: string) => json.replace('"http.route",', '"http.route", ')],
    [
      "the value before the key",
      (json: string) => json.replace(/("key":"http.route"),("value":\{[^}]+\})/, "$2,$1"),
    ],
    ["a space behind a value", (json: string) => json.replace('"/cart"}', '"/cart" }')],
    ["an unknown member behind a value", (json: string) => json.replace('"/cart"}}', '"/cart"},"x":[1]}')],
    ["an escape in a value", (json: string) => json.replace('"/cart"', '"\\/cart"')],
    ["a space before a field", (json: string) => json.replace(',"name"', ', "name"')],
    ["a null among the fields", (json: string) => json.replace(',"name"', ',"kind":null,"name"')],
    [
      "a null for another kind of value",
      (json: string) => json.replace('"stringValue"', '"intValue":null,"stringValue"'),
    ],
  ])("reads %s like what it has seen before", (_title, change) => {
    const span = {
      spanId: "0102030405060708",
      name: "GET",
      attributes: [
        { key: "http.method", value: { stringValue: "GET" } },
        { key: "http.route", value: { stringValue: "/cart" } },
        { key: "http.port", value: { intValue: "80" } },
      ],
    };
    const json = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span, span] }] }] });
    const plain = rewrite("Request", json);
    const changed = change(json);
    expect(changed).not.toBe(json);
    expect(rewrite("Request", changed)).toEqual(plain);
  });

  it("takes time in proportion to the text", () => {
    const deep = '{"arrayValue":{"values":['.repeat(200_000);
    const wide = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[${'{"key":"k","value":{"kvlistValue":{"values":['.repeat(5000)}`;
    const broken = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{"timeUnixNano":"x"},'.repeat(100_000)}`;
    for (const text of [`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}`, wide, broken]) {
      const before = process.cpuUsage();
      expect(rewrite("LogsRequest", text).issues.malformed).toBe(true);
      const { user, system } = process.cpuUsage(before);
      expect(user + system).toBeLessThan(2e6);
    }
  });
});

describe("rewriting a large request in parts", () => {
  const spans = Array.from({ length: 30_000 }, (_, index) => ({
    traceId: (index + 1).toString(16).padStart(32, "0"),
    spanId: "00000000000000ab",
    name: index % 1000 === 999 ? 7 : `span ${index}`,
    startTimeUnixNano: index % 1000 === 500 ? "never" : "1",
  }));
  const points = Array.from({ length: 60_000 }, (_, index) => ({ timeUnixNano: "1", asDouble: index }));
  const scopes = Array.from({ length: 100_000 }, (_, index) => ({ scope: { name: `scope ${index}` } }));
  const invalid = Buffer.alloc(4e6, "é", "latin1");

  it.each([
    ["traces", { resourceSpans: [{ scopeSpans: [{ spans }] }] }],
    ["traces", { resourceSpans: [{ scopeSpans: scopes }] }],
    ["traces", { resourceSpans: scopes.map(() => ({})).concat(spans) }],
    ["logs", { resourceLogs: [{ scopeLogs: [{ logRecords: spans }] }] }],
    ["metrics", { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ gauge: { dataPoints: points } }] }] }] }],
    [
      "metrics",
      {
        resourceMetrics: [
          { scopeMetrics: [{ metrics: points.map(() => ({ unit: "seconds", gauge: {} })) }] },
        ],
      },
    ],
  ] as const)("takes a step for each megabyte of %s", (signal, request) => {
    const json = Buffer.from(JSON.stringify(request));
    const { parts, rewritten } = inParts(signal, json);
    expect(parts).toBeGreaterThan(json.length / 2 ** 20 - 1.5);
    expect(parts).toBeGreaterThan(1);
    const whole = inParts(signal, json, Infinity);
    expect(whole.parts).toBe(1);
    expect({ ...whole.rewritten, body: [] }).toEqual({ ...rewritten, body: [] });
    expect(Buffer.compare(whole.rewritten.body, rewritten.body)).toBe(0);
  });

  it("replaces the same of what is no UTF-8, wherever parts end", () => {
    const pieces = [
      "61",
      "e282ac",
      "f09f9880",
      "c3a9",
      "80",
      "bf",
      "e2",
      "e282",
      "f0",
      "f09f98",
      "c0",
      "ed",
      "ff",
      "efbbbf",
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (hex, partBytes) => {
          const url = Buffer.from(hex.join(""), "hex");
          const json = Buffer.concat([
            Buffer.from('{"resourceSpans":[{"schemaUrl":"'),
            url,
            Buffer.from('"}]}'),
          ]);
          const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(json);
          const { rewritten } = inParts("traces", json, partBytes);
          expect(asRead("Request", rewritten.body)).toEqual(rewrite("Request", text).request);
          expect(rewritten).toMatchObject(NO_ISSUES);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("tells the place of a fault behind many parts, in parts", () => {
    const spans = Array.from({ length: 3000 }, (_, n) => ({ name: `span ${n}` }));
    const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }).slice(0, -4));
    const { parts, rewritten } = inParts("traces", json, 1000);
    expect(rewritten).toMatchObject({ malformed: true, message: inParts("traces", json).rewritten.message });
    expect(parts).toBeGreaterThan((2.5 * json.length) / 1000);
  });

  it("replaces what is no UTF-8 in parts too", () => {
    const json = Buffer.concat([Buffer.from('{"resourceSpans":[],"x":"'), invalid, Buffer.from('"}')]);
    const { parts, rewritten } = inParts("traces", json);
    expect(parts).toBeGreaterThan(3);
    expect(rewritten).toMatchObject({ malformed: false, rejectedCount: 0 });
  });
});

function inParts(signal: "traces" | "metrics" | "logs", json: Uint8Array, partBytes?: number) {
  const rewriting = rewriteJson(signal, json, partBytes);
  for (let parts = 1; ; parts++) {
    const { done, value } = rewriting.next();
    if (done === true) return { parts, rewritten: value };
  }
}
