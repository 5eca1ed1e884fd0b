import {
  compressionAlgorithms,
  credentials,
  Metadata,
  Client,
  connectivityState,
  status,
  type ServiceError,
} from "@grpc/grpc-js";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { describe, expect, onTestFinished, test } from "vitest";
import { http2FramesIn } from "../../../fuzz/socket-replies.ts";
import { openTestReceiver, type TestReceiver } from "./open-test-receiver.ts";
import { connectTo, readUntil } from "./raw-http.ts";
import { decodeReply } from "./reply-types.ts";

const SESSION = "abcdefghijklmnopqrstuv";
const TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

const SERVICES = [
  ["trace.v1.TraceService", "traces"],
  ["metrics.v1.MetricsService", "metrics"],
  ["logs.v1.LogsService", "logs"],
] as const;

interface Reply {
  readonly body: Buffer | undefined;
  readonly error: ServiceError | undefined;
}

function call(
  { receiver }: TestReceiver,
  path: string,
  body: Buffer,
  {
    headers = {},
    compression = compressionAlgorithms.identity,
  }: { headers?: Record<string, string>; compression?: compressionAlgorithms } = {},
): Promise<Reply> {
  const client = new Client(`127.0.0.1:${receiver.grpc}`, credentials.createInsecure(), {
    "grpc.default_compression_algorithm": compression,
  });
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, body, metadata, (error, reply) =>
      resolve({ body: reply, error: error ?? undefined }),
    );
  });
}

describe("what is taken", () => {
  test.each(SERVICES)("%s goes to %s", async (service, signal) => {
    const opened = await openTestReceiver();
    const path = `/opentelemetry.proto.collector.${service}/Export`;
    const { body, error } = await call(opened, path, Buffer.from("spans"));
    expect(error).toBeUndefined();
    expect(body).toHaveLength(0);
    expect(opened.sink.exports).toEqual([
      { signal, body: "spans", encoding: "protobuf", origin: { sessionId: undefined, channel: "grpc" } },
    ]);
  });

  test.each([
    [SESSION, SESSION],
    ["not a session", undefined],
  ])("the header x-spanlight-session: %s binds to session %s", async (header, sessionId) => {
    const opened = await openTestReceiver();
    await call(opened, TRACES, Buffer.of(), { headers: { "x-spanlight-session": header } });
    expect(opened.sink.exports.map(({ origin }) => origin.sessionId)).toEqual([sessionId]);
  });

  test.each(["gzip", "deflate"] as const)("a message compressed with %s is decoded", async (name) => {
    const opened = await openTestReceiver();
    const { error } = await call(opened, TRACES, Buffer.from("spans"), {
      compression: compressionAlgorithms[name],
    });
    expect(error).toBeUndefined();
    expect(opened.sink.exports[0]?.body).toBe("spans");
  });
});

describe("what goes wrong", () => {
  test.each(SERVICES)("rejected items of %s are a partial success", async (service) => {
    const opened = await openTestReceiver();
    opened.sink.answer = { acceptedCount: 1, rejectedCount: 300, message: "No ids.", malformed: false };
    const path = `/opentelemetry.proto.collector.${service}/Export`;
    const { body } = await call(opened, path, Buffer.of());
    expect(decodeReply("ExportResponse", body ?? Buffer.of())).toEqual({
      partialSuccess: { rejected: 300, errorMessage: "No ids." },
    });
  });

  test("a message that cannot be read is INVALID_ARGUMENT with a BadRequest", async () => {
    const opened = await openTestReceiver();
    opened.sink.answer = { acceptedCount: 1, rejectedCount: 0, message: "Cut off.", malformed: true };
    const { error } = await call(opened, TRACES, Buffer.of());
    expect([error?.code, error?.details]).toEqual([status.INVALID_ARGUMENT, "Cut off."]);
    const [bytes] = error?.metadata.get("grpc-status-details-bin") ?? [];
    expect(decodeReply("Status", bytes as Buffer)).toMatchObject({
      code: 3,
      details: [{ typeUrl: "type.googleapis.com/google.rpc.BadRequest" }],
    });
  });

  test("while overloaded, calls are UNAVAILABLE with a RetryInfo", async () => {
    const opened = await openTestReceiver({ overloaded: () => 7 });
    const { error } = await call(opened, TRACES, Buffer.of());
    expect(error?.code).toBe(status.UNAVAILABLE);
    const [bytes] = error?.metadata.get("grpc-status-details-bin") ?? [];
    const [detail] = decodeReply("Status", bytes as Buffer)["details"] as { value: Uint8Array }[];
    expect(decodeReply("RetryInfo", detail?.value ?? Buffer.of())).toEqual({ retryDelay: { seconds: 7 } });
    expect(opened.sink.exports).toEqual([]);
  });

  test.each([
    ["plain", compressionAlgorithms.identity],
    ["from gzip", compressionAlgorithms.gzip],
  ])("a message beyond the limit is RESOURCE_EXHAUSTED, %s", async (_how, compression) => {
    const opened = await openTestReceiver({ limits: { maxBodyBytes: 100_000 } });
    expect((await call(opened, TRACES, Buffer.alloc(100_000), { compression })).error).toBeUndefined();
    const { error } = await call(opened, TRACES, Buffer.alloc(100_001), { compression });
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(opened.sink.exports).toHaveLength(1);
  });

  test("a message compressed with zstd is UNIMPLEMENTED, and the reply names what is known", async () => {
    const { receiver, sink } = await openTestReceiver();
    const session = connectHttp2(`http://127.0.0.1:${receiver.grpc}`);
    onTestFinished(() => session.close());
    const stream = session.request({
      ":method": "POST",
      ":path": TRACES,
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-encoding": "zstd",
    });
    const told: Record<string, unknown> = {};
    stream.on("response", (headers) => void Object.assign(told, headers));
    stream.on("trailers", (trailers) => void Object.assign(told, trailers));
    stream.end(Buffer.of(1, 0, 0, 0, 1, 0));
    stream.resume();
    await once(stream, "end");
    expect(told["grpc-status"]).toBe(String(status.UNIMPLEMENTED));
    expect(String(told["grpc-accept-encoding"]).split(",")).toEqual(
      expect.arrayContaining(["identity", "gzip", "deflate"]),
    );
    expect(sink.exports).toEqual([]);
  });

  test("another service is UNIMPLEMENTED", async () => {
    const opened = await openTestReceiver();
    expect((await call(opened, "/grpc.health.v1.Health/Check", Buffer.of())).error?.code).toBe(
      status.UNIMPLEMENTED,
    );
  });

  test("a sink that fails is INTERNAL, and the fault is heard of", async () => {
    const opened = await openTestReceiver();
    opened.sink.traces = () => {
      throw new Error("the store is broken");
    };
    expect((await call(opened, TRACES, Buffer.of())).error?.code).toBe(status.INTERNAL);
    expect(opened.faults).toEqual(["the store is broken"]);
  });

  test("bytes that are no HTTP/2 do no harm", async () => {
    const opened = await openTestReceiver();
    const socket = await connectTo(opened.receiver.grpc);
    socket.write("POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await readUntil(socket);
    expect((await call(opened, TRACES, Buffer.of())).error).toBeUndefined();
  });
});

describe("limits of a connection", () => {
  const session = async (limits?: { maxHeaderBytes: number }) => {
    const opened = await openTestReceiver({ ...(limits && { limits }) });
    const client = connectHttp2(`http://127.0.0.1:${opened.receiver.grpc}`);
    client.on("error", () => undefined);
    onTestFinished(() => client.destroy());
    return { opened, client };
  };

  test("32 calls may be open", async () => {
    const { client } = await session();
    await once(client, "remoteSettings");
    expect(client.remoteSettings.maxConcurrentStreams).toBe(32);
  });

  test("headers beyond their limit are refused", async () => {
    const { opened, client } = await session({ maxHeaderBytes: 4096 });
    const outcomeOf = (size: number): Promise<unknown> =>
      new Promise((resolve) => {
        const stream = client.request({
          ":method": "POST",
          ":path": TRACES,
          "content-type": "application/grpc",
          te: "trailers",
          note: "x".repeat(size),
        });
        stream.on("trailers", (trailers) => resolve(trailers["grpc-status"]));
        stream.on("response", (headers) => headers["grpc-status"] && resolve(headers["grpc-status"]));
        stream.on("error", (error) => resolve(error.message));
        stream.on("close", () => resolve("closed"));
        stream.resume();
        stream.end(Buffer.alloc(5));
      });
    expect(await outcomeOf(100)).toBe("0");
    expect(await outcomeOf(8000)).toBe(String(status.RESOURCE_EXHAUSTED));
    expect(opened.sink.exports).toHaveLength(1);
  });
});

describe("connections", () => {
  const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const SETTINGS = "\0\0\0\x04\0\0\0\0\0";
  const SETTINGS_FRAME = 4;
  const GOAWAY = 7;

  test.each([
    ["says nothing", ""],
    ["stops inside HTTP/2's preface", PREFACE.slice(0, 10)],
  ])("one that %s is cut when its time is up, and the others go on", async (_what, text) => {
    const opened = await openTestReceiver({ limits: { headersTimeoutMs: 300 } });
    const socket = await connectTo(opened.receiver.grpc);
    const closed = readUntil(socket);
    socket.write(text);
    expect((await call(opened, TRACES, Buffer.of())).error).toBeUndefined();
    expect(await closed).toBe("");
  });

  test.each([
    ["after the preface", PREFACE],
    ["after its settings", PREFACE + SETTINGS],
  ])("one that is idle %s is told to go away, and closed", async (_when, text) => {
    const { receiver } = await openTestReceiver({ limits: { keepAliveTimeoutMs: 300 } });
    const socket = await connectTo(receiver.grpc);
    const closed = readUntil(socket);
    socket.write(text);
    expect(http2FramesIn(Buffer.from(await closed, "latin1"))).toContain(GOAWAY);
  });

  test("a sender whose idle connection was closed sends again without noticing", async () => {
    const opened = await openTestReceiver({ limits: { keepAliveTimeoutMs: 50 } });
    const client = new Client(`127.0.0.1:${opened.receiver.grpc}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const send = (): Promise<ServiceError | null> =>
      new Promise((resolve) => {
        const same = (bytes: Buffer): Buffer => bytes;
        client.makeUnaryRequest(TRACES, same, same, Buffer.of(), (error) => resolve(error));
      });
    expect(await send()).toBeNull();
    await expect
      .poll(() => client.getChannel().getConnectivityState(false))
      .not.toBe(connectivityState.READY);
    expect(await send()).toBeNull();
    expect(opened.sink.exports).toHaveLength(2);
  });

  test("a preface that comes a byte at a time is a preface", async () => {
    const { receiver } = await openTestReceiver();
    const socket = await connectTo(receiver.grpc);
    socket.setNoDelay(true);
    const settings = new Promise<Buffer>((resolve) => socket.once("data", resolve));
    for (const byte of PREFACE + SETTINGS)
      await new Promise<void>((resolve) => {
        socket.write(byte, "latin1", () => setImmediate(resolve));
      });
    expect(http2FramesIn(await settings)).toContain(SETTINGS_FRAME);
    socket.destroy();
  });

  test("those beyond the limit are cut, until others have left", async () => {
    const opened = await openTestReceiver({ limits: { maxConnections: 2 } });
    const kept = [await connectTo(opened.receiver.grpc), await connectTo(opened.receiver.grpc)];
    await readUntil(await connectTo(opened.receiver.grpc));
    expect((await call(opened, TRACES, Buffer.of())).error?.code).toBe(status.UNAVAILABLE);
    expect(kept.map(({ closed }) => closed)).toEqual([false, false]);
    for (const socket of kept) socket.destroy();
    await expect.poll(async () => (await call(opened, TRACES, Buffer.of())).error).toBeUndefined();
  });

  test("those that have said nothing yet do not hold up closing", async () => {
    const { receiver } = await openTestReceiver();
    const closed = readUntil(await connectTo(receiver.grpc));
    await receiver.close();
    await closed;
  });
});

describe("before a message is read", () => {
  /** Begins a call whose message never comes. @returns its status */
  const callWithoutMessage = ({ receiver }: TestReceiver): Promise<number> => {
    const client = connectHttp2(`http://127.0.0.1:${receiver.grpc}`);
    onTestFinished(() => client.destroy());
    const stream = client.request({
      ":method": "POST",
      ":path": TRACES,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.resume();
    return new Promise((resolve) => {
      for (const event of ["response", "trailers"] as const)
        stream.on(event, (told: Record<string, unknown>) => {
          if (told["grpc-status"] !== undefined) resolve(Number(told["grpc-status"]));
        });
    });
  };

  test("an overload is told", async () => {
    const opened = await openTestReceiver({ overloaded: () => 7 });
    expect(await callWithoutMessage(opened)).toBe(status.UNAVAILABLE);
  });

  test("a call whose message does not come in time ends, so that it may be sent again", async () => {
    const opened = await openTestReceiver({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 200 } });
    expect(await callWithoutMessage(opened)).toBe(status.DEADLINE_EXCEEDED);
    expect((await call(opened, TRACES, Buffer.of())).error).toBeUndefined();
    expect(opened.sink.exports).toHaveLength(1);
  });
});
