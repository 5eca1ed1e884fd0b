import { crc32 } from "./checksum.ts";
import { compress, STORED } from "./compression.ts";

/**
 * A frame's header, all numbers little-endian:
 *
 *     0  marker, 8 bytes: drawn at random for each engine, so that nothing a sender writes looks like a frame
 *     8  CRC-32 of bytes 12 to 40
 *    12  CRC-32 of the payload as it is stored
 *    16  length of the payload as it is stored
 *    20  length of the payload when decompressed
 *    24  number of records
 *    28  codec (0 stored, 1 raw deflate, 2 zstd), then three bytes of 0
 *    32  number of the first record, a float64 that holds an integer
 *    40  the payload
 */
export const FRAME_HEADER_BYTES = 40;
export const MARKER_BYTES = 8;

/** A request's body may have 64 MiB; twice that is a damaged length or a bomb. */
export const MAX_PAYLOAD_BYTES = 128 * 1024 * 1024;

/** A frame as it lies in a segment; its payload is still compressed and already checked. */
export interface Frame {
  readonly firstSequence: number;
  readonly recordCount: number;
  readonly codec: number;
  readonly rawLength: number;
  readonly stored: Uint8Array;
}

/** What a header says that its own checksum confirms. */
export interface FrameHeader extends Omit<Frame, "stored"> {
  readonly payloadCrc: number;
  readonly storedLength: number;
}

export interface FrameContent {
  readonly marker: Uint8Array;
  /** Encoded records, one after the other. */
  readonly payload: Uint8Array;
  readonly recordCount: number;
  readonly firstSequence: number;
}

/** The bytes of a frame. `compressed` false stores the payload as it is, for when time matters more than space. */
export async function sealFrame(content: FrameContent, compressed: boolean): Promise<Uint8Array> {
  const { payload, recordCount, firstSequence } = content;
  const { codec, bytes } = compressed ? await compress(payload) : { codec: STORED, bytes: payload };
  const frame = new Uint8Array(FRAME_HEADER_BYTES + bytes.length);
  const view = new DataView(frame.buffer);
  frame.set(content.marker, 0);
  view.setUint32(12, crc32(bytes), true);
  view.setUint32(16, bytes.length, true);
  view.setUint32(20, payload.length, true);
  view.setUint32(24, recordCount, true);
  view.setUint8(28, codec);
  view.setFloat64(32, firstSequence, true);
  view.setUint32(8, crc32(frame.subarray(12, FRAME_HEADER_BYTES)), true);
  frame.set(bytes, FRAME_HEADER_BYTES);
  return frame;
}

/** Reads the header at `at`, where a marker lies; undefined where it is cut off, damaged or impossible. */
export function readFrameHeader(bytes: Uint8Array, at: number): FrameHeader | undefined {
  if (at + FRAME_HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, FRAME_HEADER_BYTES);
  if (view.getUint32(8, true) !== crc32(bytes.subarray(at + 12, at + FRAME_HEADER_BYTES))) return undefined;
  const header = {
    payloadCrc: view.getUint32(12, true),
    storedLength: view.getUint32(16, true),
    rawLength: view.getUint32(20, true),
    recordCount: view.getUint32(24, true),
    codec: view.getUint8(28),
    firstSequence: view.getFloat64(32, true),
  };
  const possible = header.rawLength <= MAX_PAYLOAD_BYTES && Number.isSafeInteger(header.firstSequence);
  return possible ? header : undefined;
}
