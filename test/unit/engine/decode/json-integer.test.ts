import fc from "fast-check";
import { expect, it } from "vitest";
import { halves, readDecimal, readWholeNumber } from "../../../../src/engine/decode/json-integer.ts";

function decimal(text: string): bigint | undefined {
  const bytes = Uint8Array.from(Buffer.from(`1${text}1`));
  return readDecimal(new DataView(bytes.buffer), 1, bytes.length - 1)
    ? (BigInt(halves.high) << 32n) | BigInt(halves.low)
    : undefined;
}

it("reads every integer of 64 bits exactly, negative ones as two's complement", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
      expect(decimal(value.toString())).toBe(BigInt.asUintN(64, value));
    }),
  );
});

it.each([
  ["18446744073709551615", 2n ** 64n - 1n],
  ["-9223372036854775808", 2n ** 63n],
  ["+7", 7n],
  ["007", 7n],
  ["-0", 0n],
  ["18446744073709551616", undefined],
  ["99999999999999999999", undefined],
  ["-9223372036854775809", undefined],
  ["000000000000000000001", undefined],
  ["", undefined],
  ["-", undefined],
  ["1e3", undefined],
  ["1.0", undefined],
  [" 1", undefined],
])("reads %j as %s", (text, value) => expect(decimal(text)).toBe(value));

it.each([
  [1e3, 1000n],
  [-1, 2n ** 64n - 1n],
  [2 ** 63, 2n ** 63n],
  [2 ** 64, undefined],
  [-(2 ** 64), undefined],
  [0.5, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
])("takes the number %s as %s", (number, value) => {
  const bits = readWholeNumber(number) ? (BigInt(halves.high) << 32n) | BigInt(halves.low) : undefined;
  expect(bits).toBe(value);
});
