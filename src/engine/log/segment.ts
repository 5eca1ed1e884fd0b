import { crc32 } from "./checksum.ts";
import { FRAME_HEADER_BYTES, MARKER_BYTES, readFrameHeader, type Frame } from "./frame.ts";

/**
 * A segment's header, all numbers little-endian:
 *
 *     0  "SPANLLOG"
 *     8  version, 16 bits
 *    10  length of this header, 16 bits: frames begin there
 *    12  the segment's number within its engine's folder
 *    16  marker of the frames, 8 bytes
 *    24  when the segment was begun, milliseconds since the epoch, float64
 *    32  CRC-32 of bytes 0 to 32
 */
export const SEGMENT_HEADER_BYTES = 36;
export const SEGMENT_VERSION = 1;
const MAGIC = new TextEncoder().encode("SPANLLOG");

/** Checksums are computed over at most this many times a segment's size: overlapping frames that somebody forged cost no more than that. */
const MAX_CHECKED_RATIO = 4;

/** Something of a segment that could not be read. */
export type Damage =
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "header" }
  | { readonly kind: "corrupt"; readonly offset: number; readonly bytes: number }
  /** The end was being written when the process died; it was never acknowledged. */
  | { readonly kind: "torn"; readonly offset: number; readonly bytes: number };

export interface SegmentContent {
  readonly frames: readonly Frame[];
  readonly damages: readonly Damage[];
}

export function encodeSegmentHeader(number: number, marker: Uint8Array, createdMs: number): Uint8Array {
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(MAGIC, 0);
  view.setUint16(8, SEGMENT_VERSION, true);
  view.setUint16(10, SEGMENT_HEADER_BYTES, true);
  view.setUint32(12, number, true);
  header.set(marker, 16);
  view.setFloat64(24, createdMs, true);
  view.setUint32(32, crc32(header.subarray(0, 32)), true);
  return header;
}

/**
 * All frames of a segment whose checksums hold, in their order. What lies between them is reported and costs nothing
 * else: the next frame is found by its marker. Takes time in proportion to the segment's size, whatever is in it.
 *
 * @param knownMarker used where the segment's own header is damaged
 */
export function readSegment(segment: Uint8Array, knownMarker: Uint8Array): SegmentContent {
  const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength);
  const head = readHeader(bytes, knownMarker);
  if (head.damage?.kind === "version") return { frames: [], damages: [head.damage] };
  const { frames, damages } = scanFrames(bytes, head.marker, head.end);
  return { frames, damages: head.damage === undefined ? damages : [head.damage, ...damages] };
}

interface Head {
  readonly marker: Uint8Array;
  readonly end: number;
  readonly damage?: Damage;
}

function readHeader(bytes: Buffer, knownMarker: Uint8Array): Head {
  if (bytes.length < SEGMENT_HEADER_BYTES) return { marker: knownMarker, end: 0 };
  const isSound =
    bytes.readUInt32LE(32) === crc32(bytes.subarray(0, 32)) && MAGIC.every((byte, at) => byte === bytes[at]);
  if (!isSound) {
    // The first frame is looked for from the header's usual end, so that the damage is not reported twice.
    return { marker: knownMarker, end: SEGMENT_HEADER_BYTES, damage: { kind: "header" } };
  }
  const version = bytes.readUInt16LE(8);
  const marker = bytes.subarray(16, 16 + MARKER_BYTES);
  if (version === SEGMENT_VERSION) return { marker, end: bytes.readUInt16LE(10) };
  return { marker, end: 0, damage: { kind: "version", version } };
}

function scanFrames(bytes: Buffer, marker: Uint8Array, start: number): SegmentContent {
  const frames: Frame[] = [];
  const damages: Damage[] = [];
  let checkable = bytes.length * MAX_CHECKED_RATIO;
  /** End of the last sound frame: everything from here to the next one is damage. */
  let soundEnd = start;

  for (let at = bytes.indexOf(marker, start); at >= 0 && checkable > 0;) {
    const header = readFrameHeader(bytes, at);
    const payloadStart = at + FRAME_HEADER_BYTES;
    const end = payloadStart + (header?.storedLength ?? 0);
    let next = at + 1;
    if (header !== undefined && end <= bytes.length) {
      const { payloadCrc, storedLength, ...rest } = header;
      const stored = bytes.subarray(payloadStart, end);
      checkable -= storedLength;
      if (crc32(stored) === payloadCrc) {
        if (at > soundEnd) damages.push({ kind: "corrupt", offset: soundEnd, bytes: at - soundEnd });
        frames.push({ ...rest, stored });
        soundEnd = next = end;
      }
    }
    at = bytes.indexOf(marker, next);
  }

  if (soundEnd < bytes.length) {
    const kind = isTorn(bytes, soundEnd) ? "torn" : "corrupt";
    damages.push({ kind, offset: soundEnd, bytes: bytes.length - soundEnd });
  }
  return { frames, damages };
}

/** A write that was cut short leaves the beginning of a frame; a machine that lost power may leave zeros instead. */
function isTorn(bytes: Buffer, at: number): boolean {
  if (bytes.length - at < FRAME_HEADER_BYTES) return true;
  const header = readFrameHeader(bytes, at);
  if (header !== undefined) return at + FRAME_HEADER_BYTES + header.storedLength > bytes.length;
  return bytes.subarray(at).every((byte) => byte === 0);
}
