import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { deflateSync, gzipSync } from "node:zlib";
import { BodyBuffers } from "../../src/engine/receive/body-buffers.ts";
import { decompressInPieces } from "../../src/engine/receive/decompress-zstd.ts";
import type { Compression } from "../../src/engine/receive/media.ts";
import { PendingBytes } from "../../src/engine/receive/pending-bytes.ts";
import { readBody } from "../../src/engine/receive/request-body.ts";
import { measureZstd } from "../../src/engine/receive/zstd-frames.ts";
import { COMPRESSED_TEXT, frameOf, runsOf, skippedOf } from "../unit/engine/receive/zstd-bodies.ts";
import { PROTOBUF_BODIES } from "./bodies.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import type { Fate, Target } from "./target.ts";

const MAX_BODY_BYTES = 64 * 1024;
const BOMB = new Uint8Array(1_000_000);

/** Made once: to compress takes longer than what is tested here. */
const GZIPPED = [...PROTOBUF_BODIES, BOMB].map((body) => gzipSync(body));
const DEFLATED = [...PROTOBUF_BODIES, BOMB].map((body) => deflateSync(body));
const ZSTD = [
  COMPRESSED_TEXT,
  Buffer.concat([COMPRESSED_TEXT, skippedOf(Buffer.from("note")), COMPRESSED_TEXT]),
  frameOf(PROTOBUF_BODIES),
  runsOf(12),
];

const BUFFERS = new BodyBuffers();

/** Compressed bodies, damaged: no more than the limit comes out, and all that was taken of the receiver's budget is given back. */
export const compressedTargets: readonly Target[] = [
  compressedTarget("gzip", GZIPPED),
  compressedTarget("deflate", DEFLATED),
  compressedTarget("zstd", ZSTD),
  {
    // The one of older runtimes, whatever this one has.
    name: "bodies in zstd, read in JavaScript",
    weight: 0.5,
    make: (random) => mutateBytes(random.pick(ZSTD), random, random.pick(ZSTD)),
    async check(input) {
      const measure = measureZstd(input);
      if (measure === undefined || measure.minBytes > MAX_BODY_BYTES) return "refused";
      const read = await decompressInPieces(input, MAX_BODY_BYTES);
      if (read.ok) assert.ok(read.value.length <= MAX_BODY_BYTES, "no more than the limit comes out");
      return read.ok ? "accepted" : "refused";
    },
  },
];

function compressedTarget(compression: Compression, bodies: readonly Uint8Array[]): Target {
  return {
    name: `bodies in ${compression}`,
    weight: 0.2,
    make(random) {
      const body = random.pick(bodies);
      return random.chance(0.1) ? body : mutateBytes(body, random, joined(random.pick(bodies)));
    },
    async check(input): Promise<Fate> {
      const request = Object.assign(Readable.from([Buffer.from(input)]), { complete: true });
      const pending = new PendingBytes(MAX_BODY_BYTES);
      const memory = { pending, buffers: BUFFERS };
      const read = await readBody(request as unknown as IncomingMessage, compression, MAX_BODY_BYTES, memory);
      assert.ok(pending.take(MAX_BODY_BYTES), "nothing stays taken");
      if (read.ok) {
        assert.ok(read.value.bytes.length <= MAX_BODY_BYTES, "no more than the limit comes out");
        read.value.release();
      }
      if (!read.ok) assert.match(read.error, /^(?:corrupt|too-large)$/);
      const lent = BUFFERS.lend();
      assert.ok(lent !== undefined, "nothing stays lent");
      BUFFERS.giveBack(lent);
      return read.ok ? "accepted" : "refused";
    },
  };
}
