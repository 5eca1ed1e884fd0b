import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import { expect, test } from "vitest";
import {
  compress,
  decompress,
  DEFLATE,
  STORED,
  unzstd,
  ZSTD,
} from "../../../../src/engine/log/compression.ts";
import { decompressInPieces } from "../../../../src/engine/receive/decompress-zstd.ts";

const hasZstd = "zstdCompress" in zlib;
const text = new TextEncoder().encode("one span after the other, ".repeat(100));

test("zstd is used where the runtime has it, deflate where not", async () => {
  const { codec, bytes } = await compress(text);
  expect(codec).toBe(hasZstd ? ZSTD : DEFLATE);
  expect(bytes.length).toBeLessThan(text.length / 10);
  expect(Buffer.from(await opened(codec, bytes, text.length))).toEqual(Buffer.from(text));
});

test.each([
  ["small", text.subarray(0, 100)],
  ["random", randomBytes(5000)],
])("what is %s is stored as it is", async (_, payload) => {
  expect(await compress(payload)).toEqual({ codec: STORED, bytes: payload });
});

test("a stream that grows beyond its length is refused, as is one that stays below", async () => {
  const bomb = zlib.deflateRawSync(Buffer.alloc(50_000_000));
  expect(await decompress(DEFLATE, bomb, 1000)).toMatch(/damaged/);
  expect(await decompress(DEFLATE, zlib.deflateRawSync(text), text.length + 1)).toMatch(/length/);
});

test("an unknown codec is named", async () => {
  expect(await decompress(9, text, text.length)).toBe("codec 9 is unknown");
});

/** Written by Node 24. */
const BY_ZSTD = Buffer.from(
  "KLUv/WCQBZ0BAKQCdGVsZW1ldHJ5IHNocmlua3MgdG8gbGVzcyB0aGFuIGEgcXVhcnRlcjsgAQAas/2qDA==",
  "base64",
);

test("what zstd has written is read whether the runtime has zstd or not", async () => {
  const written = "telemetry shrinks to less than a quarter; ".repeat(40);
  const read = await opened(ZSTD, BY_ZSTD, written.length);
  expect(Buffer.from(read).toString()).toBe(written);
  const without = await unzstd(BY_ZSTD, { maxOutputLength: written.length }, decompressInPieces);
  expect(Buffer.from(without).toString()).toBe(written);
  expect(await decompress(ZSTD, BY_ZSTD, written.length - 1)).toMatch(/damaged/);
  expect(await decompress(ZSTD, text, text.length)).toMatch(/damaged/);
});

async function opened(codec: number, bytes: Uint8Array, rawLength: number): Promise<Uint8Array> {
  const payload = await decompress(codec, bytes, rawLength);
  if (typeof payload === "string") throw new Error(payload);
  return payload;
}
