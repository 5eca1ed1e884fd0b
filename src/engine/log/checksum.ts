import * as zlib from "node:zlib";

/** CRC-32 of zlib and PNG (ISO 3309), unsigned. Node has it itself from 20.15 and 22.2 on. */
export const crc32: (bytes: Uint8Array) => number = nativeCrc32() ?? tableCrc32;

/** The same figure where the runtime has none; about a third of the speed. */
export function tableCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function nativeCrc32(): ((bytes: Uint8Array) => number) | undefined {
  const { crc32: native } = zlib as { readonly crc32?: (bytes: Uint8Array) => number };
  return native === undefined ? undefined : (bytes) => native(bytes);
}
