import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { END, MALFORMED, WireReader } from "../../../src/base/wire-reader.ts";
import { WireWriter } from "../../../src/base/wire-writer.ts";

function readerOf(bytes: Uint8Array): WireReader {
  const reader = new WireReader();
  reader.reset(bytes, 0, bytes.length);
  return reader;
}

const word = fc.nat(0xffff_ffff);

describe("what WireWriter writes, WireReader reads", () => {
  it("as varints and fixed values of 64 bits", () => {
    fc.assert(
      fc.property(word, word, (low, high) => {
        const writer = new WireWriter(1);
        writer.varint64(low, high);
        writer.varint(low);
        writer.fixed64(low, high);
        writer.fixed32(high);
        const reader = readerOf(writer.written);
        expect([reader.varint(), reader.low, reader.high]).toEqual([true, low, high]);
        expect([reader.varint(), reader.low, reader.high]).toEqual([true, low, 0]);
        expect([reader.fixed64(), reader.low, reader.high]).toEqual([true, low, high]);
        expect([reader.fixed32(), reader.low]).toEqual([true, high]);
        expect(reader.next()).toBe(END);
      }),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2_097_152])("as a nested message of %i bytes", (size) => {
    const writer = new WireWriter(1);
    const outer = writer.begin(0x12);
    writer.bytesField(0x0a, new Uint8Array(size).fill(7));
    writer.end(outer);
    writer.byte(0x08);
    const reader = readerOf(writer.written);
    expect(reader.next()).toBe(0x12);
    const end = reader.enter();
    expect(end).toBe(writer.length - 1);
    expect(reader.next()).toBe(0x0a);
    expect(reader.enter()).toBe(end);
    expect(end - reader.position).toBe(size);
    expect(reader.bytes.subarray(reader.position, end).every((byte) => byte === 7)).toBe(true);
  });

  it("as text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const writer = new WireWriter(1);
        writer.stringField(0x0a, text);
        const reader = readerOf(writer.written);
        reader.next();
        const end = reader.enter();
        expect(Buffer.from(reader.bytes.subarray(reader.position, end)).toString()).toBe(
          Buffer.from(text).toString(),
        );
      }),
    );
  });
});

describe("WireReader", () => {
  it.each([
    ["a tag of field 0", [0x00], MALFORMED],
    ["a tag that is cut off", [0x80], MALFORMED],
    ["a tag of more than 32 bits", [0xff, 0xff, 0xff, 0xff, 0x7f], MALFORMED],
    ["a tag of two bytes", [0x85, 0x01], 0x85],
    ["the end", [], END],
  ])("answers to %s", (_title, bytes, tag) => {
    expect(readerOf(Uint8Array.from(bytes)).next()).toBe(tag);
  });

  it.each([
    ["a varint", 0x08, [0xff]],
    ["a fixed64", 0x09, [1, 2, 3, 4, 5, 6, 7]],
    ["a fixed32", 0x0d, [1, 2, 3]],
    ["bytes", 0x0a, [3, 1, 2]],
    ["a group", 0x0b, [0x0c]],
    ["an unknown wire type", 0x0f, [0]],
  ])("does not step over %s that the message does not hold", (_title, tag, bytes) => {
    expect(readerOf(Uint8Array.from(bytes)).skip(tag)).toBe(false);
  });

  it("reads nothing beyond the limit, though there are further bytes", () => {
    const reader = new WireReader();
    reader.reset(Uint8Array.of(0x02, 1, 2, 3), 0, 2);
    expect(reader.enter()).toBe(MALFORMED);
  });
});
