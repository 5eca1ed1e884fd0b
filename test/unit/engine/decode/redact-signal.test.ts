import { describe, expect, test } from "vitest";
import { redactLogs, redactMetrics } from "../../../../src/engine/decode/redact-signal.ts";
import { Redactor } from "../../../../src/engine/decode/redact.ts";
import { asRead, encodeAs, type Plain, type RequestName } from "../otlp-signals-oracle.ts";

const SECRET = "hunter2-hunter2";
const secret = { key: "db.password", value: { stringValue: SECRET } };
const harmless = { key: "http.route", value: { stringValue: "/cart" } };
const attributes = [secret, harmless];
const masked = JSON.stringify("*".repeat(SECRET.length));

function redacted(name: RequestName, request: Plain): string {
  const body = encodeAs(name, request);
  const redact = name === "LogsRequest" ? redactLogs : redactMetrics;
  redact(body, new Redactor(["password"]));
  return JSON.stringify(asRead(name, body));
}

const withMetric = (metric: object): Plain => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }],
});
const withLog = (logRecord: object): Plain => ({
  resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }],
});
const exemplars = [{ asDouble: 1, filteredAttributes: attributes }];

const metricPlaces: readonly [string, Plain][] = [
  ["a resource", { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [] }] }],
  ["a scope", { resourceMetrics: [{ scopeMetrics: [{ scope: { attributes }, metrics: [] }] }] }],
  ["a metric's metadata", withMetric({ name: "m", metadata: attributes })],
  ["a gauge's point", withMetric({ gauge: { dataPoints: [{ asDouble: 1, attributes }] } })],
  ["a sum's point", withMetric({ sum: { dataPoints: [{ asInt: "1", attributes }] } })],
  ["a histogram's point", withMetric({ histogram: { dataPoints: [{ attributes }] } })],
  [
    "an exponential histogram's point",
    withMetric({ exponentialHistogram: { dataPoints: [{ attributes }] } }),
  ],
  ["a summary's point", withMetric({ summary: { dataPoints: [{ attributes }] } })],
  ["a gauge's exemplar", withMetric({ gauge: { dataPoints: [{ exemplars }] } })],
  ["a sum's exemplar", withMetric({ sum: { dataPoints: [{ exemplars }] } })],
  ["a histogram's exemplar", withMetric({ histogram: { dataPoints: [{ exemplars }] } })],
  [
    "an exponential histogram's exemplar",
    withMetric({ exponentialHistogram: { dataPoints: [{ exemplars }] } }),
  ],
];

const logPlaces: readonly [string, Plain][] = [
  ["a resource", { resourceLogs: [{ resource: { attributes }, scopeLogs: [] }] }],
  ["a scope", { resourceLogs: [{ scopeLogs: [{ scope: { attributes }, logRecords: [] }] }] }],
  ["a record", withLog({ attributes })],
  ["a body that is a map", withLog({ body: { kvlistValue: { values: attributes } } })],
  [
    "a map in a list in a body",
    withLog({ body: { arrayValue: { values: [{ kvlistValue: { values: attributes } }] } } }),
  ],
];

describe("the value of a secret key is masked, its neighbours stay", () => {
  test.each([
    ...metricPlaces.map(([place, request]) => [place, "MetricsRequest", request] as const),
    ...logPlaces.map(([place, request]) => [place, "LogsRequest", request] as const),
  ])("in %s (%s)", (_, name, request) => {
    const text = redacted(name, request);
    expect(text).not.toContain(SECRET);
    expect(text).toContain(masked);
    expect(text).toContain("/cart");
  });
});

test.each([
  [{ stringValue: "paid with 4111 1111 1111 1111" }, "paid with **** **** **** ****"],
  [{ stringValue: "sent Authorization: Bearer abc123def456" }, "sent Authorization: Bearer ************"],
  [{ arrayValue: { values: [{ stringValue: "4111111111111111" }] } }, "****************"],
  [{ intValue: "4111111111111111" }, "*"],
])("what looks like a secret is masked in a body %j", (body, expected) => {
  const text = redacted("LogsRequest", withLog({ body }));
  expect(text).toContain(expected);
  expect(text).not.toContain("4111");
  expect(text).not.toContain("abc123");
});

test("a body that is not well formed is overwritten from there to the end of its record, and its siblings stay", () => {
  const good = withLog({ body: { stringValue: "kept" }, attributes });
  const body = encodeAs("LogsRequest", {
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ attributes: [secret] }, { body: { stringValue: "kept" } }] }] },
    ],
  });
  // The first record's value says that it is longer than it is.
  const at = Buffer.from(body).indexOf(SECRET) - 1;
  body[at] = 0x7f;
  redactLogs(body, new Redactor(["password"]));
  expect(Buffer.from(body).includes(SECRET)).toBe(false);
  expect(Buffer.from(body).includes("kept")).toBe(true);
  expect(redacted("LogsRequest", good)).toContain("kept");
});

test("no cut, however it falls, makes it throw or leaves a secret whole that it has read", () => {
  const whole = encodeAs(
    "LogsRequest",
    withLog({ attributes, body: { kvlistValue: { values: attributes } } }),
  );
  for (let length = 0; length < whole.length; length++) {
    const body = whole.slice(0, length);
    redactLogs(body, new Redactor(["password"]));
    expect(Buffer.from(body).includes(SECRET)).toBe(false);
  }
});
