/** What decompressing a body of zstd will take, as far as the frames tell; see {@link measureZstd}. */
interface ZstdMeasure {
  /** Bytes that will certainly come out. */
  readonly minBytes: number;
  /** More cannot come out of frames that tell the truth. */
  readonly maxBytes: number;
  /** The largest window that is kept. */
  readonly windowBytes: number;
  /** Blocks, each of which comes out on its own, times the window that is kept for it: the work of a simple decoder. */
  readonly windowWork: number;
  /** Frames, those to be skipped among them. */
  readonly frameCount: number;
}

/** HTTP's encoders keep within it (RFC 9659), and so nobody has to find more memory. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;

/** What a compressed block holds at most: Block_Maximum_Size of RFC 8878 §3.1.1.2.4, where the window is no smaller. */
const MAX_BLOCK_BYTES = 128 * 1024;

/**
 * Walks over the frames and blocks of a zstd stream (RFC 8878 §3.1) without decompressing them, up to the end of the
 * body. Undefined where it is none: cut off, with something behind it, with more in its blocks than is told, with a window of more than 8 MiB, or with a dictionary that nobody has.
 */
export function measureZstd(body: Uint8Array): ZstdMeasure | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let minBytes = 0;
  let maxBytes = 0;
  let windowBytes = 0;
  let windowWork = 0;
  let frameCount = 0;
  for (let at = 0; at < body.length;) {
    if (at + 8 > body.length) return undefined;
    const magic = view.getUint32(at, true);
    frameCount++;
    if (magic >>> 4 === SKIPPABLE) {
      at += 8 + view.getUint32(at + 4, true);
      if (at > body.length) return undefined;
      continue;
    }
    const header = magic === FRAME ? readHeader(view, at + 4) : undefined;
    if (header === undefined) return undefined;
    const blocks = walkBlocks(view, header.end);
    if (blocks === undefined) return undefined;
    if (blocks.minBytes > (header.contentBytes ?? Infinity)) return undefined;
    at = blocks.end + (header.hasChecksum ? 4 : 0);
    if (at > body.length) return undefined;
    minBytes += Math.max(blocks.minBytes, header.contentBytes ?? 0);
    maxBytes += Math.min(blocks.maxBytes, header.contentBytes ?? Infinity);
    windowBytes = Math.max(windowBytes, header.windowBytes);
    windowWork += blocks.count * header.windowBytes;
  }
  return frameCount === 0 ? undefined : { minBytes, maxBytes, windowBytes, windowWork, frameCount };
}

const FRAME = 0xfd2f_b528;
const SKIPPABLE = 0x0184_d2a5;

interface FrameHeader {
  readonly end: number;
  readonly windowBytes: number;
  /** Undefined where it is not told. */
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

/** RFC 8878 §3.1.1.1. */
function readHeader(view: DataView, start: number): FrameHeader | undefined {
  const descriptor = view.getUint8(start);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasDictionary = (descriptor & 3) !== 0;
  const isReserved = (descriptor & 8) !== 0;
  if (hasDictionary || isReserved) return undefined;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeAt = start + (isSingleSegment ? 1 : 2);
  const end = sizeAt + sizeBytes;
  if (end > view.byteLength) return undefined;
  const contentBytes = contentSize(view, sizeAt, sizeBytes);
  const windowBytes = isSingleSegment ? (contentBytes ?? 0) : windowSize(view.getUint8(start + 1));
  if (windowBytes > MAX_WINDOW_BYTES) return undefined;
  return { end, windowBytes, contentBytes, hasChecksum: (descriptor & 4) !== 0 };
}

function contentSize(view: DataView, at: number, bytes: number): number | undefined {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  if (bytes === 4) return view.getUint32(at, true);
  return bytes === 8 ? view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32 : undefined;
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

interface Blocks {
  readonly end: number;
  readonly count: number;
  /** What comes out of them. */
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** RFC 8878 §3.1.1.2. */
function walkBlocks(view: DataView, start: number): Blocks | undefined {
  let minBytes = 0;
  let compressedCount = 0;
  let at = start;
  for (let count = 1; at + 3 <= view.byteLength; count++) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === RESERVED) return undefined;
    if (type === COMPRESSED) compressedCount++;
    else minBytes += size;
    at += 3 + (type === RUN ? 1 : size);
    if ((header & 1) === 0) continue;
    const maxBytes = minBytes + compressedCount * MAX_BLOCK_BYTES;
    return at > view.byteLength ? undefined : { end: at, count, minBytes, maxBytes };
  }
  return undefined;
}

const RUN = 1;
const COMPRESSED = 2;
const RESERVED = 3;
