import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { decompressZstd, type ZstdDecompressor } from "../receive/decompress-zstd.ts";
import { PendingBytes } from "../receive/pending-bytes.ts";

/** How a frame's payload is stored; the numbers are part of the file format. */
export const STORED = 0;
export const DEFLATE = 1;
export const ZSTD = 2;

/** Below this a compressor's own overhead eats what it saves. */
const WORTH_COMPRESSING_BYTES = 512;

/** What zlib accepts at least. */
const MIN_CHUNK_BYTES = 64;

interface TransformOptions {
  readonly chunkSize?: number;
  readonly level?: number;
  readonly params?: Readonly<Record<number, number>>;
  /** Of a decompressor. */
  readonly maxOutputLength?: number;
}

type Transform = (bytes: Uint8Array, options: TransformOptions) => Promise<Uint8Array>;

const deflate: Transform = promisify(zlib.deflateRaw);
const inflate: Transform = promisify(zlib.inflateRaw);
const zstd = nodeZstd();

/**
 * Compresses on libuv's threads with zstd where the runtime has it (Node 22.15 and 23.8), else with raw deflate, both
 * at their fastest level: the log has to keep up with what comes in. What does not become smaller is stored.
 */
export async function compress(
  payload: Uint8Array,
): Promise<{ readonly codec: number; readonly bytes: Uint8Array }> {
  const stored = { codec: STORED, bytes: payload };
  if (payload.length < WORTH_COMPRESSING_BYTES) return stored;
  try {
    const codec = zstd === undefined ? DEFLATE : ZSTD;
    // Telemetry shrinks to less than a quarter: its output fits into one chunk. By default every 16 KiB come back to this thread.
    const chunkSize = Math.max(MIN_CHUNK_BYTES, payload.length >> 2);
    const bytes = await (zstd?.(payload, chunkSize) ?? deflate(payload, { level: 1, chunkSize }));
    return bytes.length < payload.length ? { codec, bytes } : stored;
  } catch {
    // Out of memory, for example: the bytes count, not their size.
    return stored;
  }
}

/**
 * The payload of `rawLength` bytes, or why there is none: the stream is damaged or longer than it says, or its codec is
 * of a later version.
 */
export async function decompress(
  codec: number,
  bytes: Uint8Array,
  rawLength: number,
): Promise<Uint8Array | string> {
  const open = decompressor(codec);
  if (open === undefined) return `codec ${codec} is unknown`;
  try {
    const chunkSize = Math.max(MIN_CHUNK_BYTES, rawLength);
    const raw = await open(bytes, { maxOutputLength: Math.max(rawLength, 1), chunkSize });
    return raw.length === rawLength ? raw : "its length is not the one it names";
  } catch {
    return "its compressed bytes are damaged";
  }
}

function decompressor(codec: number): Transform | undefined {
  if (codec === STORED) return (bytes) => Promise.resolve(bytes);
  if (codec === DEFLATE) return inflate;
  return codec === ZSTD ? unzstd : undefined;
}

/** With zstd where the runtime has it; logs of a newer runtime, and files that were saved by one, in JavaScript. */
export async function unzstd(
  bytes: Uint8Array,
  { maxOutputLength = 0 }: TransformOptions,
  native?: ZstdDecompressor,
): Promise<Uint8Array> {
  const pending = new PendingBytes(Number.POSITIVE_INFINITY);
  const opened = await decompressZstd(bytes, maxOutputLength, pending, native);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

interface NodeZstd {
  readonly zstdCompress?: typeof zlib.deflateRaw;
}

function nodeZstd(): ((bytes: Uint8Array, chunkSize: number) => Promise<Uint8Array>) | undefined {
  const { zstdCompress } = zlib as NodeZstd;
  if (zstdCompress === undefined) return undefined;
  const transform: Transform = promisify(zstdCompress);
  /** ZSTD_c_compressionLevel of zstd.h. */
  const compressionLevel = 100;
  return (bytes, chunkSize) => transform(bytes, { params: { [compressionLevel]: 1 }, chunkSize });
}
