/** A frame that a server sent (RFC 6455, section 5.2). */
export interface ReceivedFrame {
  readonly kind: number;
  readonly payload: Buffer;
}

/** What is listened to is short; more than this is nothing that was asked for. */
const maxPayload = 1024 * 1024;

/** Puts a server's frames together from what a socket delivers. Fragmented messages are not joined: none of the servers here sends any. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** @returns the frames that are complete with these bytes; undefined where they are none that a server sends */
  read(bytes: Buffer): readonly ReceivedFrame[] | undefined {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: ReceivedFrame[] = [];
    for (;;) {
      const header = headerOf(rest);
      if (header === "broken") return undefined;
      if (header === undefined || rest.length < header.start + header.length) break;
      const end = header.start + header.length;
      frames.push({ kind: header.kind, payload: rest.subarray(header.start, end) });
      rest = rest.subarray(end);
    }
    this.#rest = Buffer.from(rest);
    return frames;
  }
}

interface FrameHeader {
  readonly kind: number;
  readonly start: number;
  readonly length: number;
}

/** Undefined while it is not complete. */
function headerOf(bytes: Buffer): FrameHeader | "broken" | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  // A server does not mask (section 5.1).
  if ((second & 0x80) !== 0) return "broken";
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return length > maxPayload ? "broken" : { kind: first & 0x0f, start, length };
}
