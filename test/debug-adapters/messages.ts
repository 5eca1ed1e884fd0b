import type { Readable, Writable } from "node:stream";

export type Message = Readonly<Record<string, unknown>>;

/** Hears the JSON messages of a stream, as debug adapters and language servers both frame them. */
export function hearMessages(input: Readable, hear: (message: Message) => void): void {
  let buffer = Buffer.alloc(0);
  input.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const head = buffer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.toString("latin1", 0, head))?.[1]);
      const end = head + 4 + length;
      if (buffer.length < end) return;
      const message = JSON.parse(buffer.toString("utf8", head + 4, end)) as Message;
      buffer = buffer.subarray(end);
      hear(message);
    }
  });
}

export function sendMessage(output: Writable, message: Message): void {
  const body = JSON.stringify(message);
  // In one piece: a socket holds back the second of two small ones for 40 ms.
  output.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
