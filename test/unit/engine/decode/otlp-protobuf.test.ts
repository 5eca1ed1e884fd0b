import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTracesProtobuf, TracesDecoder } from "../../../../src/engine/decode/otlp-protobuf.ts";
import { NO_OFFSET, SpanBatch } from "../../../../src/model/span-batch.ts";
import { WireWriter } from "../../../../src/base/wire-writer.ts";
import {
  anyRequest,
  decodeRequest,
  encodeRequest,
  requestOf,
  spanId,
  spanOf,
  spansIn,
  traceId,
} from "../otlp-oracle.ts";

interface ReadSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly start: string;
  readonly end: string;
  readonly status: number;
}

/** The columns of a batch as objects. */
function spansOf(batch: SpanBatch): ReadSpan[] {
  const base64 = (at: number, length: number): string =>
    Buffer.from(batch.body.slice(at, at + length)).toString("base64");
  const nanos = (high = 0, low = 0): string => ((BigInt(high) << 32n) | BigInt(low)).toString();
  return Array.from({ length: batch.count }, (_, i) => {
    const parent = batch.parentSpanId[i] ?? NO_OFFSET;
    return {
      traceId: base64(batch.traceId[i] ?? 0, 16),
      spanId: base64(batch.spanId[i] ?? 0, 8),
      parentSpanId: parent === NO_OFFSET ? "" : base64(parent, 8),
      name: new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        batch.body.slice(batch.nameStart[i], batch.nameEnd[i]),
      ),
      kind: batch.kind[i] ?? 0,
      start: nanos(batch.startHigh[i], batch.startLow[i]),
      end: nanos(batch.endHigh[i], batch.endLow[i]),
      status: batch.status[i] ?? 0,
    };
  });
}

/** The same with the messages and schema URLs of resource and scope, and what is left to the record. */
function withOrigins(batch: SpanBatch): { readonly span: ReadSpan; readonly origin: readonly string[] }[] {
  const text = (start = 0, end = 0): string =>
    Buffer.from(batch.body.subarray(start, end)).toString("latin1");
  return spansOf(batch).map((span, i) => {
    const scope = batch.scopes[batch.scope[i] ?? 0];
    const resource = batch.resources[scope?.resource ?? 0];
    const ranges = [resource?.message, resource?.schemaUrl, scope?.message, scope?.schemaUrl];
    const runs = Array.from(
      { length: (batch.runsEnd[i] ?? 0) - (i === 0 ? 0 : (batch.runsEnd[i - 1] ?? 0)) },
      (_, n) => (i === 0 ? 0 : (batch.runsEnd[i - 1] ?? 0)) + n,
    );
    return {
      span,
      origin: ranges.map((range) => text(range?.start, range?.end)),
      fields: runs.map((run) => text(batch.fieldsStart[run], batch.fieldsEnd[run])),
    };
  });
}

/** What protobufjs reads in the same bytes. */
function spansByOracle(bytes: Uint8Array): ReadSpan[] {
  return spansIn(decodeRequest(bytes)).map((span) => ({
    traceId: span.traceId ?? "",
    spanId: span.spanId ?? "",
    parentSpanId: span.parentSpanId ?? "",
    name: span.name ?? "",
    kind: span.kind ?? 0,
    start: span.startTimeUnixNano ?? "0",
    end: span.endTimeUnixNano ?? "0",
    status: span.status?.code ?? 0,
  }));
}

function namesIn(body: Uint8Array): {
  names: string[];
  rejected: number;
  malformed: boolean;
  message: string;
} {
  const batch = new SpanBatch();
  const issues = decodeTracesProtobuf(body, batch);
  const names = spansOf(batch).map(({ name }) => name);
  return { names, rejected: issues.rejectedCount, malformed: issues.malformed, message: issues.message };
}

describe("decodeTracesProtobuf", () => {
  it("reads what protobufjs reads", () => {
    const batch = new SpanBatch();
    fc.assert(
      fc.property(anyRequest, (request) => {
        const bytes = encodeRequest(request);
        const issues = decodeTracesProtobuf(bytes, batch);
        expect(issues).toEqual({ rejectedCount: 0, message: "", malformed: false });
        expect(spansOf(batch)).toEqual(spansByOracle(bytes));
      }),
      { numRuns: 50 },
    );
  });

  it("reads the same in parts of any size, whatever the bytes", () => {
    const whole = new SpanBatch();
    const part = new SpanBatch();
    fc.assert(
      fc.property(
        anyRequest,
        fc.option(fc.tuple(fc.nat(), fc.nat(255))),
        fc.integer({ min: 1, max: 40 }),
        (request, change, size) => {
          const body = encodeRequest(request);
          if (change !== null && body.length > 0) body[change[0] % body.length] = change[1];
          const issues = decodeTracesProtobuf(body, whole);
          const decoder = new TracesDecoder(body);
          const read: object[] = [];
          while (!decoder.isDone) {
            decoder.decode(part, size);
            read.push(...withOrigins(part));
          }
          expect(read).toEqual(withOrigins(whole));
          expect(decoder.issues).toEqual(issues);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("takes a resource and a scope that come behind their spans, for all parts", () => {
    const span = encodeRequest(requestOf([spanOf(1), spanOf(2), spanOf(3)]));
    const batch = new SpanBatch();
    decodeTracesProtobuf(span, batch);
    const spans = [0, 1, 2].map((i) => span.slice(batch.spanStart[i], batch.spanEnd[i]));
    const writer = new WireWriter();
    const resource = writer.begin(0x0a);
    const scope = writer.begin(0x12);
    for (const one of spans) writer.bytesField(0x12, one);
    writer.stringField(0x1a, "scope schema");
    writer.bytesField(0x0a, new Uint8Array([0x0a, 1, 0x73]));
    writer.end(scope);
    writer.stringField(0x1a, "resource schema");
    writer.bytesField(0x0a, new Uint8Array([0x10, 7]));
    writer.end(resource);
    const decoder = new TracesDecoder(writer.written.slice());
    const counts: number[] = [];
    while (!decoder.isDone) {
      decoder.decode(batch, 1);
      if (batch.count > 0) counts.push(batch.count);
      for (const { origin } of withOrigins(batch))
        expect(origin).toEqual(["\u0010\u0007", "resource schema", "\n\u0001s", "scope schema"]);
    }
    expect(counts).toEqual([1, 1, 1]);
  });

  it.each([
    ["requests of empty resources", [], [0x0a, 0]],
    ["resources of empty scopes", [0x0a], [0x12, 0]],
    ["resources of unknown fields", [0x0a], [0x78, 1]],
    ["scopes of spans that are refused", [0x0a, 0x12], [0x12, 0]],
    ["scopes of unknown fields", [0x0a, 0x12], [0x78, 1]],
  ])("goes through %s in parts", (_, around, field) => {
    const writer = new WireWriter();
    const marks = around.map((tag) => writer.begin(tag));
    for (let n = 0; n < 200_000; n++) for (const byte of field) writer.varint(byte);
    for (const mark of marks.reverse()) writer.end(mark);
    const body = writer.written.slice();
    const decoder = new TracesDecoder(body);
    const batch = new SpanBatch();
    let parts = 0;
    for (; !decoder.isDone; parts++) {
      decoder.decode(batch, body.length);
      expect(batch.refused.length).toBeLessThan(50_000);
    }
    expect(parts).toBeGreaterThan(5);
    expect(decoder.issues).toEqual(decodeTracesProtobuf(body, batch));
  });

  it("neither throws nor reads beyond the body, whatever the bytes", () => {
    const batch = new SpanBatch();
    const mutation = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(anyRequest, mutation, fc.nat(), (request, changes, cut) => {
        const bytes = encodeRequest(request);
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        const body = bytes.subarray(0, bytes.length - (cut % (bytes.length + 1)));
        decodeTracesProtobuf(body, batch);
        for (let i = 0; i < batch.count; i++) {
          expect(batch.spanEnd[i]).toBeLessThanOrEqual(body.length);
          expect((batch.traceId[i] ?? 0) + 16).toBeLessThanOrEqual(batch.spanEnd[i] ?? 0);
        }
      }),
      { numRuns: 100 },
    );
  });

  const bad: readonly (readonly [title: string, span: object, message: RegExp])[] = [
    ["a trace id of 15 bytes", { traceId: traceId(1).slice(1) }, /trace id is not 16 bytes/],
    ["a trace id of 17 bytes", { traceId: [...traceId(1), 1] }, /trace id is not 16 bytes/],
    ["no trace id", { traceId: [] }, /trace id/],
    ["a trace id of zeros", { traceId: traceId(0) }, /no trace id/],
    ["a span id of 7 bytes", { spanId: spanId(1).slice(1) }, /span id is not 8 bytes/],
    ["no span id", { spanId: [] }, /span id/],
    ["a span id of zeros", { spanId: spanId(0) }, /no span id/],
    ["a parent id of 3 bytes", { parentSpanId: [1, 2, 3] }, /parent span id is not 8 bytes/],
  ];
  it.each(bad)("%s costs that span only", (_title, fault, message) => {
    const body = encodeRequest(requestOf([spanOf(1), spanOf(2, fault), spanOf(3)]));
    const read = namesIn(body);
    expect(read).toMatchObject({ names: ["span 1", "span 3"], rejected: 1, malformed: false });
    expect(read.message).toMatch(message);
  });

  it.each([
    ["an attribute", 0x4a, 50, true],
    ["an attribute", 0x4a, 51, false],
    ["an attribute", 0x4a, 10_000, false],
    ["an event's attribute", 0x5a, 10_000, false],
    ["a link's attribute", 0x6a, 10_000, false],
  ])("%s (field 0x%s) of %i levels: kept is %s", (_title, tag, levels, kept) => {
    const writer = new WireWriter();
    writeScopeSpans(writer, [encodeSpan(1), encodeSpan(2, nested(tag, levels)), encodeSpan(3)]);
    const read = namesIn(writer.written);
    expect(read.names).toEqual(kept ? ["span 1", "span 2", "span 3"] : ["span 1", "span 3"]);
    expect(read.malformed).toBe(false);
    if (!kept) expect(read.message).toMatch(/nested too deeply/);
  });

  it("takes a parent id of zeros for none", () => {
    const batch = new SpanBatch();
    decodeTracesProtobuf(encodeRequest(requestOf([spanOf(1, { parentSpanId: spanId(0) })])), batch);
    expect(spansOf(batch)[0]?.parentSpanId).toBe("");
  });

  it("replaces invalid UTF-8 where it is read, and refuses nothing for it", () => {
    const body = encodeRequest(requestOf([spanOf(1, { name: "AAAA" })]));
    body.set([0xff, 0xfe], Buffer.from(body).indexOf("AAAA"));
    expect(namesIn(body)).toMatchObject({ names: ["\ufffd\ufffdAA"], rejected: 0, malformed: false });
  });

  it("keeps a megabyte of attribute value", () => {
    const huge = { attributes: [{ key: "huge", value: { stringValue: "x".repeat(1 << 20) } }] };
    expect(namesIn(encodeRequest(requestOf([spanOf(1, huge), spanOf(2)]))).names).toEqual([
      "span 1",
      "span 2",
    ]);
  });

  it("refuses a span whose attribute lies about its length, and keeps its siblings", () => {
    const writer = new WireWriter();
    const good = encodeSpan(1);
    const lying = encodeSpan(2, [0x4a, 0x7f, 0x0a]);
    writeScopeSpans(writer, [good, lying, encodeSpan(3)]);
    expect(namesIn(writer.written)).toMatchObject({
      names: ["span 1", "span 3"],
      rejected: 1,
      malformed: false,
    });
  });

  it("keeps what is whole of a body that was cut off", () => {
    const body = encodeRequest(requestOf([spanOf(1), spanOf(2), spanOf(3)]));
    const read = namesIn(body.subarray(0, body.length - 3));
    expect(read).toMatchObject({ names: ["span 1", "span 2"], rejected: 1, malformed: true });
  });

  it("keeps the next resource's spans when a scope's message is broken", () => {
    const broken = new WireWriter();
    writeScopeSpans(broken, [encodeSpan(1), Uint8Array.of(0xff)], 0x07);
    const whole = encodeRequest(requestOf([spanOf(2)]));
    const read = namesIn(Buffer.concat([broken.written, whole]));
    expect(read.names).toEqual(["span 1", "span 2"]);
    expect(read.malformed).toBe(true);
  });

  it("skips fields that it does not know", () => {
    const unknown = [
      0xf8, 0x07, 0x01, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfa, 0x07, 0x02, 0x61, 0x62, 0xfd, 0x07, 1, 2, 3,
      4,
    ];
    const writer = new WireWriter();
    writeScopeSpans(writer, [encodeSpan(1, unknown)]);
    expect(namesIn(Buffer.concat([Uint8Array.from(unknown), writer.written]))).toMatchObject({
      names: ["span 1"],
      rejected: 0,
      malformed: false,
    });
  });

  it.each([
    ["an unfinished varint", [0x08, 0xff]],
    ["a varint of eleven bytes", [0x08, ...new Array<number>(10).fill(0xff), 1]],
    ["a group", [0x0b, 0x0c]],
    ["field number 0", [0x02, 0x00]],
    ["a length beyond the end", [0x0a, 0x05, 0x00]],
    ["a length of 2^35", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ])("says that a body with %s is malformed", (_title, bytes) => {
    expect(namesIn(Uint8Array.from(bytes))).toMatchObject({ names: [], malformed: true });
  });

  it("takes an empty body for a request without spans", () => {
    expect(namesIn(new Uint8Array(0))).toMatchObject({ names: [], rejected: 0, malformed: false });
  });

  it("holds nothing for millions of empty messages", () => {
    const scopes = new Uint8Array(2_000_000);
    for (let i = 0; i < scopes.length; i += 2) scopes[i] = 0x12;
    const writer = new WireWriter();
    writer.bytesField(0x0a, scopes);
    const batch = new SpanBatch();
    decodeTracesProtobuf(writer.written, batch);
    expect(batch.scopes.length + batch.resources.length).toBe(0);
  });
});

/** A span's attribute, event or link, whose value is a list in a list in a list. */
function nested(tag: number, levels: number): number[] {
  let value = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) value = field(0x2a, field(0x0a, value));
  const attribute = field(0x12, value);
  if (tag === 0x4a) return [...field(tag, attribute)];
  return [...field(tag, field(tag === 0x5a ? 0x1a : 0x22, attribute))];
}

function field(tag: number, content: Uint8Array): Buffer<ArrayBuffer> {
  const writer = new WireWriter();
  writer.bytesField(tag, content);
  return Buffer.from(writer.written);
}

/** A Span message with further bytes at its end. */
function encodeSpan(id: number, more: readonly number[] = []): Uint8Array {
  const writer = new WireWriter();
  writer.bytesField(0x0a, Uint8Array.from(traceId(1)));
  writer.bytesField(0x12, Uint8Array.from(spanId(id)));
  writer.stringField(0x2a, `span ${id}`);
  writer.raw(Uint8Array.from(more));
  return writer.written.slice();
}

function writeScopeSpans(writer: WireWriter, spans: readonly Uint8Array[], lastTag = 0x12): void {
  const resource = writer.begin(0x0a);
  const scope = writer.begin(0x12);
  spans.forEach((span, index) => {
    writer.bytesField(index === spans.length - 1 ? lastTag : 0x12, span);
  });
  writer.end(scope);
  writer.end(resource);
}
