import { randomBytes } from "node:crypto";
import * as zlib from "node:zlib";
import { expect, test } from "vitest";
import { compress, decompress, DEFLATE, STORED, ZSTD } from "../../../../src/engine/log/compression.ts";

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

test.skipIf(hasZstd)("zstd is named where the runtime lacks it", async () => {
  expect(await decompress(ZSTD, text, text.length)).toBe("this runtime has no zstd");
});

async function opened(codec: number, bytes: Uint8Array, rawLength: number): Promise<Uint8Array> {
  const payload = await decompress(codec, bytes, rawLength);
  if (typeof payload === "string") throw new Error(payload);
  return payload;
}
