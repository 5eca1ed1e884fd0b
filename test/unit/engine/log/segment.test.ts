import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { crc32 } from "../../../../src/engine/log/checksum.ts";
import { FRAME_HEADER_BYTES, sealFrame } from "../../../../src/engine/log/frame.ts";
import {
  encodeSegmentHeader,
  readSegment,
  SEGMENT_HEADER_BYTES,
} from "../../../../src/engine/log/segment.ts";

const marker = Buffer.from("fedcba9876543210", "hex");
const payloads = [3, 700, 40, 2000, 1].map((length) => randomBytes(length));
let frames: Uint8Array[] = [];
let segment = Buffer.alloc(0);
/** Where each frame begins, and where the last one ends. */
let bounds: number[] = [];

beforeAll(async () => {
  frames = await Promise.all(
    payloads.map((payload, index) =>
      sealFrame({ marker, payload, recordCount: 1, firstSequence: index }, index % 2 === 0),
    ),
  );
  segment = Buffer.concat([encodeSegmentHeader(1, marker, 0), ...frames]);
  bounds = frames.reduce(
    (ends, frame) => [...ends, (ends.at(-1) ?? 0) + frame.length],
    [SEGMENT_HEADER_BYTES],
  );
});

test("a segment is read as it was written", () => {
  expect(readSegment(segment, marker).damages).toEqual([]);
  expect(readSegment(segment, marker).frames.map(({ stored }) => Buffer.from(stored))).toEqual(payloads);
});

test("wherever the end is cut off, the frames before it are read, and a torn end is no corruption", () => {
  for (let length = 0; length < segment.length; length++) {
    const { frames: read, damages } = readSegment(segment.subarray(0, length), marker);
    const whole = bounds.filter((end) => end > SEGMENT_HEADER_BYTES && end <= length).length;
    expect(read.map(({ firstSequence }) => firstSequence)).toEqual([0, 1, 2, 3, 4].slice(0, whole));
    const isAtBound = length === 0 || bounds.includes(length);
    expect(damages.map(({ kind }) => kind)).toEqual(isAtBound ? [] : ["torn"]);
  }
});

test("zeros that a loss of power left at the end are torn, not corrupt", () => {
  const { frames: read, damages } = readSegment(Buffer.concat([segment, Buffer.alloc(5000)]), marker);
  expect(read).toHaveLength(5);
  expect(damages).toEqual([{ kind: "torn", offset: segment.length, bytes: 5000 }]);
});

test("whichever byte of a frame is wrong, every other frame is read and the damage is reported", () => {
  for (let at = SEGMENT_HEADER_BYTES; at < segment.length; at++) {
    const bad = Buffer.from(segment);
    bad[at] = (bad[at] ?? 0) ^ 0x5a;
    const hit = bounds.findLastIndex((start) => start <= at);
    const { frames: read, damages } = readSegment(bad, marker);
    expect(read.map(({ firstSequence }) => firstSequence)).toEqual(
      [0, 1, 2, 3, 4].filter((index) => index !== hit),
    );
    const offset = bounds[hit] ?? 0;
    expect(damages).toEqual([{ kind: "corrupt", offset, bytes: (bounds[hit + 1] ?? 0) - offset }]);
  }
});

test("whichever byte of the segment's header is wrong, every frame is read and the damage is reported", () => {
  for (let at = 0; at < SEGMENT_HEADER_BYTES; at++) {
    const bad = Buffer.from(segment);
    bad[at] = (bad[at] ?? 0) ^ 0x5a;
    const { frames: read, damages } = readSegment(bad, marker);
    expect(read).toHaveLength(5);
    expect(damages).toEqual([{ kind: "header" }]);
  }
});

test("bytes that are missing or added in the middle cost the frame they are in", () => {
  const middle = (bounds[1] ?? 0) + 300;
  const lost = Buffer.concat([segment.subarray(0, middle), segment.subarray(middle + 17)]);
  const grown = Buffer.concat([
    segment.subarray(0, middle),
    Buffer.from("something"),
    segment.subarray(middle),
  ]);
  for (const bad of [lost, grown]) {
    const { frames: read, damages } = readSegment(bad, marker);
    expect(read.map(({ firstSequence }) => firstSequence)).toEqual([0, 2, 3, 4]);
    expect(damages.map(({ kind }) => kind)).toEqual(["corrupt"]);
  }
});

test("a segment of a later version is reported and not read", () => {
  const later = Buffer.from(segment);
  later.writeUInt16LE(2, 8);
  later.writeUInt32LE(crc32(later.subarray(0, 32)), 32);
  expect(readSegment(later, marker)).toEqual({ frames: [], damages: [{ kind: "version", version: 2 }] });
});

test("a segment carries its own marker, so that it is read wherever it is moved", () => {
  expect(readSegment(segment, Buffer.alloc(8)).frames).toHaveLength(5);
});

describe("hostile content", () => {
  test("a frame inside of a body is not taken for one, as its sender cannot know the marker", async () => {
    const forged = await sealFrame(
      { marker: randomBytes(8), payload: Buffer.from("forged"), recordCount: 1, firstSequence: 9 },
      false,
    );
    const outer = await sealFrame({ marker, payload: forged, recordCount: 1, firstSequence: 0 }, false);
    outer[FRAME_HEADER_BYTES + forged.length - 1] = 0;
    expect(readSegment(Buffer.concat([encodeSegmentHeader(1, marker, 0), outer]), marker).frames).toEqual([]);
  });

  test("thousands of overlapping frames that each claim the rest of the file take no longer than reading it", async () => {
    const count = 50_000;
    const claims = Buffer.alloc(count * FRAME_HEADER_BYTES);
    const sealed = await sealFrame(
      { marker, payload: Buffer.alloc(1), recordCount: 1, firstSequence: 0 },
      false,
    );
    const template = Buffer.from(sealed.subarray(0, FRAME_HEADER_BYTES));
    for (let index = 0; index < count; index++) {
      template.writeUInt32LE((count - index - 1) * FRAME_HEADER_BYTES, 16);
      template.writeUInt32LE(crc32(template.subarray(12)), 8);
      template.copy(claims, index * FRAME_HEADER_BYTES);
    }
    const bad = Buffer.concat([encodeSegmentHeader(1, marker, 0), claims]);
    const begunMs = performance.now();
    expect(readSegment(bad, marker).damages.length).toBeGreaterThan(0);
    // Checking all of the claims would be 50 GB of checksums.
    expect(performance.now() - begunMs).toBeLessThan(5000);
  });

  test("any bytes are read without an exception", () => {
    const bytes = fc.array(fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constant(new Uint8Array(marker))));
    fc.assert(
      fc.property(bytes, (parts) => {
        expect(readSegment(Buffer.concat(parts), marker).frames).toEqual([]);
      }),
    );
  });
});
