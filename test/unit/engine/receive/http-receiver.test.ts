import { constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { NOTHING_WRONG } from "./recording-sink.ts";
import { decodeReply } from "./reply-types.ts";
import { openTestReceiver } from "./open-test-receiver.ts";
import { ask, connectTo, readUntil, type Ask } from "./raw-http.ts";
import { frameOf, runsOf } from "./zstd-bodies.ts";

const SESSION = "abcdefghijklmnopqrstuv";
const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };
const KIB = 1024;

describe("what is taken", () => {
  test.each([
    ["/v1/traces", "traces", undefined],
    ["/v1/metrics", "metrics", undefined],
    ["/v1/logs?source=browser", "logs", undefined],
    ["//v1/traces/", "traces", undefined],
    [`/s/${SESSION}/v1/traces`, "traces", SESSION],
    [`/s/${SESSION}//v1/logs`, "logs", SESSION],
  ])("POST %s goes to %s of session %s", async (path, signal, sessionId) => {
    const { sink, url } = await openTestReceiver();
    const reply = await ask(url + path, { headers: PROTOBUF, body: "spans" });
    expect(reply.status).toBe(200);
    expect(sink.exports).toEqual([
      { signal, body: "spans", encoding: "protobuf", origin: { sessionId, channel: "http" } },
    ]);
  });

  test.each([
    ["application/x-protobuf", "protobuf", "application/x-protobuf", ""],
    ["application/protobuf", "protobuf", "application/protobuf", ""],
    ["Application/JSON; charset=utf-8", "json", "application/json", "{}"],
  ])("a body of type %s is read as %s and answered with %s", async (type, encoding, replyType, body) => {
    const { sink, url } = await openTestReceiver();
    const reply = await ask(`${url}/v1/traces`, { headers: { "content-type": type }, body: "{}" });
    expect(reply.headers["content-type"]).toBe(replyType);
    expect(reply.body.toString()).toBe(body);
    expect(sink.exports[0]?.encoding).toBe(encoding);
  });

  test.each([
    ["identity", Buffer.from("spans")],
    ["gzip", gzipSync("spans")],
    ["GZIP", gzipSync("spans")],
    ["x-gzip", Buffer.concat([gzipSync("sp"), gzipSync("ans")])],
    ["deflate", deflateSync("spans")],
    ["zstd", frameOf([Buffer.from("spans")])],
  ])("a body encoded with %s is decoded", async (encoding, body) => {
    const { sink, url } = await openTestReceiver();
    const headers = { ...PROTOBUF, "content-encoding": encoding };
    expect((await ask(`${url}/v1/traces`, { headers, body })).status).toBe(200);
    expect(sink.exports[0]?.body).toBe("spans");
  });

  test("an empty body is a request", async () => {
    const { sink, url } = await openTestReceiver();
    expect((await ask(`${url}/v1/traces`, { headers: PROTOBUF })).status).toBe(200);
    expect(sink.exports.map(({ body }) => body)).toEqual([""]);
  });

  test("pipelined and chunked requests are answered in their order on one connection", async () => {
    const { sink, receiver } = await openTestReceiver();
    const head = "Host: localhost\r\nContent-Type: application/json\r\n";
    const socket = await connectTo(receiver.http);
    socket.write(
      `POST /v1/traces HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\n{}` +
        `POST /v1/nothing HTTP/1.1\r\n${head}Content-Length: 2\r\n\r\n{}` +
        `POST /v1/logs HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n` +
        `POST /v1/metrics HTTP/1.1\r\n${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`,
    );
    const statuses = [...(await readUntil(socket)).matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(["200", "404", "200", "200"]);
    expect(sink.exports.map(({ signal, body }) => `${signal} ${body}`)).toEqual([
      "traces {}",
      "logs {}",
      "metrics {}",
    ]);
  });

  test("an upload that asks first is told to go on, or refused before it is sent", async () => {
    const { receiver, sink } = await openTestReceiver();
    const head = "Host: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n";
    const welcome = await connectTo(receiver.http);
    welcome.write(`POST /v1/traces HTTP/1.1\r\n${head}Content-Type: application/json\r\n\r\n`);
    expect(await readUntil(welcome, "\r\n\r\n")).toMatch(/^HTTP\/1.1 100 Continue/);
    welcome.write("{}");
    expect(await readUntil(welcome, "{}")).toMatch(/^HTTP\/1.1 200 OK/);
    welcome.destroy();
    const refused = await connectTo(receiver.http);
    refused.write(`POST /v1/traces HTTP/1.1\r\n${head}Content-Type: text/plain\r\n\r\n`);
    expect(await readUntil(refused, "\r\n\r\n")).toMatch(/^HTTP\/1.1 415/);
    refused.destroy();
    expect(sink.exports).toHaveLength(1);
  });
});

describe("what is refused", () => {
  const cases: [string, string, Ask, number, Record<string, string>][] = [
    ["an unknown path", "/v2/traces", { headers: JSON_TYPE }, 404, {}],
    ["the root", "/", { headers: JSON_TYPE }, 404, {}],
    ["a session id of another form", "/s/short/v1/traces", { headers: JSON_TYPE }, 404, {}],
    ["a plain request to the agents' path", `/s/${SESSION}/agent`, { method: "GET" }, 404, {}],
    ["GET", "/v1/traces", { method: "GET" }, 405, { allow: "POST, OPTIONS" }],
    ["PUT", "/v1/traces", { method: "PUT", headers: JSON_TYPE }, 405, { allow: "POST, OPTIONS" }],
    [
      "text",
      "/v1/traces",
      { headers: { "content-type": "text/plain" }, body: "{}" },
      415,
      { "accept-post": "application/x-protobuf, application/json" },
    ],
    ["no content type", "/v1/traces", { body: "{}" }, 415, {}],
    ["a form", "/v1/logs", { headers: { "content-type": "multipart/form-data" }, body: "x" }, 415, {}],
    [
      "brotli",
      "/v1/traces",
      { headers: { ...PROTOBUF, "content-encoding": "br" }, body: "x" },
      415,
      { "accept-encoding": "gzip, deflate, zstd" },
    ],
    [
      "stacked encodings",
      "/v1/traces",
      { headers: { ...PROTOBUF, "content-encoding": "gzip, gzip" }, body: "x" },
      415,
      {},
    ],
    [
      "gzip that is none",
      "/v1/traces",
      { headers: { ...PROTOBUF, "content-encoding": "gzip" }, body: "plain" },
      400,
      {},
    ],
    [
      "gzip that ends early",
      "/v1/traces",
      { headers: { ...PROTOBUF, "content-encoding": "gzip" }, body: gzipSync("spans").subarray(0, -4) },
      400,
      {},
    ],
    [
      "zstd that ends early",
      "/v1/traces",
      {
        headers: { ...PROTOBUF, "content-encoding": "zstd" },
        body: frameOf([Buffer.from("spans")]).subarray(0, -1),
      },
      400,
      {},
    ],
    ["another name in Host", "/v1/traces", { headers: { ...JSON_TYPE, host: "evil.example" } }, 403, {}],
    [
      "a name that begins as an address",
      "/v1/traces",
      { headers: { ...JSON_TYPE, host: "127.0.0.1.evil.example" } },
      403,
      {},
    ],
    [
      "a preflight for another name",
      "/v1/traces",
      { method: "OPTIONS", headers: { host: "evil.example:4318" } },
      403,
      {},
    ],
    [
      "a page from elsewhere",
      "/v1/traces",
      { headers: { ...JSON_TYPE, origin: "https://evil.example" }, body: "{}" },
      403,
      {},
    ],
  ];

  test.each(cases)("%s", async (_what, path, how, status, headers) => {
    const { sink, url } = await openTestReceiver();
    const reply = await ask(url + path, how);
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject(headers);
    expect(reply.headers).not.toHaveProperty("access-control-allow-origin");
    const protobuf = how.headers?.["content-type"] === "application/x-protobuf";
    expect(reply.headers["content-type"]).toBe(protobuf ? "application/x-protobuf" : "application/json");
    const told = protobuf ? decodeReply("Status", reply.body) : JSON.parse(reply.body.toString());
    expect(told).toMatchObject({ code: expect.any(Number), message: expect.stringMatching(/\.$/) });
    expect(sink.exports).toEqual([]);
  });

  test("headers beyond their limit: 431", async () => {
    const { url, sink } = await openTestReceiver({ limits: { maxHeaderBytes: 4 * KIB } });
    const headers = { ...JSON_TYPE, cookie: "x".repeat(5 * KIB) };
    expect((await ask(`${url}/v1/traces`, { headers })).status).toBe(431);
    expect(sink.exports).toEqual([]);
  });
});

describe("what the sink says", () => {
  const rejected = { acceptedCount: 3, rejectedCount: 2, message: "2 spans have no id.", malformed: false };

  test.each(["traces", "metrics", "logs"])(
    "rejected %s become a partial success in protobuf",
    async (signal) => {
      const { sink, url } = await openTestReceiver();
      sink.answer = rejected;
      const reply = await ask(`${url}/v1/${signal}`, { headers: PROTOBUF });
      expect(reply.status).toBe(200);
      expect(decodeReply("ExportResponse", reply.body)).toEqual({
        partialSuccess: { rejected: 2, errorMessage: "2 spans have no id." },
      });
    },
  );

  test.each([
    ["traces", "rejectedSpans"],
    ["metrics", "rejectedDataPoints"],
    ["logs", "rejectedLogRecords"],
  ])("rejected %s become a partial success in JSON", async (signal, field) => {
    const { sink, url } = await openTestReceiver();
    sink.answer = rejected;
    const reply = await ask(`${url}/v1/${signal}`, { headers: JSON_TYPE });
    expect(JSON.parse(reply.body.toString())).toEqual({
      partialSuccess: { [field]: "2", errorMessage: "2 spans have no id." },
    });
  });

  test("a body that cannot be read is 400 with a Status and a BadRequest, in the request's type", async () => {
    const { sink, url } = await openTestReceiver();
    sink.answer = { ...NOTHING_WRONG, malformed: true, message: "The body ends inside a field." };
    const binary = await ask(`${url}/v1/traces`, { headers: PROTOBUF, body: "x" });
    expect(binary.status).toBe(400);
    const status = decodeReply("Status", binary.body) as {
      details: { typeUrl: string; value: Uint8Array }[];
    };
    expect(status).toMatchObject({ code: 3, message: "The body ends inside a field." });
    expect(status.details[0]?.typeUrl).toBe("type.googleapis.com/google.rpc.BadRequest");
    expect(decodeReply("BadRequest", status.details[0]?.value ?? Buffer.of())).toEqual({
      fieldViolations: [{ field: "body", description: "The body ends inside a field." }],
    });
    const text = await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "x" });
    expect(text.status).toBe(400);
    expect(JSON.parse(text.body.toString())).toMatchObject({
      code: 3,
      message: "The body ends inside a field.",
    });
  });

  test("a sink that fails is 500, and the fault is heard of", async () => {
    const { sink, url, faults } = await openTestReceiver();
    sink.traces = () => {
      throw new Error("the store is broken");
    };
    expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE })).status).toBe(500);
    expect(faults).toEqual(["the store is broken"]);
  });
});

describe("size", () => {
  const limits = { maxBodyBytes: 100 * KIB };

  test.each([
    ["with its length", {}],
    ["in chunks", { "transfer-encoding": "chunked" }],
  ])("a body of exactly the limit is taken and one byte more is 413, sent %s", async (_how, headers) => {
    const { url, sink } = await openTestReceiver({ limits });
    const send = (bytes: number) =>
      ask(`${url}/v1/traces`, { headers: { ...PROTOBUF, ...headers }, body: Buffer.alloc(bytes) });
    expect((await send(100 * KIB)).status).toBe(200);
    const reply = await send(100 * KIB + 1);
    expect(reply.status).toBe(413);
    expect(decodeReply("Status", reply.body)["message"]).toContain("102400 bytes");
    expect(sink.exports).toHaveLength(1);
  });

  test.each([
    ["gzip", gzipSync(Buffer.alloc(50 * 1024 * KIB), { level: constants.Z_BEST_COMPRESSION })],
    ["zstd", runsOf(400)],
  ])("a %s bomb is cut at the limit", async (encoding, body) => {
    const { url, sink } = await openTestReceiver({ limits });
    expect(body.length).toBeLessThan(limits.maxBodyBytes);
    const headers = { ...PROTOBUF, "content-encoding": encoding };
    expect((await ask(`${url}/v1/traces`, { headers, body })).status).toBe(413);
    expect(sink.exports).toEqual([]);
  });

  test("empty gzip members beyond the limit are 413, though nothing comes out of them", async () => {
    const { url } = await openTestReceiver({ limits });
    const member = gzipSync("");
    const body = Buffer.concat(Array.from({ length: (110 * KIB) / member.length }, () => member));
    const headers = { ...PROTOBUF, "content-encoding": "gzip", "transfer-encoding": "chunked" };
    expect((await ask(`${url}/v1/traces`, { headers, body })).status).toBe(413);
  });

  test("a refused body that does not end is cut", async () => {
    const { receiver } = await openTestReceiver({ limits });
    const socket = await connectTo(receiver.http);
    const closed = readUntil(socket);
    socket.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `${(16 * KIB).toString(16)}\r\n${"x".repeat(16 * KIB)}\r\n`;
    const upload = setInterval(() => socket.write(chunk), 1);
    expect(await closed).toMatch(/^HTTP\/1.1 415/);
    clearInterval(upload);
  });

  test("the connection lives on after a 413", async () => {
    const { receiver, sink } = await openTestReceiver({ limits });
    const socket = await connectTo(receiver.http);
    const head = "Host: localhost\r\nContent-Type: application/json\r\n";
    socket.write(`POST /v1/traces HTTP/1.1\r\n${head}Content-Length: ${100 * KIB + 5}\r\n\r\n`);
    socket.write(Buffer.alloc(100 * KIB + 5));
    socket.write(`POST /v1/traces HTTP/1.1\r\n${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`);
    const text = await readUntil(socket);
    expect(text).toMatch(/^HTTP\/1.1 413[^]*HTTP\/1.1 200/);
    expect(sink.exports).toHaveLength(1);
  });
});

describe("pressure", () => {
  test("while overloaded, requests are 503 with Retry-After and RetryInfo", async () => {
    const { url, sink } = await openTestReceiver({ overloaded: () => 7 });
    const reply = await ask(`${url}/v1/traces`, { headers: PROTOBUF, body: "spans" });
    expect(reply.status).toBe(503);
    expect(reply.headers["retry-after"]).toBe("7");
    const status = decodeReply("Status", reply.body) as { code: number; details: { value: Uint8Array }[] };
    expect(status.code).toBe(14);
    expect(decodeReply("RetryInfo", status.details[0]?.value ?? Buffer.of())).toEqual({
      retryDelay: { seconds: 7 },
    });
    expect(sink.exports).toEqual([]);
  });

  test("bodies that together do not fit are 503, and there is room again afterwards", async () => {
    const { receiver, url } = await openTestReceiver({ limits: { maxPendingBytes: 10 * KIB } });
    const slow = await connectTo(receiver.http);
    slow.write(
      `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n`,
    );
    slow.write(Buffer.alloc(8 * KIB));
    const send = () => ask(`${url}/v1/traces`, { headers: PROTOBUF, body: Buffer.alloc(4 * KIB) });
    await expect.poll(async () => (await send()).status).toBe(503);
    slow.destroy();
    await expect.poll(async () => (await send()).status).toBe(200);
  });
});

describe("connections that do not end", () => {
  const limits = { headersTimeoutMs: 400, requestTimeoutMs: 400 };

  test.each([
    ["says nothing", ""],
    ["stops inside a header", "POST /v1/traces HTTP/1.1\r\nHost: loc"],
    [
      "stops inside the body",
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ],
  ])("one that %s is closed, and the others go on", async (_what, text) => {
    const { receiver, url, sink } = await openTestReceiver({ limits });
    const socket = await connectTo(receiver.http);
    const closed = readUntil(socket);
    socket.write(text);
    expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "{}" })).status).toBe(200);
    expect(await closed).toMatch(/^(HTTP\/1.1 408|$)/);
    expect(sink.exports).toHaveLength(1);
  });

  test("an upload that is broken off leaves nothing behind", async () => {
    const { receiver, url, sink } = await openTestReceiver();
    const socket = await connectTo(receiver.http);
    socket.write(
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    );
    socket.resetAndDestroy();
    expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "[]" })).status).toBe(200);
    expect(sink.exports.map(({ body }) => body)).toEqual(["[]"]);
  });

  test("bytes that are no HTTP are answered with 400 and closed", async () => {
    const { receiver } = await openTestReceiver();
    const socket = await connectTo(receiver.http);
    socket.write(Buffer.from("16030100ff010000fb0303", "hex"));
    expect(await readUntil(socket)).toMatch(/^HTTP\/1.1 400/);
  });

  test("one that is idle is kept for a while, and then closed", async () => {
    const { receiver, url } = await openTestReceiver({ limits: { keepAliveTimeoutMs: 300 } });
    const socket = await connectTo(receiver.http);
    const closed = readUntil(socket);
    const request =
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    socket.write(request);
    await readUntil(socket, "200 OK");
    socket.write(request);
    expect((await closed).match(/200 OK/g)).toHaveLength(2);
    expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "{}" })).status).toBe(200);
  });

  test("connections beyond the limit are cut", async () => {
    const { receiver } = await openTestReceiver({ limits: { maxConnections: 1 } });
    const kept = await connectTo(receiver.http);
    const surplus = await connectTo(receiver.http);
    await readUntil(surplus);
    expect(kept.closed).toBe(false);
    kept.destroy();
  });
});
