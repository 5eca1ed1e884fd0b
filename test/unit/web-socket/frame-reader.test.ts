import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as webSocket from "ws";
import { FrameReader } from "../../../src/web-socket/frame-reader.ts";

/** The library's own writer of frames, which its types leave out. */
const { Sender } = webSocket as unknown as {
  readonly Sender: new (stream: PassThrough) => {
    send(text: string, options: object, done: () => void): void;
  };
};

/** Frames as the engine's WebSocket library writes them. */
function written(texts: readonly string[]): Buffer {
  const stream = new PassThrough({ highWaterMark: 1_000_000 });
  const sender = new Sender(stream);
  for (const text of texts)
    sender.send(text, { binary: false, mask: false, compress: false, fin: true }, () => undefined);
  return stream.read() as Buffer;
}

test("frames are put together wherever the socket cuts them", () => {
  const text = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constant("x".repeat(300)),
    fc.constant("ü".repeat(40_000)),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(90_000)), (texts, cuts) => {
      const bytes = written(texts);
      const reader = new FrameReader();
      const ends = [...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
      let from = 0;
      const read = ends.flatMap((end) => {
        const part = bytes.subarray(from, end);
        from = end;
        return [...(reader.read(part) ?? [])].map(({ payload }) => payload.toString("utf8"));
      });
      // Not compared as a whole: a difference would be printed in full.
      expect(read.length).toBe(texts.length);
      expect(read.every((one, n) => one === texts[n])).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["a masked frame", [0x81, 0x81, 0, 0, 0, 0, 0]],
  ["a frame that is too long", [0x81, 0x7f, 0, 0, 0, 1, 0, 0, 0, 0]],
])("%s is none of a server's that is listened to", (_, bytes) => {
  expect(new FrameReader().read(Buffer.from(bytes))).toBeUndefined();
});
