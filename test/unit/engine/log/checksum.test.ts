import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32, tableCrc32 } from "../../../../src/engine/log/checksum.ts";

test("the check value of the algorithm's catalogue comes out", () => {
  const digits = new TextEncoder().encode("123456789");
  expect(crc32(digits)).toBe(0xcbf43926);
  expect(tableCrc32(digits)).toBe(0xcbf43926);
});

test("the table gives what the runtime gives", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => tableCrc32(bytes) === crc32(bytes)));
});
