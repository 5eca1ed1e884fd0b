import { crc32 } from "../log/checksum.ts";
import { MARKER_BYTES } from "../log/frame.ts";

/**
 * The head of a run file, all numbers little-endian (docs/run-file.md):
 *
 *     0  "SPANLRUN"
 *     8  version of the format, 16 bits
 *    10  length of this head, 16 bits: the description begins there
 *    12  length of the description, 32 bits
 *    16  marker of the frames, 8 bytes
 *    24  CRC-32 of the description
 *    28  CRC-32 of bytes 0 to 28
 */
export const HEAD_BYTES = 32;
export const RUN_FILE_VERSION = 1;

/** A description names runs and sessions; one that is larger was not written by Spanlight. */
export const MAX_DESCRIPTION_BYTES = 4 * 1024 * 1024;

/**
 * The end of a run file:
 *
 *     0  "SPANLEND"
 *     8  number of frames, 32 bits
 *    12  number of records, 32 bits
 *    16  spans, data points of metrics, and log records: three float64
 *    40  length of the file, a float64
 *    48  CRC-32 of bytes 0 to 48
 */
export const TRAILER_BYTES = 52;

const MAGIC = Buffer.from("SPANLRUN", "latin1");
const END_MAGIC = Buffer.from("SPANLEND", "latin1");

export interface Head {
  readonly version: number;
  readonly headBytes: number;
  readonly descriptionBytes: number;
  readonly marker: Uint8Array;
  readonly descriptionCrc: number;
}

/** What a run file holds. */
export interface RunFileCounts {
  readonly spanCount: number;
  /** Data points of metrics. */
  readonly pointCount: number;
  readonly logCount: number;
}

export interface Trailer extends RunFileCounts {
  readonly frameCount: number;
  readonly recordCount: number;
  readonly fileBytes: number;
}

export function encodeHead(marker: Uint8Array, description: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt16LE(RUN_FILE_VERSION, 8);
  bytes.writeUInt16LE(HEAD_BYTES, 10);
  bytes.writeUInt32LE(description.length, 12);
  bytes.set(marker, 16);
  bytes.writeUInt32LE(crc32(description), 24);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
  return bytes;
}

/** Undefined for what is no run file, or whose head is damaged. */
export function decodeHead(head: Uint8Array): Head | undefined {
  if (head.length < HEAD_BYTES || !isRunFile(head)) return undefined;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.readUInt32LE(28) !== crc32(bytes.subarray(0, 28))) return undefined;
  return {
    version: bytes.readUInt16LE(8),
    headBytes: bytes.readUInt16LE(10),
    descriptionBytes: bytes.readUInt32LE(12),
    marker: bytes.subarray(16, 16 + MARKER_BYTES),
    descriptionCrc: bytes.readUInt32LE(24),
  };
}

/** Whether these are the first bytes of a run file, of whatever version. */
export function isRunFile(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => byte === bytes[at]);
}

export function encodeTrailer(trailer: Trailer): Uint8Array {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  END_MAGIC.copy(bytes);
  bytes.writeUInt32LE(trailer.frameCount, 8);
  bytes.writeUInt32LE(trailer.recordCount, 12);
  bytes.writeDoubleLE(trailer.spanCount, 16);
  bytes.writeDoubleLE(trailer.pointCount, 24);
  bytes.writeDoubleLE(trailer.logCount, 32);
  bytes.writeDoubleLE(trailer.fileBytes, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 48)), 48);
  return bytes;
}

/** Undefined where these bytes do not end a file of this length: it was cut, or damaged there. */
export function decodeTrailer(trailer: Uint8Array, fileBytes: number): Trailer | undefined {
  if (trailer.length !== TRAILER_BYTES) return undefined;
  const bytes = Buffer.from(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  if (!END_MAGIC.every((byte, at) => byte === bytes[at])) return undefined;
  if (bytes.readUInt32LE(48) !== crc32(bytes.subarray(0, 48))) return undefined;
  if (bytes.readDoubleLE(40) !== fileBytes) return undefined;
  return {
    frameCount: bytes.readUInt32LE(8),
    recordCount: bytes.readUInt32LE(12),
    spanCount: bytes.readDoubleLE(16),
    pointCount: bytes.readDoubleLE(24),
    logCount: bytes.readDoubleLE(32),
    fileBytes,
  };
}
