import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip, createInflate, type Gunzip, type Inflate } from "node:zlib";
import { err, ok, type Result } from "../../base/result.ts";
import { decompressZstd } from "./decompress-zstd.ts";
import type { Compression } from "./media.ts";
import type { PendingBytes } from "./pending-bytes.ts";

/**
 * Why a body was not read: more bytes than allowed, before or after decompression; compressed data that is broken;
 * too much being received at this moment; the sender gave up.
 */
export type BodyFailure = "too-large" | "corrupt" | "busy" | "aborted";

/** Fewer, larger pieces than zlib's 16 KiB: each piece is a trip to the thread pool. */
const INFLATE_CHUNK_BYTES = 256 * 1024;

/**
 * Reads and decompresses a request's body. It is counted as it comes out of decompression, so a gzip bomb is cut at
 * the limit and never unfolds. The rest of a body that was refused is the caller's to discard.
 */
export async function readBody(
  request: IncomingMessage,
  compression: Compression,
  maxBytes: number,
  pending: PendingBytes,
): Promise<Result<Buffer, BodyFailure>> {
  if (compression !== "zstd") return readStream(request, compression, maxBytes, pending);
  const compressed = await readStream(request, "identity", maxBytes, pending);
  return compressed.ok ? decompressZstd(compressed.value, maxBytes, pending) : compressed;
}

function readStream(
  request: IncomingMessage,
  compression: Exclude<Compression, "zstd">,
  maxBytes: number,
  pending: PendingBytes,
): Promise<Result<Buffer, BodyFailure>> {
  return new Promise((resolve) => {
    const inflate = compression === "identity" ? undefined : createInflater(compression);
    const source: Readable = inflate ?? request;
    const chunks: Buffer[] = [];
    let byteCount = 0;
    let settled = false;

    const settle = (result: Result<Buffer, BodyFailure>): void => {
      if (settled) return;
      settled = true;
      pending.release(byteCount);
      chunks.length = 0;
      if (inflate !== undefined) {
        request.unpipe(inflate);
        inflate.destroy();
      }
      resolve(result);
    };

    source.on("data", (chunk: Buffer) => {
      if (settled) return;
      if (byteCount + chunk.length > maxBytes) {
        settle(err("too-large"));
        return;
      }
      if (!pending.take(chunk.length)) {
        settle(err("busy"));
        return;
      }
      byteCount += chunk.length;
      chunks.push(chunk);
    });
    source.on("end", () => settle(ok(joined(chunks, byteCount))));
    request.on("error", () => settle(err("aborted")));
    request.on("close", () => {
      if (!request.complete) settle(err("aborted"));
    });

    if (inflate === undefined) return;
    // Empty gzip members cost their sender bytes and make none, so what goes in is limited as well.
    let compressedCount = 0;
    request.on("data", (chunk: Buffer) => {
      compressedCount += chunk.length;
      if (compressedCount > maxBytes) settle(err("too-large"));
    });
    inflate.on("error", () => settle(err("corrupt")));
    request.pipe(inflate);
  });
}

/** Most bodies arrive in one piece, which needs no copy. */
function joined(chunks: readonly Buffer[], byteCount: number): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, byteCount);
}

function createInflater(compression: "gzip" | "deflate"): Gunzip | Inflate {
  const options = { chunkSize: INFLATE_CHUNK_BYTES };
  return compression === "gzip" ? createGunzip(options) : createInflate(options);
}

/** How much of a body is read only to be forgotten, as a multiple of what would have been taken. */
const DISCARDED_FACTOR = 4;

/**
 * Reads what remains of a refused request and forgets it: many senders look at the reply only when all is sent, and
 * closing at once would reset their connection. A body that does not end is cut after all.
 */
export function discardRest(request: IncomingMessage, maxBytes: number): void {
  let discardedCount = 0;
  request.on("data", (chunk: Buffer) => {
    discardedCount += chunk.length;
    if (discardedCount > DISCARDED_FACTOR * maxBytes) request.destroy();
  });
  request.resume();
}
