import { crc32 } from "../log/checksum.ts";
import { FRAME_HEADER_BYTES, MARKER_BYTES, readFrameHeader, type Frame } from "../log/frame.ts";

/** A file of which pieces can be read. */
export interface FileWindow {
  readonly bytes: number;
  /** As many bytes as there are from `position` on, at most `length`. */
  read(position: number, length: number): Promise<Uint8Array>;
}

export interface ScannedFrame extends Frame {
  /** Where the frame begins. */
  readonly at: number;
  /** Damage before it. */
  readonly skippedBytes: number;
}

/** What is read at once while the next frame is looked for behind some damage. */
const SEARCH_BYTES = 1024 * 1024;

/** Checksums are computed over at most this many times the file's size: overlapping frames that somebody forged cost no more than that. */
const MAX_CHECKED_RATIO = 4;

/** Finds the frames of a file between two positions whose checksums hold, one at a time. */
export class FrameScanner {
  readonly #file: FileWindow;
  readonly #marker: Buffer;
  readonly #end: number;
  #checkable: number;
  #position: number;

  constructor(file: FileWindow, marker: Uint8Array, start: number, end: number) {
    this.#file = file;
    this.#marker = Buffer.from(marker);
    this.#position = start;
    this.#end = end;
    this.#checkable = file.bytes * MAX_CHECKED_RATIO;
  }

  /** The end of the last frame that was found. */
  get position(): number {
    return this.#position;
  }

  /** Undefined where there is no further one. */
  async next(): Promise<ScannedFrame | undefined> {
    for (let at = this.#position; ; at++) {
      const found = await this.#findMarker(at);
      if (found === undefined || this.#checkable <= 0) return undefined;
      at = found;
      const frame = await this.#frameAt(at);
      if (frame === undefined) continue;
      const skippedBytes = at - this.#position;
      this.#position = at + FRAME_HEADER_BYTES + frame.stored.length;
      return { ...frame, at, skippedBytes };
    }
  }

  async #frameAt(at: number): Promise<Frame | undefined> {
    const header = readFrameHeader(await this.#file.read(at, FRAME_HEADER_BYTES), 0);
    if (header === undefined) return undefined;
    const { payloadCrc, storedLength, ...rest } = header;
    const start = at + FRAME_HEADER_BYTES;
    if (start + storedLength > this.#end) return undefined;
    this.#checkable -= storedLength;
    const stored = await this.#file.read(start, storedLength);
    return crc32(stored) === payloadCrc ? { ...rest, stored } : undefined;
  }

  /** Where the marker lies first, from `from` on. It usually lies just there. */
  async #findMarker(from: number): Promise<number | undefined> {
    let size = MARKER_BYTES;
    for (let at = from; at + MARKER_BYTES <= this.#end;) {
      const piece = await this.#file.read(at, Math.min(size, this.#end - at));
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
      const found = bytes.indexOf(this.#marker);
      if (found >= 0) return at + found;
      // A marker may lie across the border of two pieces.
      at += Math.max(1, bytes.length - MARKER_BYTES + 1);
      size = SEARCH_BYTES;
    }
    return undefined;
  }
}
