import type { Socket } from "node:net";
import { Client, credentials } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { http2FramesIn } from "../../../fuzz/socket-replies.ts";
import { openTestEngine, spanNames, type TestEngine } from "../../../unit/engine/open-test-engine.ts";
import { protobufRequest, spanOf } from "../../../unit/engine/otlp-request.ts";
import { ask, connectTo, readUntil } from "../../../unit/engine/receive/raw-http.ts";

/** What is sent to wear a receiver out, and that others are served meanwhile. */

const GOOD = protobufRequest([spanOf(1), spanOf(2)]);
const EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

async function expectHttpServed({ engine, url }: TestEngine): Promise<void> {
  const headers = { "content-type": "application/x-protobuf" };
  expect((await ask(`${url}/v1/traces`, { headers, body: GOOD })).status).toBe(200);
  expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
}

async function expectGrpcServed(opened: TestEngine): Promise<void> {
  expect(await sendOverGrpc(opened)).toBeNull();
  expect(spanNames(opened.engine)).toEqual(["span 1", "span 2"]);
}

function sendOverGrpc({ ports }: TestEngine): Promise<unknown> {
  const client = new Client(`127.0.0.1:${ports.grpc}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  const same = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(EXPORT, same, same, GOOD, (problem) => resolve(problem));
  });
}

async function connectUntilEnd(port: number): Promise<Socket> {
  const socket = await connectTo(port);
  socket.on("error", () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

describe("HTTP", () => {
  test("1,000 idle connections", async () => {
    const opened = await openTestEngine();
    for (let hundred = 0; hundred < 10; hundred++) {
      await Promise.all(Array.from({ length: 100 }, () => connectUntilEnd(opened.ports.http)));
    }
    await expectHttpServed(opened);
  });

  test.each([
    ["headers", "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX-", "a"],
    [
      "a body",
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{",
      " ",
    ],
  ])("%s that come a byte at a time are cut when their time is up", async (_what, begin, drop) => {
    const opened = await openTestEngine({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 300 } });
    const socket = await connectUntilEnd(opened.ports.http);
    const said = readUntil(socket);
    socket.write(begin);
    const dripping = setInterval(() => socket.write(drop), 20);
    await expectHttpServed(opened);
    expect(await said).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dripping);
  });

  test.each([
    ["a chunk that is longer than it says", "2\r\nabcdef\r\n0\r\n\r\n"],
    ["a chunk without a size", "\r\n\r\n"],
    ["a chunk of a negative size", "-5\r\nhello\r\n0\r\n\r\n"],
    ["a chunk of 2^64 bytes", "10000000000000000\r\nhello\r\n0\r\n\r\n"],
    ["a chunk of a word's size", "five\r\nhello\r\n0\r\n\r\n"],
    ["an extension of 100 KB", `5;${"x".repeat(100_000)}\r\nhello\r\n0\r\n\r\n`],
    ["a trailer of 100 KB", `0\r\nX: ${"x".repeat(100_000)}\r\n\r\n`],
  ])("%s ends its connection", async (_what, chunks) => {
    const opened = await openTestEngine();
    const socket = await connectUntilEnd(opened.ports.http);
    const said = readUntil(socket);
    socket.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n");
    socket.write(`Transfer-Encoding: chunked\r\n\r\n${chunks}`);
    expect(await said).toMatch(/^HTTP\/1\.1 4\d\d /);
    await expectHttpServed(opened);
  });

  test.each([
    ["both a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"],
    ["two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"],
    ["a negative length", "Content-Length: -1\r\n"],
    ["9,000 headers", "A: b\r\n".repeat(9000)],
    ["a header of 100 KB", `A: ${"b".repeat(100_000)}\r\n`],
  ])("a request with %s is refused", async (_what, headers) => {
    const opened = await openTestEngine();
    const socket = await connectUntilEnd(opened.ports.http);
    const said = readUntil(socket);
    socket.write(`POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    expect(await said).toMatch(/^HTTP\/1\.1 4\d\d /);
    await expectHttpServed(opened);
  });

  test("300 uploads that are broken off", async () => {
    const opened = await openTestEngine({ limits: { maxPendingBytes: 1024 * 1024 } });
    const head =
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n";
    for (let n = 0; n < 300; n++) {
      const socket = await connectUntilEnd(opened.ports.http);
      await new Promise<void>((resolve) => {
        socket.write(head + "x".repeat(50_000), () => resolve());
      });
      socket.resetAndDestroy();
    }
    await expectHttpServed(opened);
  });

  test("5,000 pipelined requests are answered in turn", async () => {
    const opened = await openTestEngine();
    const socket = await connectUntilEnd(opened.ports.http);
    const said = readUntil(socket);
    const one =
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    socket.write(one.repeat(4999));
    socket.end(one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    await expectHttpServed(opened);
    expect((await said).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(5000);
  });
});

describe("HTTP/2 on the gRPC port", () => {
  const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const SETTINGS = frame(4, 0, 0);
  const HEADERS = 1;
  const GOAWAY = 7;
  const END_HEADERS = 4;
  const HEADER_BLOCK = Buffer.concat([
    Buffer.of(0x83, 0x86),
    literal(Buffer.of(0x04), EXPORT),
    literal(Buffer.of(0x01), "localhost"),
    literal(Buffer.of(0x0f, 0x10), "application/grpc"),
    literal(Buffer.concat([Buffer.of(0x00, 2), Buffer.from("te")]), "trailers"),
  ]);
  const streams = (count: number, write: (id: number) => Buffer): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, n) => write(2 * n + 1)));

  const RESETS = streams(10_000, (id) =>
    Buffer.concat([frame(1, END_HEADERS, id, HEADER_BLOCK), frame(3, 0, id, Buffer.of(0, 0, 0, 8))]),
  );

  test.each([
    ["say nothing", Buffer.of()],
    ["stop inside the preface", PREFACE.subarray(0, 20)],
    ["are idle", Buffer.concat([PREFACE, SETTINGS])],
  ])("1,000 connections that %s", async (_what, begin) => {
    const opened = await openTestEngine();
    for (let hundred = 0; hundred < 10; hundred++) {
      const sockets = await Promise.all(
        Array.from({ length: 100 }, () => connectUntilEnd(opened.ports.grpc)),
      );
      for (const socket of sockets) socket.write(begin);
    }
    await expectGrpcServed(opened);
  });

  test("more connections than may be open at once", async () => {
    const opened = await openTestEngine({ limits: { maxConnections: 50 } });
    const sockets = await Promise.all(Array.from({ length: 300 }, () => connectUntilEnd(opened.ports.grpc)));
    await expect.poll(() => sockets.filter(({ closed }) => !closed).length).toBe(50);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => sendOverGrpc(opened)).toBeNull();
  });

  test.each([
    ["a message", 5],
    ["the length of a message", 2],
  ])("%s that comes a byte at a time ends its call when the time is up", async (_what, promised) => {
    const opened = await openTestEngine({ limits: { headersTimeoutMs: 300, requestTimeoutMs: 300 } });
    const socket = await connectUntilEnd(opened.ports.grpc);
    let said = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => (said = Buffer.concat([said, bytes])));
    const begin = frame(0, 0, 1, Buffer.of(0, 0, 1, 0, 0).subarray(0, promised));
    socket.write(Buffer.concat([PREFACE, SETTINGS, frame(1, END_HEADERS, 1, HEADER_BLOCK), begin]));
    const dripping = setInterval(() => socket.write(frame(0, 0, 1, Buffer.of(0))), 20);
    await expectGrpcServed(opened);
    await expect.poll(() => http2FramesIn(said).filter((type) => type === HEADERS).length).toBe(2);
    clearInterval(dripping);
  });

  test.each<[string, Buffer]>([
    ["streams that are reset at once", RESETS],
    ["streams that are left open", streams(5000, (id) => frame(1, END_HEADERS, id, HEADER_BLOCK))],
    ["settings", streams(50_000, () => SETTINGS)],
    ["pings", streams(50_000, () => frame(6, 0, 0, Buffer.alloc(8)))],
    [
      "empty data",
      Buffer.concat([frame(1, END_HEADERS, 1, HEADER_BLOCK), streams(50_000, () => frame(0, 0, 1))]),
    ],
    ["priorities", streams(50_000, (id) => frame(2, 0, id, Buffer.of(0, 0, 0, 0, 16)))],
    ["window updates", streams(50_000, () => frame(8, 0, 0, Buffer.of(0, 0, 0, 1)))],
    [
      "continuations without an end",
      Buffer.concat([
        frame(1, 0, 1, HEADER_BLOCK),
        streams(2000, () => frame(9, 0, 1, literal(Buffer.of(0, 1, 0x61), "b".repeat(120)))),
      ]),
    ],
    [
      "headers that unfold from a table",
      streams(200, (id) =>
        frame(
          1,
          END_HEADERS,
          id,
          Buffer.concat([
            HEADER_BLOCK,
            literal(Buffer.of(0x40, 1, 0x61), "b".repeat(100)),
            Buffer.alloc(8000, 0xbe),
          ]),
        ),
      ),
    ],
    ["frames larger than was agreed", frame(0, 0, 1, Buffer.alloc(100_000))],
    ["a frame that ends too early", frame(6, 0, 0, Buffer.alloc(3))],
  ])("a flood of %s", async (_what, flood) => {
    const opened = await openTestEngine();
    const socket = await connectUntilEnd(opened.ports.grpc);
    socket.resume();
    socket.write(Buffer.concat([PREFACE, SETTINGS, flood]));
    await expectGrpcServed(opened);
  });

  test.each([
    ["a flood of settings", streams(50_000, () => SETTINGS)],
    ["a flood of pings", streams(50_000, () => frame(6, 0, 0, Buffer.alloc(8)))],
  ])("%s from a sender that reads nothing is cut", async (_what, flood) => {
    const opened = await openTestEngine();
    const socket = await connectUntilEnd(opened.ports.grpc);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.pause();
    socket.write(Buffer.concat([PREFACE, SETTINGS]));
    const more = (): void => {
      if (!socket.destroyed) socket.write(flood, () => setImmediate(more));
    };
    more();
    await closed;
    await expectGrpcServed(opened);
  });

  test("a sender that resets thousands of streams is told to go away, and no longer heard", async () => {
    const opened = await openTestEngine();
    const socket = await connectUntilEnd(opened.ports.grpc);
    let said = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => (said = Buffer.concat([said, bytes])));
    socket.write(Buffer.concat([PREFACE, SETTINGS, RESETS]));
    await expect.poll(() => http2FramesIn(said)).toContain(GOAWAY);
    await expectGrpcServed(opened);
  });

  function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  }

  /** A header of HPACK (RFC 7541, 6.2) without Huffman's code. */
  function literal(name: Buffer, value: string): Buffer {
    return Buffer.concat([name, Buffer.of(value.length), Buffer.from(value)]);
  }
});
