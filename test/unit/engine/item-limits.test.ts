import { expect, test } from "vitest";
import { createEngine } from "../../../src/engine/engine.ts";
import {
  MAX_ITEM_BYTES,
  MAX_ITEM_VALUES,
  MAX_METADATA_BYTES,
  MAX_POINT_BYTES,
  MAX_RESOURCE_BYTES,
} from "../../../src/model/item-limits.ts";
import { encodeAs, toJson, type Plain, type RequestName } from "./otlp-signals-oracle.ts";

const FROM = { sessionId: undefined, channel: "http" } as const;
const SIGNAL = { Request: "traces", LogsRequest: "logs", MetricsRequest: "metrics" } as const;

const ids = { traceId: Buffer.alloc(16, 7), spanId: Buffer.alloc(8, 7) };
const text = (value: string): Plain => ({ stringValue: value });
const attributesOf = (count: number): Plain[] =>
  Array.from({ length: count }, (_, n) => ({ key: `key ${n}`, value: text("x") }));
const long = (bytes: number): Plain[] => [{ key: "long", value: text("x".repeat(bytes)) }];
const list = (count: number): Plain[] => [
  { key: "list", value: { arrayValue: { values: Array.from({ length: count }, () => text("x")) } } },
];
/** A request of one signal with these items in one scope. */
const WITH: Readonly<Record<RequestName, (items: Plain[], resource?: Plain[]) => Plain>> = {
  Request: (spans, attributes = []) => ({
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }],
  }),
  LogsRequest: (logRecords, attributes = []) => ({
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }],
  }),
  MetricsRequest: (dataPoints, attributes = []) => ({
    resourceMetrics: [
      { resource: { attributes }, scopeMetrics: [{ metrics: [{ name: "m", gauge: { dataPoints } }] }] },
    ],
  }),
};
const ITEM: Readonly<Record<RequestName, (attributes: Plain[]) => Plain>> = {
  Request: (attributes) => ({ ...ids, name: "x", attributes }),
  LogsRequest: (attributes) => ({ ...ids, body: text("x"), attributes }),
  MetricsRequest: (attributes) => ({ timeUnixNano: "1700000000000000000", asDouble: 1, attributes }),
};

async function take(name: RequestName, request: Plain, encoding: "protobuf" | "json") {
  const engine = createEngine();
  const body =
    encoding === "json" ? Buffer.from(JSON.stringify(toJson(name, request))) : encodeAs(name, request);
  const taken = await engine.sink.takeInSlices(SIGNAL[name], new Uint8Array(body), encoding, FROM);
  await engine.dispose();
  return taken;
}

const KINDS = (["Request", "LogsRequest", "MetricsRequest"] as const).flatMap((name) =>
  (["protobuf", "json"] as const).map((encoding) => [name, encoding] as const),
);

test.each(KINDS)("an item as large as may be is taken: %s in %s", async (name, encoding) => {
  const small = name === "MetricsRequest" ? MAX_POINT_BYTES : MAX_ITEM_BYTES;
  const items = [ITEM[name](long(small - 1000)), ITEM[name](attributesOf(MAX_ITEM_VALUES / 2))];
  expect(await take(name, WITH[name](items), encoding)).toMatchObject({ acceptedCount: 2, message: "" });
});

test.each(KINDS)("an item beyond the limits costs itself alone: %s in %s", async (name, encoding) => {
  const size = name === "MetricsRequest" ? MAX_POINT_BYTES : MAX_ITEM_BYTES;
  for (const [attributes, fault] of [
    [long(size), /is longer than \d+ MiB/],
    [attributesOf(MAX_ITEM_VALUES + 1), /more than 20000 attributes|too many|too large/],
    [list(MAX_ITEM_VALUES + 1), /too many|too large/],
  ] as const) {
    const items = [ITEM[name](attributesOf(1)), ITEM[name](attributes), ITEM[name](attributesOf(2))];
    const taken = await take(name, WITH[name](items), encoding);
    expect(taken).toMatchObject({ acceptedCount: 2, rejectedCount: 1, malformed: false });
    expect(taken.message).toMatch(fault);
  }
});

test.each(KINDS)(
  "a resource beyond the limits is told, and its items are kept: %s in %s",
  async (name, encoding) => {
    const request = WITH[name]([ITEM[name](attributesOf(1))], long(MAX_RESOURCE_BYTES));
    const taken = await take(name, request, encoding);
    expect(taken).toMatchObject({ acceptedCount: 1, rejectedCount: 0, malformed: false });
    expect(taken.message).toMatch(/a resource or a scope is longer than 1 MiB/);
  },
);

test.each(["protobuf", "json"] as const)(
  "metadata of a metric is masked, and told and left out beyond the limit: in %s",
  async (encoding) => {
    const secret = { key: "password", value: text("hunter2") };
    const huge = [secret, ...long(MAX_METADATA_BYTES)];
    const request: Plain = {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [{ name: "m", metadata: huge, gauge: { dataPoints: [ITEM.MetricsRequest([])] } }],
            },
          ],
        },
      ],
    };
    const engine = createEngine();
    const body =
      encoding === "json"
        ? Buffer.from(JSON.stringify(toJson("MetricsRequest", request)))
        : encodeAs("MetricsRequest", request);
    const bytes = new Uint8Array(body);
    const taken = await engine.sink.takeInSlices("metrics", bytes, encoding, FROM);
    await engine.dispose();
    expect(taken).toMatchObject({ acceptedCount: 1, rejectedCount: 0, malformed: false });
    expect(taken.message).toMatch(/metadata is longer than 1 MiB/);
    if (encoding === "protobuf") {
      expect(Buffer.from(bytes).includes("hunter2"), "masked in place").toBe(false);
      expect(Buffer.from(bytes).includes("password")).toBe(true);
    }
  },
);
