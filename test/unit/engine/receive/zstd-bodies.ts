/** Bodies in zstd, since not every runtime of the tests can compress. */

/** What {@link COMPRESSED_TEXT} holds. */
export const TEXT = Array.from({ length: 60 }, (_, i) => `span ${(i * 7919) % 1000} `).join("");

/** Made by the zstd command: one frame with a compressed block, its size and a checksum. */
export const COMPRESSED_TEXT = Buffer.from(
  "KLUv/WQUAXUFALJHEhDQFTqAuBb8JJmkTEkGDIgQYRJFaiXKVHNun2XIbj4mcktOqwijVc8QvXr5w+1SpHaEwmWqXh7xzSJDst18yORxsb6HCAGAYBA7IJCTUh1EEDxjZokAub8Ez3gylmX23Drntsktt9ycmza33OSWW+RmkC0HEtxlzIy5GWcs44xnnHHGOWNtZs6tywLBGWc844xnnHHGycjNbDTZDXe44Uab3XCHA8MRjdOFtgC+F1w=",
  "base64",
);

/** A frame of blocks as they are (RFC 8878 §3.1.1), without a size or a checksum. */
export function frameOf(
  blocks: readonly Uint8Array[],
  { window = 1024, descriptor = 0 }: { readonly window?: number; readonly descriptor?: number } = {},
): Buffer {
  const parts = blocks.flatMap((block, index) => [
    blockHeader(0, block.length, index === blocks.length - 1),
    block,
  ]);
  return Buffer.concat([head(window, descriptor), ...parts]);
}

/** A frame of blocks that are one byte again and again, 128 KiB each: a bomb. */
export function runsOf(count: number): Buffer {
  const parts = Array.from({ length: count }, (_, index) => [
    blockHeader(1, 128 * 1024, index === count - 1),
    Buffer.of(0x41),
  ]);
  return Buffer.concat([head(128 * 1024, 0), ...parts.flat()]);
}

/** A frame that decoders skip. */
export function skippedOf(content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a53, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

function head(window: number, descriptor: number): Buffer {
  return Buffer.of(0x28, 0xb5, 0x2f, 0xfd, descriptor, (Math.log2(window) - 10) << 3);
}

function blockHeader(type: number, size: number, isLast: boolean): Buffer {
  const header = (size << 3) | (type << 1) | (isLast ? 1 : 0);
  return Buffer.of(header & 0xff, (header >> 8) & 0xff, header >> 16);
}
