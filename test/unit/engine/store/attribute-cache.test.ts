import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_MATCH } from "../../../../src/model/attribute-matcher.ts";
import { AttributeCache } from "../../../../src/engine/store/attribute-cache.ts";

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

test("what is found is what was put there, or nothing", () => {
  // Few different bytes in many lengths: places are shared, and ends are alike.
  const anyMessage = fc.uint8Array({ minLength: 0, maxLength: 140, max: 1 });
  fc.assert(
    fc.property(fc.array(anyMessage, { minLength: 1, maxLength: 60 }), (messages) => {
      const cache = new AttributeCache();
      const numbers = new Map<string, number>();
      for (const message of messages) {
        const text = Buffer.from(message).toString("latin1");
        const number = numbers.get(text) ?? numbers.size;
        const found = cache.find(viewOf(message), 0, message.length);
        expect([NO_MATCH, number]).toContain(found);
        if (!numbers.has(text)) expect(found).toBe(NO_MATCH);
        numbers.set(text, number);
        cache.put(viewOf(message), 0, message.length, number);
        const isKept = message.length >= 4 && message.length <= 128;
        expect(cache.find(viewOf(message), 0, message.length)).toBe(isKept ? number : NO_MATCH);
      }
    }),
    { numRuns: 200 },
  );
});

test("it keeps nothing before something is looked for, and forgets on demand", () => {
  const cache = new AttributeCache();
  const message = Buffer.from("a message");
  cache.put(viewOf(message), 0, message.length, 3);
  expect([cache.find(viewOf(message), 0, message.length), cache.byteLength > 0]).toEqual([NO_MATCH, true]);
  cache.put(viewOf(message), 0, message.length, 3);
  expect(cache.find(viewOf(message), 0, message.length)).toBe(3);
  cache.clear();
  expect(cache.find(viewOf(message), 0, message.length)).toBe(NO_MATCH);
});
