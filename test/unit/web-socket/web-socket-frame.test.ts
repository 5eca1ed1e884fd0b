import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";

import { opcode, webSocketFrame, webSocketHandshake } from "../../../src/web-socket/web-socket-frame.ts";

test.each([0, 1, 125, 126, 65_535, 65_536, 1_000_000])("ws reads a frame of %i bytes", async (length) => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const payload = Buffer.alloc(length, 0x5a);
  const received = new Promise<Buffer>((resolve) => {
    server.on("connection", (socket) => socket.on("message", (data: Buffer) => resolve(data)));
  });
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  client.write(webSocketHandshake("127.0.0.1", port, "/s/x/agent", "c3BhbmxpZ2h0LWFnZW50IQ=="));
  client.write(webSocketFrame(opcode.binary, payload));
  expect((await received).equals(payload)).toBe(true);
  client.destroy();
  for (const socket of server.clients) socket.terminate();
  server.close();
});
