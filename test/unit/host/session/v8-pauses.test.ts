import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { isOfJsDebug, listenToV8, type V8Word } from "../../../../src/host/session/v8-pauses.ts";
import type { Disposable } from "../../../../src/base/dispose.ts";

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** What js-debug offers: a server that is told by `JsDebug.subscribe` what to pass on. */
async function jsDebug(): Promise<{ readonly server: WebSocketServer; readonly reply: object }> {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    path: "/0a1b2c",
    perMessageDeflate: true,
  });
  opened.push(server);
  await once(server, "listening");
  const { address, port } = server.address() as AddressInfo;
  return { server, reply: { host: address, port, path: "/0a1b2c" } };
}

function listen(reply: unknown): { readonly words: V8Word[]; readonly listening: Disposable } {
  const words: V8Word[] = [];
  const customRequest = (command: string): Promise<unknown> =>
    command === "requestCDPProxy" ? Promise.resolve(reply) : Promise.reject(new Error(command));
  return { words, listening: listenToV8({ customRequest }, (word) => words.push(word)) };
}

/** The next connection, with its first message. */
function connected(server: WebSocketServer): Promise<{ client: WebSocket; subscription: unknown }> {
  return new Promise((resolve) => {
    server.once("connection", (client) => {
      client.once("message", (message: Buffer) =>
        resolve({ client, subscription: JSON.parse(message.toString()) }),
      );
    });
  });
}

test("subscribes to pauses alone, and tells them, however large they are", async () => {
  const { server, reply } = await jsDebug();
  const { words, listening } = listen(reply);
  const { client, subscription } = await connected(server);
  expect(subscription).toEqual({
    id: 1,
    method: "JsDebug.subscribe",
    params: { events: ["Debugger.paused", "Debugger.resumed"] },
  });
  const callFrames = [{ functionName: "x".repeat(100_000) }];
  for (const said of [
    { id: 1, result: {} },
    { method: "Debugger.paused", params: { callFrames, reason: '{"method":"Debugger.resumed"' } },
    { method: "Debugger.scriptParsed", params: {} },
    { method: "Debugger.resumed", params: {} },
    { method: "Debugger.paused", params: {} },
  ])
    client.send(JSON.stringify(said));
  await vi.waitFor(() => expect(words).toEqual(["paused", "resumed", "paused"]));
  listening.dispose();
  await once(client, "close");
});

test("a connection that ends leaves nothing held", async () => {
  const { server, reply } = await jsDebug();
  const { words } = listen(reply);
  const { client } = await connected(server);
  client.close();
  await vi.waitFor(() => expect(words).toEqual(["resumed"]));
});

test.each([
  ["no address", () => undefined],
  ["a path that would end the request's line", (good: object) => ({ ...good, path: "/a HTTP/1.1\r\nX: y" })],
  ["a port that is none", (good: object) => ({ ...good, port: 70_000 })],
])("connects nowhere with %s", async (_, replyOf) => {
  const { server, reply } = await jsDebug();
  let connections = 0;
  server.on("connection", () => connections++);
  server.on("wsClientError", () => connections++);
  listen(replyOf(reply));
  const next = connected(server);
  const { listening } = listen(reply);
  await next;
  listening.dispose();
  expect(connections).toBe(1);
});

test("a session that knows no such request is left alone", async () => {
  const words: V8Word[] = [];
  const refused = Promise.reject(new Error("Unknown request: requestCDPProxy"));
  listenToV8({ customRequest: () => refused }, (word) => words.push(word)).dispose();
  await expect(refused).rejects.toThrow("Unknown");
  expect(words).toEqual([]);
});

test("what is no WebSocket, or speaks without end, is left", async () => {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
  });
  opened.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { words } = listen({ host: "127.0.0.1", port: (server.address() as AddressInfo).port, path: "/a" });
  await vi.waitFor(() => expect(words).toEqual(["resumed"]));
});

test.each([
  ["pwa-node", true],
  ["pwa-chrome", true],
  ["debugpy", false],
  ["node", false],
])("a session of type %s is js-debug's: %s", (type, expected) => {
  expect(isOfJsDebug(type)).toBe(expected);
});
