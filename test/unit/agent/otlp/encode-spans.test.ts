import fc from "fast-check";
import { expect, test } from "vitest";

import { encodeResource, encodeSpans, type RecordedSpan } from "../../../../src/agent/otlp/encode-spans.ts";
import { decodeRequest } from "../../../agent/receiver.ts";

const resource = encodeResource({ "service.name": "shop", "process.pid": 7 });
const hexId = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString("hex"));
const hrTime = fc.tuple(fc.nat(4_000_000_000), fc.nat(999_999_999));
const attributeValue = fc.oneof(
  fc.string({ unit: "binary", maxLength: 400 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).filter((value) => !Number.isSafeInteger(value)),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }),
);
const attributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 60 }), attributeValue, {
  noNullPrototype: true,
});

const spans = fc.record({
  traceId: hexId(16),
  spanId: hexId(8),
  parentSpanId: fc.option(hexId(8), { nil: "" }),
  name: fc.string({ maxLength: 300 }),
  kind: fc.nat(4),
  start: hrTime,
  end: hrTime,
  attributes,
  events: fc.array(fc.record({ name: fc.string(), time: hrTime, attributes }), { maxLength: 3 }),
  status: fc.record({ code: fc.nat(2), message: fc.option(fc.string(), { nil: undefined }) }),
  ended: fc.boolean(),
  scope: fc.string({ unit: "grapheme-ascii", maxLength: 10 }),
});
type Generated = typeof spans extends fc.Arbitrary<infer T> ? T : never;

function recorded(span: Generated): RecordedSpan {
  return {
    name: span.name,
    kind: span.kind,
    startTime: span.start,
    endTime: span.end,
    attributes: span.attributes,
    status: span.status,
    events: span.events,
    links: [],
    instrumentationScope: { name: span.scope },
    parentSpanContext: span.parentSpanId === "" ? undefined : { spanId: span.parentSpanId },
    spanContext: () => ({ traceId: span.traceId, spanId: span.spanId, traceFlags: 1 }),
  };
}

const toNs = ([seconds, nanos]: readonly [number, number]): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanos);

test("what was encoded is what protobufjs decodes", () => {
  fc.assert(
    fc.property(fc.array(spans, { maxLength: 8 }), (generated) => {
      const entries = generated.map((span) => ({ span: recorded(span), ended: span.ended, code: undefined }));
      const decoded = decodeRequest(encodeSpans(resource, entries));
      const byScope = new Map<string, Generated[]>();
      for (const span of generated) byScope.set(span.scope, [...(byScope.get(span.scope) ?? []), span]);
      const expected = [...byScope.values()].flat();
      expect(decoded).toHaveLength(expected.length);
      for (const [index, span] of expected.entries()) {
        expect(decoded[index]).toEqual({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId,
          name: span.name,
          kind: span.kind + 1,
          startNs: toNs(span.start),
          endNs: span.ended ? toNs(span.end) : 0n,
          attributes: span.attributes,
          statusCode: span.status.code,
          events: span.events.map(({ name, attributes: given }) => ({ name, attributes: given })),
          scope: span.scope,
          resource: { "service.name": "shop", "process.pid": 7 },
        });
      }
    }),
    { numRuns: 200 },
  );
});

const good: Generated = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: "",
  name: "good",
  kind: 0,
  start: [1, 2],
  end: [3, 4],
  attributes: {},
  events: [],
  status: { code: 0, message: undefined },
  ended: true,
  scope: "",
};

test.each([
  [
    "whose context throws",
    {
      spanContext: () => {
        throw new Error("no context");
      },
    },
  ],
  ["without a start", { startTime: undefined }],
  ["with a value that has no string form", { attributes: { bad: Object.create(null) as unknown } }],
])("a span %s costs only itself", (_why, broken) => {
  const bad = { ...recorded(good), ...broken } as unknown as RecordedSpan;
  const entries = [bad, recorded(good)].map((span) => ({ span, ended: true, code: undefined }));
  expect(decodeRequest(encodeSpans(resource, entries)).map(({ name }) => name)).toEqual(["good"]);
});

test("code attributes come after the span's own, and SDK 1.x names its scope and parent differently", () => {
  const { instrumentationScope: _scope, parentSpanContext: _parent, ...rest } = recorded(good);
  const old: RecordedSpan = {
    ...rest,
    instrumentationLibrary: { name: "old" },
    parentSpanId: "00f067aa0ba902b7",
  };
  const [span] = decodeRequest(
    encodeSpans(resource, [{ span: old, ended: false, code: { "code.line.number": 12 } }]),
  );
  expect(span).toMatchObject({
    scope: "old",
    parentSpanId: "00f067aa0ba902b7",
    attributes: { "code.line.number": 12 },
  });
});

test("code attributes that were written before are written again for each span of the same place", () => {
  const code = { "code.file.path": "/shop/färben.ts", "code.line.number": 12 };
  const entry = { span: recorded(good), ended: true, code };
  const [first, second, third] = [
    ...decodeRequest(encodeSpans(resource, [entry, entry])),
    ...decodeRequest(encodeSpans(resource, [entry])),
  ];
  expect(first?.attributes).toMatchObject(code);
  expect([second, third]).toEqual([first, first]);
});
