import fc from "fast-check";
import { expect, test } from "vitest";
import { copyBytes, hashBytes, isEqualBytes, isEqualText, WordReader } from "../../../src/base/words.ts";

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
/** Bytes of which many are alike, so that equal ranges come about. */
const anyBytes = fc.uint8Array({ maxLength: 24, max: 2 });
const anyPlaces = fc.record({ before: fc.nat(5), after: fc.nat(5) });

/** The bytes amid others. */
function amid(bytes: Uint8Array, { before, after }: { before: number; after: number }): Uint8Array {
  return Buffer.concat([Buffer.alloc(before, 1), bytes, Buffer.alloc(after, 2)]);
}

test("ranges are equal where all of their bytes are, and have the same hash then", () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, anyPlaces, anyPlaces, (one, other, here, there) => {
      const length = Math.min(one.length, other.length);
      const [first, second] = [amid(one, here), amid(other, there)];
      const equal = Buffer.from(one.subarray(0, length)).equals(other.subarray(0, length));
      expect(isEqualBytes(viewOf(first), here.before, viewOf(second), there.before, length)).toBe(equal);
      const hashes = [
        hashBytes(7, viewOf(first), here.before, here.before + length),
        hashBytes(7, viewOf(second), there.before, there.before + length),
      ];
      if (equal) expect(hashes[0]).toBe(hashes[1]);
    }),
    { numRuns: 300 },
  );
});

test("texts are equal where all of their bytes are", () => {
  const anyText = fc
    .string({ unit: fc.constantFrom("a", "b", "\u007f", "ß", "\u{10ffff}"), maxLength: 12 })
    .map((text) => Buffer.from(text));
  fc.assert(
    fc.property(anyText, anyText, anyPlaces, anyPlaces, (one, other, here, there) => {
      const length = Math.min(one.length, other.length);
      const [first, second] = [amid(one, here), amid(other, there)];
      const equal = one.subarray(0, length).equals(other.subarray(0, length));
      expect(isEqualText(viewOf(first), here.before, viewOf(second), there.before, length)).toBe(equal);
      expect(isEqualText(viewOf(first), here.before, viewOf(first), here.before, one.length)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("a copy holds the range and nothing around it is touched", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5), fc.nat(5), (bytes, before, after) => {
      const to = amid(new Uint8Array(bytes.length), { before, after });
      copyBytes(viewOf(bytes), 0, viewOf(to), before, bytes.length);
      expect(Buffer.from(to).equals(amid(bytes, { before, after }))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("hashes of different texts differ, whatever the length", () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`${"x".repeat(i % 7)}${i}`));
  const hashes = texts.map((text) => hashBytes(1, viewOf(text), 0, text.length));
  expect(new Set(hashes).size).toBeGreaterThan(19_990);
});

test("a reader of words follows the bytes that it is asked for", () => {
  const reader = new WordReader();
  const [one, other] = [Buffer.from("one "), Buffer.from("other")];
  const read = (bytes: Uint8Array): number => reader.of(bytes).getUint8(1);
  expect([read(one), read(other), read(one)].map((code) => String.fromCharCode(code))).toEqual([
    "n",
    "t",
    "n",
  ]);
  reader.release();
  expect(read(other)).toBe("t".charCodeAt(0));
});
