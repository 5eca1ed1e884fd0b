import assert from "node:assert/strict";
import type { RunNumber } from "../../src/model/ids.ts";
import { decompress } from "../../src/engine/log/compression.ts";
import { sealFrame, type Frame } from "../../src/engine/log/frame.ts";
import { decodeRecords, encodeRecord, type LogRecord } from "../../src/engine/log/record.ts";
import { encodeSegmentHeader, readSegment } from "../../src/engine/log/segment.ts";
import { PROTOBUF_BODIES } from "./bodies.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import type { Target } from "./target.ts";

export const MARKER = Uint8Array.of(0xd1, 0x07, 0x99, 0x3c, 0xe4, 0x58, 0x21, 0xaf);
const FRAMES = 4;

export const RECORDS: readonly LogRecord[] = PROTOBUF_BODIES.map((body, index) => ({
  kind: "request",
  signal: "traces",
  encoding: "protobuf",
  sessionId: undefined,
  channel: "http",
  run: index as RunNumber,
  receivedMs: 1_700_000_000_000 + index,
  body,
}));
const PAYLOAD = joined(
  ...RECORDS.flatMap(encodeRecord),
  ...encodeRecord({ kind: "run-began", run: 1 as RunNumber, name: "shop", atMs: 1 }),
);

/** The session log's files, damaged: sound frames survive what lies beside them, and no record comes out that was never written. */
export async function openLogTargets(): Promise<readonly Target[]> {
  const sealed = await Promise.all(
    Array.from({ length: FRAMES }, (_, index) =>
      sealFrame(
        {
          marker: MARKER,
          payload: PAYLOAD,
          recordCount: RECORDS.length + 1,
          firstSequence: index * (RECORDS.length + 1),
        },
        index % 2 === 0,
      ),
    ),
  );
  const header = encodeSegmentHeader(1, MARKER, 1_700_000_000_000);
  const stored = new Set(sealed.map((bytes) => latin1(frameOf(bytes).stored)));
  const [first = header, , , last = header] = sealed;

  return [
    {
      name: "segments of the session log",
      weight: 0.25,
      make: (random) => mutateBytes(joined(header, ...sealed), random, joined(...sealed)),
      async check(input) {
        const { frames, damages } = readSegment(input, MARKER);
        for (const frame of frames) {
          assert.equal(frame.firstSequence % (RECORDS.length + 1), 0, "a sound frame's number");
          // Its bytes tell as much as what they unfold to, and sooner.
          assert.ok(stored.has(latin1(frame.stored)), "a sound frame is one of those that were written");
        }
        for (const damage of damages) {
          if (!("bytes" in damage)) continue;
          assert.ok(
            damage.bytes > 0 && damage.offset + damage.bytes <= input.length,
            "damage is in the file",
          );
        }
        return damages.length === 0 ? "accepted" : "refused";
      },
    },
    {
      name: "frames beside a damaged one",
      weight: 0.25,
      make: (random) => mutateBytes(sealed[1] ?? header, random),
      check(input) {
        const { frames } = readSegment(joined(header, first, input, last), MARKER);
        assert.equal(frames[0]?.firstSequence, 0, "the frame before is kept");
        assert.equal(
          frames.at(-1)?.firstSequence,
          (FRAMES - 1) * (RECORDS.length + 1),
          "the frame after is kept",
        );
        return frames.length > 2 ? "accepted" : "refused";
      },
    },
    {
      name: "records of the session log",
      make: (random) => mutateBytes(PAYLOAD, random),
      check(input) {
        const { records, unreadable } = decodeRecords(input);
        assert.ok(unreadable >= 0);
        // What was read can be written and is the same then: nothing outside of the record is in it.
        const { records: again } = decodeRecords(joined(...records.flatMap(encodeRecord)));
        assert.deepEqual(again, records);
        return unreadable === 0 ? "accepted" : "refused";
      },
    },
    {
      name: "payloads of the session log",
      weight: 0.25,
      make: (random) => {
        const { stored } = frameOf(first);
        return joined(Uint8Array.of(random.below(4)), mutateBytes(stored, random));
      },
      async check(input) {
        const read = await decompress(input[0] ?? 0, input.subarray(1), PAYLOAD.length);
        if (typeof read === "string") {
          assert.match(read, /./);
          return "refused";
        }
        assert.equal(read.length, PAYLOAD.length, "as long as it says");
        return "accepted";
      },
    },
  ];

  function frameOf(bytes: Uint8Array): Frame {
    const [frame] = readSegment(joined(header, bytes), MARKER).frames;
    assert.ok(frame !== undefined);
    return frame;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
