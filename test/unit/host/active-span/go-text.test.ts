import { expect, test } from "vitest";
import {
  hexOfDecimals,
  parseAttribute,
  parseRecordingSpan,
  unixNanos,
} from "../../../../src/host/active-span/go-text.ts";

/** As Delve 1.27 wrote it of a server's span, shortened at its end. */
const SPAN = `interface {}(*trace.recordingSpan) *{Span: embedded.Span nil, mu: sync.Mutex {_: sync.noCopy {}, mu: (*"internal/sync.Mutex")(0x1b7046484d30)}, parent: trace.SpanContext {traceID: trace.TraceID [10,247,101,25,22,205,67,221,132,72,235,33,28,128,49,156], spanID: trace.SpanID [183,173,107,113,105,32,51,49], traceFlags: FlagsSampled (1), traceState: (*"trace.TraceState")(0x1b7046484d58), remote: true}, spanKind: SpanKindServer (2), name: "GET /stock", startTime: time.Time(2026-11-23T21:53:56Z, +28726716){wall: 14031328977045427451, ext: 28726716, loc: *(*time.Location)(0x16f1b40)}, endTime: time.Time(0001-01-01T00:00:00Z){wall: 0, ext: 0, loc: *time.Location nil}, status: trace.Status {Code: Unset (0), Description: ""}, childSpanCount: 1, spanContext: trace.SpanContext {traceID: trace.TraceID [10,247,101,25,22,205,67,221,132,72,235,33,28,128,49,156], spanID: trace.SpanID [179,107,157,87,184,136,75,53], traceFlags: FlagsSampled (1), traceState: (*"trace.TraceState")(0x1b7046484e00), remote: false}, attributes: []attribute.KeyValue len: 10, cap: 10, [(*"attribute.KeyValue")(0x1b70464cf608)], droppedAttributes: 0}`;

test("a recording span is read from Delve's text", () => {
  expect(parseRecordingSpan(SPAN)).toEqual({
    span: {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b36b9d57b8884b35",
      name: "GET /stock",
      parentSpanId: "b7ad6b7169203331",
      startTimeUnixNano: "1795470836191894779",
      ended: false,
      attributes: [],
    },
    attributeCount: 10,
  });
});

test("what a name says is not taken for a field", () => {
  const name = String.raw`a\", spanContext: trace.SpanContext {traceID: [1], spanID: [2]}, name: \"b`;
  const { span } = parseRecordingSpan(SPAN.replace("GET /stock", name)) ?? {};
  expect(span).toMatchObject({ spanId: "b36b9d57b8884b35", name: name.replaceAll("\\", "") });
});

test("a span that has ended is said to have", () => {
  const ended = SPAN.replace("){wall: 0, ext: 0,", "){wall: 14031328977045427451, ext: 28726716,");
  expect(parseRecordingSpan(ended)?.span.ended).toBe(true);
});

test.each([
  undefined,
  "",
  "nil",
  "interface {}(trace.nonRecordingSpan) {noopSpan: trace.noopSpan {Span: embedded.Span nil}, sc: trace.SpanContext {traceID: trace.TraceID [1,2], spanID: trace.SpanID [3,4]}}",
  SPAN.slice(0, 256),
])("no recording span is read from %s", (text) => {
  expect(parseRecordingSpan(text)).toBeUndefined();
});

const keyValue = (value: string): string =>
  `attribute.KeyValue {Key: "k", Value: attribute.Value {${value}, slice: interface {} nil}}`;

test.each<readonly [text: string, value: unknown]>([
  ['vtype: STRING (4), numeric: 0, stringly: "127.0.0.1"', "127.0.0.1"],
  [String.raw`vtype: STRING (4), numeric: 0, stringly: "a \"b\" \n \x00"`, String.raw`a \"b\" \n \x00`],
  ['vtype: INT64 (2), numeric: 4642, stringly: ""', 4642],
  ['vtype: INT64 (2), numeric: 18446744073709551615, stringly: ""', -1],
  ['vtype: FLOAT64 (3), numeric: 4609434218613702656, stringly: ""', 1.5],
  ['vtype: BOOL (1), numeric: 1, stringly: ""', true],
  ['vtype: 1, numeric: 0, stringly: ""', false],
])("an attribute of %s is %j", (text, value) => {
  expect(parseAttribute(keyValue(text))).toEqual(["k", value]);
});

test.each([
  undefined,
  "nil",
  keyValue('vtype: STRINGSLICE (8), numeric: 0, stringly: ""'),
  "attribute.KeyValue {",
])("%s is no attribute", (text) => {
  expect(parseAttribute(text)).toBeUndefined();
});

test.each([
  ["trace.TraceID [12,233,0,255]", "0ce900ff"],
  ["[4]uint8 [1, 2, 3, 4]", "01020304"],
  ["[1,256]", undefined],
  ["nil", undefined],
])("%s is %s", (text, hex) => {
  expect(hexOfDecimals(text)).toBe(hex);
});

test.each<readonly [wall: string, ext: string, nanos: string | undefined]>([
  // time.Date(2023, 11, 14, 22, 13, 20, 789, UTC) without a monotonic clock, and with one.
  ["789", "63835596800", "1700000000000000789"],
  [String((1n << 63n) | ((1_700_000_000n + 2_682_288_000n) << 30n) | 789n), "1", "1700000000000000789"],
  ["0", "0", undefined],
])("Go's time of wall %s and ext %s is %s", (wall, ext, nanos) => {
  expect(unixNanos(wall, ext)).toBe(nanos);
});
