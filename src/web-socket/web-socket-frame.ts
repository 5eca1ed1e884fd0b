/** What a frame carries (RFC 6455, section 5.2). */
export const opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof opcode)[keyof typeof opcode];

/**
 * One complete client frame (RFC 6455, section 5.2). The mask is present, as the specification demands of a client,
 * and zero: it protects proxies, and there is none between two processes of one machine.
 */
export function webSocketFrame(kind: Opcode, payload: Uint8Array): Buffer {
  const length = payload.length;
  const lengthBytes = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const header = 2 + lengthBytes + 4;
  const frame = Buffer.alloc(header + length);
  frame[0] = 0x80 | kind;
  if (lengthBytes === 0) frame[1] = 0x80 | length;
  else if (lengthBytes === 2) {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 0x80 | 127;
    frame.writeUIntBE(length, 4, 6);
  }
  frame.set(payload, header);
  return frame;
}

/** The request that opens the channel (RFC 6455, section 4.1). */
export function webSocketHandshake(host: string, port: number, path: string, key: string): Buffer {
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${host}:${String(port)}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
}
