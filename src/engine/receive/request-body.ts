import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createGunzip, createInflate, type Gunzip, type Inflate } from "node:zlib";
import { err, ok, type Result } from "../../base/result.ts";
import type { BodyBuffers } from "./body-buffers.ts";
import { CollectedBody } from "./collected-body.ts";
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

/** Lent to the one that reads it: its bytes may be overwritten after {@link release}. */
export interface RequestBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/** What is shared by all bodies that are on their way. */
export interface BodyMemory {
  readonly pending: PendingBytes;
  readonly buffers: BodyBuffers;
}

/**
 * Reads and decompresses a request's body. It is counted as it comes out of decompression, so a gzip bomb is cut at
 * the limit and never unfolds. The rest of a body that was refused is the caller's to discard.
 */
export async function readBody(
  request: IncomingMessage,
  compression: Compression,
  maxBytes: number,
  memory: BodyMemory,
): Promise<Result<RequestBody, BodyFailure>> {
  if (compression !== "zstd") return readStream(request, compression, maxBytes, memory);
  const compressed = await readStream(request, "identity", maxBytes, memory);
  if (!compressed.ok) return compressed;
  const bytes = await decompressZstd(compressed.value.bytes, maxBytes, memory.pending);
  compressed.value.release();
  return bytes.ok ? ok({ bytes: bytes.value, release: () => undefined }) : bytes;
}

function readStream(
  request: IncomingMessage,
  compression: Exclude<Compression, "zstd">,
  maxBytes: number,
  { pending, buffers }: BodyMemory,
): Promise<Result<RequestBody, BodyFailure>> {
  return new Promise((resolve) => {
    const inflate = compression === "identity" ? undefined : createInflater(compression);
    const source: Readable = inflate ?? request;
    const body = new CollectedBody(buffers);
    let settled = false;

    const settle = (result: Result<RequestBody, BodyFailure>): void => {
      settled = true;
      pending.release(body.length);
      if (inflate !== undefined) {
        request.unpipe(inflate);
        inflate.destroy();
      }
      resolve(result);
    };
    const fail = (failure: BodyFailure): void => {
      if (settled) return;
      settle(err(failure));
      body.release();
    };

    source.on("data", (chunk: Buffer) => {
      if (settled) return;
      if (body.length + chunk.length > maxBytes) fail("too-large");
      else if (!pending.take(chunk.length)) fail("busy");
      else body.add(chunk);
    });
    source.on("end", () => {
      if (!settled) settle(ok({ bytes: body.whole(), release: () => body.release() }));
    });
    request.on("error", () => fail("aborted"));
    request.on("close", () => {
      if (!request.complete) fail("aborted");
    });

    if (inflate === undefined) return;
    // Empty gzip members cost their sender bytes and make none, so what goes in is limited as well.
    let compressedCount = 0;
    request.on("data", (chunk: Buffer) => {
      compressedCount += chunk.length;
      if (compressedCount > maxBytes) fail("too-large");
    });
    inflate.on("error", () => fail("corrupt"));
    request.pipe(inflate);
  });
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
