import assert from "node:assert/strict";

/** The statuses of HTTP/1.1 replies, one after the other; throws where they are no replies. */
export function statusesIn(said: Buffer): number[] {
  const statuses: number[] = [];
  for (let at = 0; at < said.length;) {
    const bodyStart = said.indexOf("\r\n\r\n", at) + 4;
    assert.ok(bodyStart >= 4, "headers have an end");
    const head = said.toString("latin1", at, bodyStart);
    const status = /^HTTP\/1\.1 ([1-5]\d\d) [^\r\n]*\r\n/.exec(head)?.[1];
    assert.ok(status !== undefined, `no reply: ${head.slice(0, 60)}`);
    statuses.push(Number(status));
    const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
    at = bodyStart + Number(length ?? 0);
    assert.ok(at <= said.length, "a body is as long as it says");
    // Its rest is another protocol's, or the connection is cut without a body.
    if (status === "101" || length === undefined) return statuses;
  }
  return statuses;
}

/** The types of HTTP/2 frames (RFC 9113, 4.1), one after the other; the last one may be cut off with its connection. */
export function http2FramesIn(said: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 9 <= said.length;) {
    const type = said[at + 3] ?? 0;
    assert.ok(type <= 9, `a frame of the type ${type}`);
    types.push(type);
    at += 9 + said.readUIntBE(at, 3);
  }
  return types;
}

/** The opcodes of a server's WebSocket frames (RFC 6455, 5.2), and the code of the last one where it closes. */
export function webSocketFramesIn(said: Buffer): { readonly opcodes: number[]; readonly closeCode?: number } {
  const opcodes: number[] = [];
  for (let at = 0; at < said.length;) {
    const [head = 0, length = 0] = said.subarray(at);
    assert.ok((head & 0x70) === 0 && length < 0x80, "nothing is reserved, and a server masks nothing");
    // Whatever this one says to agents is short.
    assert.ok(length < 126 && at + 2 + length <= said.length, "a frame is as long as it says");
    opcodes.push(head & 0x0f);
    if ((head & 0x0f) === 8) {
      assert.equal(at + 2 + length, said.length, "nothing follows a close");
      return { opcodes, ...(length >= 2 && { closeCode: said.readUInt16BE(at + 2) }) };
    }
    at += 2 + length;
  }
  return { opcodes };
}
