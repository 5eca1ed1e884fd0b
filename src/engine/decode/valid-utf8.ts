import { isUtf8 } from "node:buffer";

/**
 * Readers of protobuf may refuse a string that is no UTF-8; in JSON its bytes are replaced. Nothing is copied of a body that is
 * UTF-8. Parts are cut where no character is divided: each is valid, or replaced, by itself.
 */
export function* withoutInvalidUtf8(body: Uint8Array, partBytes: number): Generator<undefined, Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let at = 0; at < body.length;) {
    if (at > 0) yield;
    const end = endOfCharacter(body, at + partBytes);
    const part = body.subarray(at, end);
    const valid = isUtf8(part) ? part : encoder.encode(decoder.decode(part));
    parts.push(valid);
    length += valid.length;
    at = end;
  }
  if (parts.every((part) => part.buffer === body.buffer)) return body;
  const text = new Uint8Array(length);
  let to = 0;
  for (const part of parts) {
    text.set(part, to);
    to += part.length;
    yield;
  }
  return text;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** This end, or that of the character which it is in: a byte behind three more that continue a character belongs to none. */
function endOfCharacter(body: Uint8Array, end: number): number {
  let at = end;
  while (at < Math.min(end + 3, body.length) && ((body[at] ?? 0) & 0xc0) === 0x80) at++;
  return Math.min(at, body.length);
}
