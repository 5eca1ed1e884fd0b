import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteInterner, NOT_INTERNED } from "../../../../src/engine/store/byte-interner.ts";

const LIMITS = { entries: 10_000, bytes: 100_000 };

function intern(interner: ByteInterner, text: string, tag = 0): number {
  const bytes = Buffer.from(`<${text}>`);
  return interner.intern(tag, bytes, 1, bytes.length - 1);
}

describe("ByteInterner", () => {
  it("gives equal bytes of one tag the same number, and others another", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.string({ maxLength: 4 })), { maxLength: 200 }),
        (entries) => {
          const interner = new ByteInterner(LIMITS);
          const numbers = new Map<string, number>();
          for (const [tag, text] of entries) {
            const key = `${tag} ${text}`;
            const number = intern(interner, text, tag);
            expect(number).toBe(numbers.get(key) ?? numbers.size);
            numbers.set(key, number);
            expect([interner.textOf(number), interner.tagOf(number)]).toEqual([text, tag]);
          }
          expect(interner.count).toBe(numbers.size);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps its numbers while it grows", () => {
    const interner = new ByteInterner(LIMITS);
    for (let n = 0; n < 5000; n++) expect(intern(interner, `text ${n}`)).toBe(n);
    for (let n = 0; n < 5000; n++) expect(intern(interner, `text ${n}`)).toBe(n);
    expect(interner.textOf(4321)).toBe("text 4321");
  });

  it.each([
    ["entries", { entries: 2, bytes: 100 }],
    ["bytes", { entries: 100, bytes: 2 }],
  ])("takes nothing new beyond its limit of %s, and still knows the old", (_title, limits) => {
    const interner = new ByteInterner(limits);
    expect(["a", "b", "c", "a", "b"].map((text) => intern(interner, text))).toEqual([
      0,
      1,
      NOT_INTERNED,
      0,
      1,
    ]);
  });

  it("finds without taking", () => {
    const interner = new ByteInterner(LIMITS);
    intern(interner, "here");
    const find = (text: string): number => interner.find(0, Buffer.from(text), 0, text.length);
    expect([find("here"), find("gone"), interner.count]).toEqual([0, NOT_INTERNED, 1]);
  });

  it("replaces invalid UTF-8 in texts", () => {
    const interner = new ByteInterner(LIMITS);
    expect(interner.textOf(interner.intern(0, Uint8Array.of(0x61, 0xff), 0, 2))).toBe("a\ufffd");
  });

  it("forgets everything when it is cleared", () => {
    const interner = new ByteInterner(LIMITS);
    const empty = interner.byteLength;
    for (let n = 0; n < 5000; n++) intern(interner, `text ${n}`);
    interner.clear();
    expect([interner.count, interner.byteLength, intern(interner, "new")]).toEqual([0, empty, 0]);
    expect(interner.textOf(0)).toBe("new");
  });
});
