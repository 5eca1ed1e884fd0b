import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test, describe, onTestFinished } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { openTestReceiver, type TestReceiver } from "./open-test-receiver.ts";
import { ask, connectTo, readUntil } from "./raw-http.ts";
import { NOTHING_WRONG } from "./recording-sink.ts";

const SESSION = "abcdefghijklmnopqrstuv";
const KIB = 1024;
const HELLO = {
  type: "hello",
  version: 1,
  pid: 42,
  ppid: 1,
  runtime: "node",
  runtimeVersion: "v20.20.2",
  argv: ["server.js"],
  ownSdk: false,
  worker: false,
  resource: { "service.name": "cart" },
};

async function connectAgent({ receiver }: TestReceiver): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${receiver.http}/s/${SESSION}/agent`);
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, "close")) as [number];
  return code;
}

test("an agent greets, sends spans, finds an SDK, and goes", async () => {
  const opened = await openTestReceiver();
  const { sink } = opened;
  const socket = await connectAgent(opened);
  socket.send(JSON.stringify(HELLO));
  socket.send(Buffer.from("spans"));
  socket.send(JSON.stringify({ type: "requests", of: "a newer agent" }));
  socket.send(JSON.stringify({ type: "state", ownSdk: true }));
  socket.send(JSON.stringify({ type: "held", atUnixNano: "1700000000000000001" }));
  socket.send(JSON.stringify({ type: "released", atUnixNano: "1700000000000000002" }));
  socket.send(Buffer.from("more"));
  socket.close();
  await expect
    .poll(() => sink.agents)
    .toEqual([
      `1 connected to ${SESSION} as cart pid 42`,
      "1 has its own SDK",
      "1 held at 1700000000000000001",
      "1 released at 1700000000000000002",
      "1 gone",
    ]);
  const origin = { sessionId: SESSION, channel: "agent", connection: 1 };
  expect(sink.exports).toEqual([
    { signal: "traces", body: "spans", encoding: "protobuf", origin },
    { signal: "traces", body: "more", encoding: "protobuf", origin },
  ]);
});

test("an agent that is faster than the log has to wait, and loses nothing", async () => {
  const opened = await openTestReceiver();
  const { sink } = opened;
  let logAll = (_logged: boolean): void => undefined;
  const logged = new Promise<boolean>((resolve) => (logAll = resolve));
  sink.answer = { ...NOTHING_WRONG, logged };
  const socket = await connectAgent(opened);
  socket.send(JSON.stringify(HELLO));
  for (let n = 0; n < 60; n++) socket.send(Buffer.alloc(1024 * KIB));
  await expect.poll(() => sink.exports.length).toBeGreaterThanOrEqual(4);
  // What other senders ask is answered, while nothing more is read from this socket.
  for (let n = 0; n < 5; n++) await ask(`${opened.url}/v1/nothing`);
  expect(sink.exports.length).toBeLessThan(10);
  expect(socket.bufferedAmount).toBeGreaterThan(0);
  sink.answer = NOTHING_WRONG;
  logAll(true);
  socket.close();
  await expect.poll(() => sink.agents.at(-1), { timeout: 10_000 }).toBe("1 gone");
  expect(sink.exports).toHaveLength(60);
});

test("frames are taken in their order, also behind a large one", async () => {
  const opened = await openTestReceiver();
  const { sink } = opened;
  let takeLarge = (): void => undefined;
  sink.takeInSlices = async (_signal, ...request) => {
    await new Promise<void>((resolve) => (takeLarge = resolve));
    return sink.traces(...request);
  };
  const socket = await connectAgent(opened);
  socket.send(JSON.stringify(HELLO));
  socket.send(Buffer.alloc(600 * KIB));
  socket.send(Buffer.from("small"));
  socket.close();
  await expect.poll(() => sink.agents.length).toBe(1);
  await ask(`${opened.url}/v1/nothing`);
  expect(sink.exports).toEqual([]);
  takeLarge();
  await expect.poll(() => sink.agents.at(-1)).toBe("1 gone");
  expect(sink.exports.map(({ body }) => body)).toEqual([`${600 * KIB} bytes`, "small"]);
});

test("a process that is killed is gone, and the next agent has another number", async () => {
  const opened = await openTestReceiver();
  const killed = await connectAgent(opened);
  killed.send(JSON.stringify(HELLO));
  killed.send(Buffer.from("spans"));
  await expect.poll(() => opened.sink.exports).toHaveLength(1);
  killed.terminate();
  await expect.poll(() => opened.sink.agents.at(-1)).toBe("1 gone");
  const next = await connectAgent(opened);
  next.send(JSON.stringify({ ...HELLO, resource: undefined }));
  await expect
    .poll(() => opened.sink.agents.at(-1))
    .toBe(`2 connected to ${SESSION} as unknown_service:node pid 42`);
});

describe("a process that ends at once", () => {
  /** A frame as a client masks it, with a mask of zeros. */
  const frame = (opcode: number, payload: Buffer): Buffer =>
    Buffer.concat([
      Buffer.of(0x80 | opcode, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0),
      payload,
    ]);
  const whole = (port: number): Buffer =>
    Buffer.concat([
      Buffer.from(
        `GET /s/${SESSION}/agent HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c3BhbmxpZ2h0LWFnZW50IQ==\r\n\r\n",
      ),
      frame(1, Buffer.from(JSON.stringify(HELLO))),
      ...Array.from({ length: 100 }, (_, index) => frame(2, Buffer.from(`spans ${index}`.padEnd(900)))),
    ]);

  test.each<[string, (port: number, bytes: Buffer) => Promise<void>]>([
    [
      "in order",
      async (port, bytes) => {
        (await connectTo(port)).end(bytes).resume();
      },
    ],
    [
      "by leaving its socket to the system",
      async (port, bytes) => {
        const script = `require("net").connect(${port}, "127.0.0.1", function () {
          this.write(Buffer.from("${bytes.toString("base64")}", "base64"), () => process.exit());
        });`;
        await once(spawn(process.execPath, ["-e", script]), "exit");
      },
    ],
  ])("having sent all in one go, loses nothing: %s", async (_how, send) => {
    const { receiver, sink } = await openTestReceiver();
    await send(receiver.http, whole(receiver.http));
    await expect.poll(() => sink.agents.at(-1)).toBe("1 gone");
    expect(sink.exports).toHaveLength(100);
  });
});

describe("frames that no agent sends close the connection", () => {
  const hello = JSON.stringify(HELLO);
  test.each<[string, (string | Buffer)[], number]>([
    ["no JSON", ["hello?"], 1007],
    ["no object", ["[]"], 1007],
    ["no type", ["{}"], 1007],
    ["deep nesting", ["[".repeat(60_000)], 1007],
    ["a text that is too long", [JSON.stringify({ ...HELLO, argv: "x".repeat(70_000) })], 1007],
    ["a hello without a pid", [JSON.stringify({ ...HELLO, pid: "42" })], 1007],
    ["a hello of another version", [JSON.stringify({ ...HELLO, version: 2 })], 1007],
    ["spans before the hello", [Buffer.from("spans")], 1008],
    ["a state before the hello", ['{"type":"state","ownSdk":true}'], 1008],
    ["a hold before the hello", ['{"type":"held","atUnixNano":"1"}'], 1008],
    ["a second hello", [hello, hello], 1008],
    ["a hold without its moment", [hello, '{"type":"held"}'], 1007],
    ["a hold at a moment that is none", [hello, '{"type":"held","atUnixNano":"-1"}'], 1007],
    ["a hold beyond 64 bits", [hello, '{"type":"released","atUnixNano":"18446744073709551616"}'], 1007],
    ["a frame beyond the limit", [hello, Buffer.alloc(101 * KIB)], 1009],
  ])("%s", async (_what, frames, code) => {
    const opened = await openTestReceiver({ limits: { maxBodyBytes: 100 * KIB } });
    const socket = await connectAgent(opened);
    for (const frame of frames) socket.send(frame);
    expect(await closeCode(socket)).toBe(code);
    expect(opened.sink.exports).toEqual([]);
    expect(opened.faults).toEqual([]);
  });

  test("malformed spans", async () => {
    const opened = await openTestReceiver();
    opened.sink.answer = { ...NOTHING_WRONG, malformed: true };
    const socket = await connectAgent(opened);
    socket.send(JSON.stringify(HELLO));
    socket.send(Buffer.from("not spans"));
    expect(await closeCode(socket)).toBe(1007);
    await expect.poll(() => opened.sink.agents.at(-1)).toBe("1 gone");
  });

  test("bytes that are no frame", async () => {
    const opened = await openTestReceiver();
    const socket = await connectAgent(opened);
    socket.send(JSON.stringify(HELLO));
    await expect.poll(() => opened.sink.agents).toHaveLength(1);
    // Reserved bits and an unknown opcode, behind the client's back.
    (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.alloc(64, 0xff));
    await closeCode(socket);
    await expect.poll(() => opened.sink.agents.at(-1)).toBe("1 gone");
  });
});

describe("upgrades that are refused", () => {
  test.each<[string, string, ClientOptions, number]>([
    ["a page, even of this machine", `/s/${SESSION}/agent`, { origin: "http://localhost:5173" }, 403],
    ["a rebound name", `/s/${SESSION}/agent`, { headers: { host: "evil.example" } }, 403],
    ["a path of exports", `/s/${SESSION}/v1/traces`, {}, 404],
    ["a session id of another form", "/s/short/agent", {}, 404],
    ["no session", "/agent", {}, 404],
  ])("%s", async (_what, path, options, status) => {
    const { receiver, sink } = await openTestReceiver();
    const socket = new WebSocket(`ws://127.0.0.1:${receiver.http}${path}`, options);
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain(String(status));
    expect(sink.agents).toEqual([]);
  });

  test("an upgrade to something else", async () => {
    const { receiver } = await openTestReceiver();
    const socket = await connectTo(receiver.http);
    socket.write(
      `GET /s/${SESSION}/agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    );
    expect(await readUntil(socket)).toMatch(/^HTTP\/1.1 4\d\d/);
  });
});

test("closing the receiver does not wait for an agent whose process is paused", async () => {
  const opened = await openTestReceiver();
  const socket = await connectAgent(opened);
  socket.send(JSON.stringify(HELLO));
  await expect.poll(() => opened.sink.agents).toHaveLength(1);
  socket.pause();
  await opened.receiver.close();
  await expect.poll(() => opened.sink.agents.at(-1)).toBe("1 gone");
});

test("closing the receiver lets agents go", async () => {
  const opened = await openTestReceiver();
  const socket = await connectAgent(opened);
  socket.send(JSON.stringify(HELLO));
  await expect.poll(() => opened.sink.agents).toHaveLength(1);
  const closed = closeCode(socket);
  await opened.receiver.close();
  expect(await closed).toBe(1001);
  await expect.poll(() => opened.sink.agents.at(-1)).toBe("1 gone");
});
