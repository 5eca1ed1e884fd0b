import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BODY_BUFFER_BYTES, BodyBuffers } from "../../../../src/engine/receive/body-buffers.ts";
import { CollectedBody } from "../../../../src/engine/receive/collected-body.ts";

describe("a body that arrives in chunks", () => {
  test("is their bytes in order, whatever their lengths and whoever else has lent", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: BODY_BUFFER_BYTES / 2 }), { maxLength: 8 });
    fc.assert(
      fc.property(lengths, fc.boolean(), (sizes, isExhausted) => {
        const buffers = new BodyBuffers();
        if (isExhausted) while (buffers.lend() !== undefined);
        const chunks = sizes.map((size, index) => new Uint8Array(size).fill(index + 1));
        const body = new CollectedBody(buffers);
        for (const chunk of chunks) body.add(chunk);
        expect(body.length).toBe(chunks.reduce((sum, { length }) => sum + length, 0));
        expect(Buffer.compare(body.whole(), Buffer.concat(chunks))).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("is not copied where it is one chunk", () => {
    const chunk = new Uint8Array([1, 2, 3]);
    const body = new CollectedBody(new BodyBuffers());
    body.add(chunk);
    expect(body.whole()).toBe(chunk);
  });

  test("gets the memory of the one before it, once that is released", () => {
    const buffers = new BodyBuffers();
    const take = (): ArrayBufferLike => {
      const body = new CollectedBody(buffers);
      body.add(new Uint8Array([1]));
      body.add(new Uint8Array([2]));
      const memory = body.whole().buffer;
      body.release();
      body.release();
      return memory;
    };
    expect(take()).toBe(take());
  });
});

test("so many buffers are lent that slow senders cannot fill the memory", () => {
  const buffers = new BodyBuffers();
  const lent = Array.from({ length: 1000 }, () => buffers.lend()).filter((buffer) => buffer !== undefined);
  expect(lent).toHaveLength(16);
  for (const buffer of lent) buffers.giveBack(buffer);
  expect(buffers.lend()).toBeDefined();
});
