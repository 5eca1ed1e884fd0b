import {
  encodeRequest,
  requestOf,
  spanId,
  spanOf,
  traceId,
  type PlainRequest,
} from "../unit/engine/otlp-oracle.ts";
import { requests } from "../../bench/engine-data.ts";
import { decodeTracesProtobuf } from "../../src/engine/decode/otlp-protobuf.ts";
import { encodeTracesJson } from "../../src/engine/query/encode-json.ts";
import { SpanStore } from "../../src/engine/store/span-store.ts";
import { OUTSIDE_ANY_RUN } from "../../src/model/ids.ts";
import { SpanBatch } from "../../src/model/span-batch.ts";

const text = (value: string): object => ({ stringValue: value });

const VALUES: readonly object[] = [
  text("GET /cart"),
  text("ä€😀\n\u0000"),
  { boolValue: true },
  { intValue: "-9223372036854775808" },
  { doubleValue: 0.1 },
  { bytesValue: [0, 255, 128] },
  {},
  { arrayValue: { values: [text("a"), { intValue: "1" }, {}, { arrayValue: {} }] } },
  {
    kvlistValue: { values: [{ key: "inner", value: { kvlistValue: { values: [{ key: "", value: {} }] } } }] },
  },
];
const ATTRIBUTES = VALUES.map((value, index) => ({ key: `key.${index}`, value }));

/** A span that has every field. */
function fullSpan(id: number, more: object = {}): object {
  return spanOf(id, {
    traceState: "a=1,b=2",
    parentSpanId: spanId(id === 1 ? 0 : id - 1),
    kind: 1 + (id % 5),
    attributes: [
      ...ATTRIBUTES,
      { key: "code.file.path", value: text("/home/dev/shop/src/cart.ts") },
      { key: "code.line.number", value: { intValue: "42" } },
    ],
    droppedAttributesCount: 1,
    events: [
      {
        timeUnixNano: "1700000000001000000",
        name: "exception",
        attributes: [{ key: "exception.stacktrace", value: text("Error: x\n    at f (/home/dev/a.ts:1:2)") }],
        droppedAttributesCount: 2,
      },
    ],
    droppedEventsCount: 3,
    links: [
      { traceId: traceId(9), spanId: spanId(9), traceState: "c=3", attributes: ATTRIBUTES, flags: 0x301 },
    ],
    droppedLinksCount: 4,
    status: { message: "no", code: 2 },
    flags: 0x101,
    ...more,
  });
}

const FULL: PlainRequest = {
  resourceSpans: [
    {
      resource: {
        attributes: [{ key: "service.name", value: text("shop") }, ...ATTRIBUTES],
        droppedAttributesCount: 5,
        entityRefs: [{ schemaUrl: "s", type: "service", idKeys: ["service.name"], descriptionKeys: ["x"] }],
      },
      schemaUrl: "https://opentelemetry.io/schemas/1.30.0",
      scopeSpans: [
        {
          scope: { name: "lib", version: "1", attributes: ATTRIBUTES },
          spans: [fullSpan(1), fullSpan(2)],
        },
        { schemaUrl: "u", spans: [fullSpan(4, { endTimeUnixNano: "0" })] },
      ],
    },
    { scopeSpans: [{ spans: [spanOf(1, { traceId: traceId(2) })] }] },
  ],
};

/** Small, so that a mutation is likely to matter; one service each, so that a mutation that moves a span to another place shows. */
export const PROTOBUF_BODIES: readonly Uint8Array[] = [
  encodeRequest(FULL),
  encodeRequest(requestOf([fullSpan(1), spanOf(2), spanOf(2)], "cart")),
  encodeRequest(requestOf([spanOf(1, { parentSpanId: spanId(1) }), spanOf(2, { parentSpanId: spanId(77) })])),
  ...requests({ spans: 6, spansPerRequest: 2, spansPerTrace: 4, seed: 1 }),
];

/** The same requests as OTLP/JSON. */
export const JSON_BODIES: readonly string[] = PROTOBUF_BODIES.map((body) => {
  const store = new SpanStore({ maxBytes: 1e9 });
  const batch = new SpanBatch();
  decodeTracesProtobuf(body, batch);
  store.append(batch, { session: undefined, run: OUTSIDE_ANY_RUN, channel: "http" });
  return Buffer.from(encodeTracesJson(store).json).toString();
});

/** Messages of a Span and objects of one, for putting between siblings. */
export const SPAN_MESSAGE = spanMessageOf(encodeRequest(requestOf([fullSpan(2)])));
export const SPAN_JSON = JSON.stringify(
  JSON.parse(JSON_BODIES[1] ?? "{}").resourceSpans[0].scopeSpans[0].spans[0],
);

/** The Span message of a request that has one. */
export function spanMessageOf(request: Uint8Array): Uint8Array {
  const batch = new SpanBatch();
  decodeTracesProtobuf(request, batch);
  return request.slice(batch.spanStart[0], batch.spanEnd[0]);
}

export const HELLO =
  '{"type":"hello","version":1,"pid":7,"ppid":1,"runtime":"node","runtimeVersion":"v20.20.2","argv":["a"],"ownSdk":false,"worker":false,"resource":{"service.name":"cart"}}';
export const SEARCHES: readonly string[] = [
  "cart status=error duration>=5ms",
  '-name="GET /cart" key.1!=5 service=shop',
  "key.3<-9223372036854775808 kind=server state=running run>=1",
  'key.0=* "a \\"b\\" c" -exists=*',
];
