import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeRecords, encodeRecord } from "../../../../src/engine/log/record.ts";
import { comparable, logRecord, numberedRequest } from "./arbitrary-records.ts";

test("records of every kind come back as they were", () => {
  fc.assert(
    fc.property(fc.array(logRecord), (records) => {
      const { records: read, unreadable } = decodeRecords(Buffer.concat(records.flatMap(encodeRecord)));
      expect(unreadable).toBe(0);
      expect(read.map(comparable)).toEqual(records.map(comparable));
    }),
  );
});

test("a request's body is not copied", () => {
  const record = numberedRequest(1);
  expect(encodeRecord(record)).toContain(record.body);
});

describe("a record that makes no sense is counted, and costs only itself", () => {
  const sound = Buffer.concat(encodeRecord(numberedRequest(7)));
  const control = (value: unknown): Buffer => framed(2, Buffer.from(JSON.stringify(value)));
  test.each<[string, Buffer]>([
    ["of a kind of a later version", framed(99, Buffer.from("something"))],
    ["without a kind's content", framed(1, Buffer.alloc(0))],
    ["with a signal that does not exist", framed(1, Buffer.alloc(20, 9))],
    ["with a session id that is none", framed(1, Buffer.concat([Buffer.alloc(19), Buffer.from("\x03a/b")]))],
    [
      "whose session id is longer than it",
      framed(1, Buffer.concat([Buffer.alloc(19), Buffer.from("\xffa", "latin1")])),
    ],
    ["of JSON that is cut off", framed(2, Buffer.from('{"kind":"clea'))],
    ["of text that is not UTF-8", framed(2, Buffer.from([0xff, 0xfe]))],
    ["that is null", control(null)],
    ["that is a list", control([])],
    ["with a control kind that is unknown", control({ kind: "exploded" })],
    ["named like a method of every object", control({ kind: "toString" })],
    ["without its fields", control({ kind: "cleared" })],
    ["with a field of the wrong type", control({ kind: "pinned", traceId: "no", pinned: true })],
    [
      "with an agent that says nothing",
      control({ kind: "agent-connected", connection: 1, atMs: 1, hello: {} }),
    ],
  ])("%s", (_, bad) => {
    const { records, unreadable } = decodeRecords(Buffer.concat([sound, bad, sound]));
    expect(unreadable).toBe(1);
    expect(records.map(comparable)).toEqual([numberedRequest(7), numberedRequest(7)].map(comparable));
  });
});

test("any bytes are read without an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decodeRecords(bytes).records.length).toBeLessThanOrEqual(bytes.length / 5);
    }),
  );
});

function framed(kind: number, content: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32LE(1 + content.length, 0);
  header[4] = kind;
  return Buffer.concat([header, content]);
}
