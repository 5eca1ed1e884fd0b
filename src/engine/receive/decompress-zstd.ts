import { Decompress } from "fzstd";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { err, ok, type Result } from "../../base/result.ts";
import type { PendingBytes } from "./pending-bytes.ts";
import { measureZstd } from "./zstd-frames.ts";

/** Decompresses a whole zstd stream to at most `maxBytes`, on other threads where the runtime can. */
export type ZstdDecompressor = (
  compressed: Uint8Array,
  maxBytes: number,
) => Promise<Result<Buffer, "too-large" | "corrupt">>;

/**
 * Decompresses a body of zstd (RFC 8878), with Node's own decompressor where there is one (22.15), else in JavaScript.
 * What the frames tell is looked at first, so that a bomb is refused before any of it unfolds, and `pending` has to have room
 * for what comes out and for the window alone. Frames that hold more than they tell are corrupt.
 */
export async function decompressZstd(
  compressed: Uint8Array,
  maxBytes: number,
  pending: PendingBytes,
  native: ZstdDecompressor | undefined = nodeZstd,
): Promise<Result<Buffer, "too-large" | "corrupt" | "busy">> {
  const measure = measureZstd(compressed);
  if (measure === undefined) return err("corrupt");
  if (measure.minBytes > maxBytes || measure.windowWork > MAX_WINDOW_WORK_FACTOR * maxBytes + MIN_WINDOW_WORK)
    return err("too-large");
  const limit = Math.min(maxBytes, measure.maxBytes);
  const reserved = Math.min(maxBytes, measure.maxBytes + measure.windowBytes);
  if (!pending.take(reserved)) return err("busy");
  try {
    // Node's stops at the end of the first frame.
    const decompress = measure.frameCount === 1 ? (native ?? decompressInPieces) : decompressInPieces;
    const unfolded = await decompress(compressed, limit);
    return !unfolded.ok && limit < maxBytes ? err("corrupt") : unfolded;
  } finally {
    pending.release(reserved);
  }
}

/** A body of the largest size with the largest window has blocks of 128 KiB, 64 to a window. */
const MAX_WINDOW_WORK_FACTOR = 64;
const MIN_WINDOW_WORK = 64 * 1024 * 1024;

/** The decompressor of older runtimes: a few milliseconds of this thread at a time. */
export const decompressInPieces: ZstdDecompressor = async (compressed, maxBytes) => {
  const blocks: Uint8Array[] = [];
  let byteCount = 0;
  const stream = new Decompress((block) => {
    byteCount += block.length;
    // The only way to stop it: what one piece of input unfolds to may be large.
    if (byteCount > maxBytes) throw new RangeError("too large");
    blocks.push(block);
  });
  try {
    let sliceEndMs = performance.now() + SLICE_MS;
    for (let at = 0; at < compressed.length; at += PIECE_BYTES) {
      const end = Math.min(at + PIECE_BYTES, compressed.length);
      stream.push(compressed.subarray(at, end), end === compressed.length);
      if (performance.now() < sliceEndMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEndMs = performance.now() + SLICE_MS;
    }
  } catch {
    return err(byteCount > maxBytes ? "too-large" : "corrupt");
  }
  return ok(Buffer.concat(blocks, byteCount));
};

/** Each chunk of output is a trip to the thread pool. */
const CHUNK_BYTES = 256 * 1024;
const SLICE_MS = 10;
/** Telemetry unfolds to some ten times this: a millisecond. */
const PIECE_BYTES = 16 * 1024;

interface NodeZstd {
  readonly zstdDecompress?: (
    bytes: Uint8Array,
    options: object,
    callback: (error: Error | null, result: Buffer) => void,
  ) => void;
}

/** Undefined before Node 22.15. */
export const nodeZstd = findNodeZstd();

function findNodeZstd(): ZstdDecompressor | undefined {
  const { zstdDecompress } = zlib as NodeZstd;
  if (zstdDecompress === undefined) return undefined;
  const decompress = promisify(zstdDecompress);
  return async (compressed, maxBytes) => {
    try {
      // It takes no limit of 0.
      const maxOutputLength = Math.max(maxBytes, 1);
      return ok(await decompress(compressed, { maxOutputLength, chunkSize: CHUNK_BYTES }));
    } catch (thrown) {
      const isTooLarge = thrown instanceof RangeError;
      return err(isTooLarge ? "too-large" : "corrupt");
    }
  };
}
