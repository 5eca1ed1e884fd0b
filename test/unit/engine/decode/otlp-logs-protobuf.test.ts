import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireWriter } from "../../../../src/base/wire-writer.ts";
import { decodeLogsProtobuf } from "../../../../src/engine/decode/otlp-logs-protobuf.ts";
import { LogBatch } from "../../../../src/model/log-batch.ts";
import { NO_OFFSET } from "../../../../src/model/span-batch.ts";
import { anyLogsRequest, logOf, logsBody, type PlainLog } from "../otlp-logs-request.ts";
import { encodeAs } from "../otlp-signals-oracle.ts";

const TRACE = new Array<number>(16).fill(7);
const SPAN = new Array<number>(8).fill(9);

function decoded(body: Uint8Array) {
  const batch = new LogBatch();
  return { batch, issues: decodeLogsProtobuf(body, batch) };
}

test("a record's fields are in columns, and its offsets point at them", () => {
  const record: PlainLog = {
    ...logOf("hello", 5),
    observedTimeUnixNano: "1700000000006000000",
    severityNumber: 17,
    severityText: "ERROR",
    eventName: "cart.failed",
    traceId: TRACE,
    spanId: SPAN,
  };
  const { batch, issues } = decoded(logsBody([record]));
  expect(issues).toEqual({ rejectedCount: 0, message: "", malformed: false });
  const text = (start = 0, end = 0) => Buffer.from(batch.body.subarray(start, end)).toString();
  expect({
    count: batch.count,
    time: (BigInt(batch.timeHigh[0] ?? 0) << 32n) | BigInt(batch.timeLow[0] ?? 0),
    observed: (BigInt(batch.observedHigh[0] ?? 0) << 32n) | BigInt(batch.observedLow[0] ?? 0),
    severity: batch.severity[0],
    severityText: text(batch.severityTextStart[0], batch.severityTextEnd[0]),
    eventName: text(batch.eventNameStart[0], batch.eventNameEnd[0]),
    body: text((batch.bodyStart[0] ?? 0) + 2, batch.bodyEnd[0]),
    traceId: [...batch.body.subarray(batch.traceId[0], (batch.traceId[0] ?? 0) + 16)],
    spanId: [...batch.body.subarray(batch.spanId[0], (batch.spanId[0] ?? 0) + 8)],
  }).toEqual({
    count: 1,
    time: 1_700_000_000_005_000_000n,
    observed: 1_700_000_000_006_000_000n,
    severity: 17,
    severityText: "ERROR",
    eventName: "cart.failed",
    body: "hello",
    traceId: TRACE,
    spanId: SPAN,
  });
});

/** A scope's message around records that are written by hand: protobufjs refuses what is nested this deep. */
function bodyOf(...records: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter();
  const resource = writer.begin(0x0a);
  const scope = writer.begin(0x12);
  for (const record of records) writer.bytesField(0x12, record);
  writer.end(scope);
  writer.end(resource);
  return writer.written.slice();
}

/** A value of so many lists, one in the other. */
function nestedValue(levels: number): Uint8Array {
  let value: Uint8Array = Uint8Array.of(0x10, 1);
  for (let level = 0; level < levels; level++) {
    const writer = new WireWriter();
    const list = writer.begin(0x2a);
    writer.bytesField(0x0a, value);
    writer.end(list);
    value = writer.written.slice();
  }
  return value;
}

function field(tag: number, content: Uint8Array): Uint8Array {
  const writer = new WireWriter();
  writer.bytesField(tag, content);
  return writer.written.slice();
}

describe("a bad record costs itself, never its siblings", () => {
  const good = Uint8Array.of(0x10, 9);
  test.each<[string, Uint8Array, RegExp]>([
    ["with a trace id of 15 bytes", field(0x4a, Uint8Array.from(TRACE.slice(1))), /trace id is not 16 bytes/],
    ["with a span id of 9 bytes", field(0x52, Uint8Array.from([...SPAN, 1])), /span id is not 8 bytes/],
    ["with a body of 51 levels", field(0x2a, nestedValue(51)), /nested too deeply/],
    ["with an attribute of 51 levels", field(0x32, field(0x12, nestedValue(51))), /nested too deeply/],
    ["that is not well formed", Uint8Array.of(0x2a, 0x7f, 1), /not well formed/],
  ])("%s", (_, bad, message) => {
    const { batch, issues } = decoded(bodyOf(good, bad, good));
    expect(batch.count).toBe(2);
    expect(issues).toMatchObject({ rejectedCount: 1, malformed: false });
    expect(issues.message).toMatch(message);
  });
});

test("50 levels are taken", () => {
  const record = Uint8Array.from([
    ...field(0x2a, nestedValue(50)),
    ...field(0x32, field(0x12, nestedValue(50))),
  ]);
  expect(decoded(bodyOf(record)).batch.count).toBe(1);
});

test("zeros for ids are none", () => {
  const ids = { traceId: TRACE.map(() => 0), spanId: SPAN.map(() => 0) };
  const { batch } = decoded(logsBody([logOf("", 0, ids)]));
  expect([batch.traceId[0], batch.spanId[0]]).toEqual([NO_OFFSET, NO_OFFSET]);
});

test.each<[string, readonly number[]]>([
  ["a request that is no protobuf", [0xff, 0xff]],
  ["a resource longer than the request", [0x0a, 0x05, 0x12]],
  ["a scope longer than its resource", [0x0a, 0x02, 0x12, 0x05]],
  ["a record longer than its scope", [0x0a, 0x04, 0x12, 0x02, 0x12, 0x05]],
  ["a field that is a group", [0x0a, 0x01, 0x0b]],
])("%s is malformed, and a whole request before it is kept", (_, bytes) => {
  const { batch, issues } = decoded(Buffer.concat([logsBody([logOf("kept")]), Uint8Array.from(bytes)]));
  expect(issues.malformed).toBe(true);
  expect(issues.message).not.toBe("");
  expect(batch.count).toBe(1);
});

test("nothing is read beyond the body, and nothing throws, wherever it is cut or changed", () => {
  fc.assert(
    fc.property(anyLogsRequest, fc.nat(), fc.nat(), fc.nat(255), (request, cut, at, byte) => {
      const whole = encodeAs("LogsRequest", request);
      if (whole.length === 0) return;
      const body = whole.slice(0, (cut % whole.length) + 1);
      body[at % body.length] = byte;
      const { batch, issues } = decoded(body);
      expect(issues.rejectedCount).toBeGreaterThanOrEqual(0);
      for (let i = 0; i < batch.count; i++) {
        const end = batch.recordEnd[i] ?? 0;
        expect(batch.recordStart[i]).toBeLessThanOrEqual(end);
        expect(end).toBeLessThanOrEqual(body.length);
        if (batch.bodyStart[i] !== NO_OFFSET) expect(batch.bodyEnd[i]).toBeLessThanOrEqual(end);
      }
    }),
    { numRuns: 300 },
  );
});

test("of a request of more than 524,288 records the last ones are refused", () => {
  const count = (1 << 19) + 3;
  const records = Buffer.alloc(count * 2, Uint8Array.of(0x12, 0));
  const { batch, issues } = decoded(field(0x0a, field(0x12, records)));
  expect([batch.count, issues.rejectedCount]).toEqual([1 << 19, 3]);
});

test("a batch is used again, and gives back what one large request took", () => {
  const batch = new LogBatch();
  const many = Array.from({ length: 3000 }, (_, n) => logOf(`line ${n}`, n));
  decodeLogsProtobuf(logsBody(many), batch);
  expect(batch.count).toBe(3000);
  decodeLogsProtobuf(logsBody([logOf("one")]), batch);
  expect([batch.count, batch.scopes.length, batch.resources.length]).toEqual([1, 1, 1]);
  batch.retain(() => false);
  expect(batch.count).toBe(0);
});
