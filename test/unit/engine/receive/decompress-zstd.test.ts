import { describe, expect, test } from "vitest";
import { err } from "../../../../src/base/result.ts";
import {
  decompressInPieces,
  decompressZstd,
  nodeZstd,
  type ZstdDecompressor,
} from "../../../../src/engine/receive/decompress-zstd.ts";
import { PendingBytes } from "../../../../src/engine/receive/pending-bytes.ts";
import { COMPRESSED_TEXT, frameOf, runsOf, skippedOf, TEXT } from "./zstd-bodies.ts";

const MIB = 1024 * 1024;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const plain = frameOf([bytes("spa"), bytes("ns")]);

const decompressors = [
  ["JavaScript's", decompressInPieces],
  ["Node's", nodeZstd],
] as const;

describe.each(decompressors)("%s decompressor", (_name, decompressor) => {
  const decompress = async (body: Uint8Array, maxBytes: number): Promise<string> => {
    const result = await decompressZstd(body, maxBytes, new PendingBytes(maxBytes), decompressor);
    return result.ok ? result.value.toString() : result.error;
  };

  test.skipIf(decompressor === undefined).each([
    ["compressed blocks and a checksum", COMPRESSED_TEXT, TEXT],
    ["blocks as they are", plain, "spans"],
    ["two frames", Buffer.concat([plain, COMPRESSED_TEXT]), `spans${TEXT}`],
    ["a frame to skip before", Buffer.concat([skippedOf(bytes("note")), plain]), "spans"],
    ["a frame to skip behind", Buffer.concat([plain, skippedOf(bytes(""))]), "spans"],
    ["an empty block", frameOf([bytes("")]), ""],
    ["nothing", Buffer.of(), "corrupt"],
    ["only a frame to skip", skippedOf(bytes("note")), ""],
    ["no zstd", bytes("a text that is none"), "corrupt"],
    ["a frame that ends early", COMPRESSED_TEXT.subarray(0, -20), "corrupt"],
    ["a checksum that ends early", COMPRESSED_TEXT.subarray(0, -1), "corrupt"],
    ["a missing last block", frameOf([bytes("a"), bytes("b")]).subarray(0, -4), "corrupt"],
    ["something behind", Buffer.concat([plain, bytes("and more bytes")]), "corrupt"],
    ["a dictionary", frameOf([bytes("spans")], { descriptor: 1 }), "corrupt"],
    ["a window of 16 MiB", frameOf([bytes("spans")], { window: 16 * MIB }), "corrupt"],
    ["damage within a block", damaged(COMPRESSED_TEXT), "corrupt"],
    ["a bomb", runsOf(1000), "too-large"],
    ["many frames", Buffer.concat(Array<Buffer>(60).fill(plain)), "spans".repeat(60)],
  ])("reads %s", async (_what, body, expected) => {
    expect(await decompress(body, MIB)).toBe(expected);
  });

  test.skipIf(decompressor === undefined)("stops at the limit, whatever the frames tell", async () => {
    expect(await decompress(COMPRESSED_TEXT, TEXT.length)).toBe(TEXT);
    expect(await decompress(COMPRESSED_TEXT, TEXT.length - 1)).toBe("too-large");
    const untold = withoutSize(COMPRESSED_TEXT);
    expect(await decompress(untold, TEXT.length)).toBe(TEXT);
    expect(await decompress(untold, TEXT.length - 1)).toBe("too-large");
  });
});

test("tiny blocks in a large window are too much work", async () => {
  const body = frameOf(Array<Uint8Array>(5000).fill(bytes("x")), { window: 8 * MIB });
  expect(await decompressZstd(body, MIB, new PendingBytes(MIB))).toMatchObject({ error: "too-large" });
});

describe("memory is reserved for what comes out, not for what may at most", () => {
  const window = 1024;
  const bodies = [
    ["a size that is told", COMPRESSED_TEXT, 2 * TEXT.length],
    ["a compressed block without one", withoutSize(COMPRESSED_TEXT), 128 * 1024 + window],
    ["blocks as they are", plain, 5 + window],
    ["two frames", Buffer.concat([plain, withoutSize(COMPRESSED_TEXT)]), 5 + 128 * 1024 + window],
    ["more than is allowed at most", Buffer.concat(Array<Buffer>(9).fill(withoutSize(COMPRESSED_TEXT))), MIB],
  ] as const;

  test.each(bodies)("of %s", async (_what, body, reserved) => {
    const [enough, tooLittle] = [new PendingBytes(reserved), new PendingBytes(reserved - 1)];
    expect(await decompressZstd(body, MIB, tooLittle, decompressInPieces)).toMatchObject({ error: "busy" });
    expect(await decompressZstd(body, MIB, enough, decompressInPieces)).toMatchObject({ ok: true });
    expect(await decompressZstd(body, MIB, enough, decompressInPieces), "given back").toMatchObject({
      ok: true,
    });
  });

  test("ten small bodies at once fit beside each other where one of the largest would", async () => {
    const pending = new PendingBytes(MIB);
    const slow: ZstdDecompressor = async (body, limit) => {
      await new Promise((resolve) => setImmediate(resolve));
      return decompressInPieces(body, limit);
    };
    const all = Array.from({ length: 10 }, () => decompressZstd(COMPRESSED_TEXT, MIB, pending, slow));
    for (const result of await Promise.all(all)) expect(result).toMatchObject({ ok: true });
  });
});

describe("a frame that holds more than it tells", () => {
  const understated = Buffer.from(COMPRESSED_TEXT);
  const toldBytes = 256;
  // Frame_Content_Size in two bytes begins at 256.
  understated.writeUInt16LE(0, 5);

  test("is refused where the decompressor goes by what comes out", async () => {
    const limits: number[] = [];
    const thorough: ZstdDecompressor = (_body, limit) => {
      limits.push(limit);
      return Promise.resolve(err("too-large"));
    };
    const result = await decompressZstd(understated, MIB, new PendingBytes(MIB), thorough);
    expect([result, limits]).toEqual([err("corrupt"), [toldBytes]]);
  });

  test.each(decompressors)("never becomes longer with %s decompressor", async (...[, own]) => {
    const decompressor = own ?? decompressInPieces;
    const result = await decompressZstd(understated, MIB, new PendingBytes(MIB), decompressor);
    expect(result.ok ? result.value.length : 0).toBeLessThanOrEqual(toldBytes);
  });

  test("is refused at once where its blocks say so", async () => {
    const singleSegment = 0x20;
    const told = frameOf([bytes("spans")], { descriptor: singleSegment });
    // In place of the window: one byte of size.
    told[5] = 4;
    expect(await decompressZstd(told, MIB, new PendingBytes(MIB))).toEqual(err("corrupt"));
    told[5] = 5;
    expect(await decompressZstd(told, MIB, new PendingBytes(MIB))).toMatchObject({ ok: true });
  });
});

function damaged(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  for (let i = 40; i < 60; i++) copy[i] = (copy[i] ?? 0) ^ 0x5a;
  return copy;
}

/** The frame has its size in two bytes and no window; this form has a window and no size. */
function withoutSize(body: Buffer): Buffer {
  const checksum = 0x04;
  return Buffer.concat([body.subarray(0, 4), Buffer.of(checksum, 0), body.subarray(7)]);
}
