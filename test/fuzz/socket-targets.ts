import assert from "node:assert/strict";
import { request } from "node:http";
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { createEngine } from "../../src/engine/engine.ts";
import type { ReceiverPorts } from "../../src/protocol/engine.ts";
import { decodeReply } from "../unit/engine/receive/reply-types.ts";
import { HELLO, PROTOBUF_BODIES } from "./bodies.ts";
import { anyJson, anyProtobuf } from "./decode-targets.ts";
import { checkEngine } from "./invariants.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import { http2FramesIn, statusesIn, webSocketFramesIn } from "./socket-replies.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();
const MAX_BYTES = 4 * 1024 * 1024;
const SESSION = "abcdefghijklmnopqrstuv";
/** A connection that stays silent is given up after this. One of HTTP/2 may stay, the others are closed by the receiver. */
const PATIENCE_MS = 3000;
const HTTP2_PATIENCE_MS = 50;
/** Of the statuses that docs/protocols.md lists, those that a body can cause. */
const STATUSES = [200, 400, 413];

/** Many connections are cut, which is what is tested; the receiver shall not wait for them. */
const WEIGHT = 0.02;

const HTTP_REQUEST = joined(
  utf8.encode(
    "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  ),
);
/** The preface, SETTINGS, HEADERS that are no HPACK, DATA, PING, RST_STREAM, WINDOW_UPDATE, GOAWAY. */
const HTTP2_FRAMES = joined(
  utf8.encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Uint8Array.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
  Uint8Array.from([0, 0, 4, 1, 4, 0, 0, 0, 1, 0x83, 0x86, 0x84, 0x41]),
  Uint8Array.from([0, 0, 5, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]),
  Uint8Array.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
  Uint8Array.from([0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8]),
  Uint8Array.from([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
  Uint8Array.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]),
);

const GOAWAY = 7;
/** What grpc-js answers to a frame that is damaged: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL. */
const GRPC_CODES_OF_FRAMES = [0, 3, 8, 12, 13];
const HANDSHAKE = utf8.encode(
  `GET /s/${SESSION}/agent HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
);
const CLOSE = webSocketFrame(8, Uint8Array.of(0x03, 0xe8));

/** The same over real sockets. Slow, so that most inputs are for the other targets. */
export async function openSocketTargets(): Promise<{
  targets: readonly Target[];
  close: () => Promise<void>;
}> {
  const engine = createEngine({ maxBytes: MAX_BYTES });
  const faults: string[] = [];
  engine.onProblemFound(({ message }) => faults.push(message));
  const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  const ports = opened.value;
  const grpc = connectHttp2(`http://127.0.0.1:${ports.grpc}`);
  let inputs = 0;

  /** After hostile bytes a good request is answered, and its spans are there. */
  const afterwards = async (): Promise<void> => {
    assert.deepEqual(faults, [], "nothing fails inside");
    if (++inputs % 16 !== 0) return;
    engine.clearStore({ keepPinned: false });
    const good = PROTOBUF_BODIES[1] ?? new Uint8Array(0);
    assert.equal((await post(ports, good, { "content-type": "application/x-protobuf" })).status, 200);
    assert.equal(engine.state.spanCount, 2, "a good request is kept");
    checkEngine(engine);
  };

  const targets: readonly Target[] = [
    {
      name: "sockets: HTTP bodies",
      weight: WEIGHT * 3,
      make: (random) => {
        const [kind, body] = random.chance(0.5)
          ? (["p", anyProtobuf(random)] as const)
          : (["j", anyJson(random)] as const);
        const packed = random.chance(0.3);
        const zipped = packed ? gzipSync(body) : body;
        const sent = packed && random.chance(0.3) ? mutateBytes(zipped, random) : zipped;
        return joined(utf8.encode(packed ? kind.toUpperCase() : kind), sent);
      },
      async check(input) {
        const kind = String.fromCharCode(input[0] ?? 0x70);
        const isJson = kind.toLowerCase() === "j";
        const type = isJson ? "application/json" : "application/x-protobuf";
        const headers = { "content-type": type, ...(kind < "a" && { "content-encoding": "gzip" }) };
        const reply = await post(ports, input.subarray(1), headers);
        assert.ok(STATUSES.includes(reply.status), `status ${reply.status}`);
        if (isJson) JSON.parse(reply.body.toString());
        else decodeReply(reply.status === 200 ? "ExportResponse" : "Status", reply.body);
        await afterwards();
        return reply.status === 200 ? "accepted" : "refused";
      },
    },
    {
      name: "sockets: HTTP itself",
      weight: WEIGHT,
      make: (random) => mutateBytes(HTTP_REQUEST, random),
      async check(input) {
        const statuses = statusesIn(await talk(ports.http, input));
        await afterwards();
        return statuses.includes(200) ? "accepted" : "refused";
      },
    },
    {
      name: "sockets: HTTP/2 itself",
      weight: WEIGHT,
      make: (random) => mutateBytes(HTTP2_FRAMES, random),
      async check(input) {
        const said = await talk(ports.grpc, input, HTTP2_PATIENCE_MS);
        // A sender that begins as one of HTTP/1 is answered as one.
        const isHttp1 = said.toString("latin1", 0, 5) === "HTTP/";
        const types = isHttp1 ? statusesIn(said) : http2FramesIn(said);
        await afterwards();
        return types.includes(GOAWAY) || isHttp1 ? "refused" : "accepted";
      },
    },
    {
      name: "sockets: gRPC messages",
      weight: WEIGHT * 3,
      make: anyProtobuf,
      async check(input) {
        const { code } = await callGrpc(grpc, lengthPrefixed(input));
        assert.ok(code === 0 || code === 3, `code ${code}`);
        await afterwards();
        return code === 0 ? "accepted" : "refused";
      },
    },
    {
      name: "sockets: gRPC frames",
      weight: WEIGHT * 3,
      make: (random) => {
        const body = random.pick(PROTOBUF_BODIES);
        const framed = random.chance(0.5) ? lengthPrefixed(body) : lengthPrefixed(gzipSync(body), 1);
        // The frame's own five bytes are few among those of its message.
        const mutated = random.chance(0.5)
          ? joined(mutateBytes(framed.subarray(0, 5), random), framed.subarray(5))
          : mutateBytes(framed, random, framed);
        return random.chance(0.2) ? joined(mutated, framed) : mutated;
      },
      async check(input) {
        const { code } = await callGrpc(grpc, input);
        assert.ok(GRPC_CODES_OF_FRAMES.includes(code), `code ${code}`);
        await afterwards();
        return code === 0 ? "accepted" : "refused";
      },
    },
    {
      name: "sockets: an agent's frames",
      weight: WEIGHT,
      make: anyProtobuf,
      async check(input) {
        const sent = [webSocketFrame(1, utf8.encode(HELLO)), webSocketFrame(2, input)];
        const { closeCode } = await talkAsAgent(ports.http, joined(...sent, CLOSE));
        assert.ok([1000, 1007].includes(closeCode ?? 0), `close code ${closeCode}`);
        await afterwards();
        return closeCode === 1000 ? "accepted" : "refused";
      },
    },
    {
      name: "sockets: WebSocket itself",
      weight: WEIGHT,
      make: (random) => {
        const frames = [
          webSocketFrame(1, utf8.encode('{"type":"state","ownSdk":true}')),
          webSocketFrame(random.pick([0, 1, 2, 3, 9, 10, 0x22, 0x42]), random.pick(PROTOBUF_BODIES)),
          webSocketFrame(9, random.bytes(random.below(130))),
        ];
        const mutated = frames.map((frame) => (random.chance(0.7) ? mutateBytes(frame, random) : frame));
        return joined(...mutated, random.chance(0.5) ? CLOSE : mutateBytes(CLOSE, random));
      },
      async check(input) {
        engine.clearStore({ keepPinned: false });
        const good = PROTOBUF_BODIES[1] ?? new Uint8Array(0);
        const sent = [webSocketFrame(1, utf8.encode(HELLO)), webSocketFrame(2, good), input];
        const { closeCode } = await talkAsAgent(ports.http, joined(...sent));
        assert.ok(engine.state.spanCount >= 2, "the frame before is kept");
        await afterwards();
        return closeCode === 1000 ? "accepted" : "refused";
      },
    },
  ];
  return {
    targets,
    async close() {
      grpc.destroy();
      await engine.dispose();
    },
  };
}

function post(
  { http }: ReceiverPorts,
  body: Uint8Array,
  headers: Record<string, string>,
): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port: http, path: "/v1/traces", method: "POST", headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Says these bytes and returns what the other side said until it closed, or for a moment. */
function talk(port: number, bytes: Uint8Array, patienceMs = PATIENCE_MS): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const said: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => said.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(said)));
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.end(bytes);
  });
}

/** Says these WebSocket frames behind a handshake, and returns what was answered to them. */
async function talkAsAgent(port: number, frames: Uint8Array): Promise<ReturnType<typeof webSocketFramesIn>> {
  const said = await talk(port, joined(HANDSHAKE, frames));
  assert.deepEqual(statusesIn(said), [101]);
  return webSocketFramesIn(said.subarray(said.indexOf("\r\n\r\n") + 4));
}

/** A frame of a client (RFC 6455, 5.2), masked with zeros. */
function webSocketFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(0x80 | 126, 1);
  head.writeUInt16BE(payload.length, 2);
  // RFC 6455 asks for the shortest form of a length.
  return payload.length < 126
    ? joined(Uint8Array.of(0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0), payload)
    : joined(head, payload);
}

/** A message as gRPC frames it ("Length-Prefixed-Message"). */
function lengthPrefixed(message: Uint8Array, compressed = 0): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed, 0);
  head.writeUInt32BE(message.length, 1);
  return joined(head, message);
}

/** Sends these bytes as the body of a call; the code that it ends with. */
function callGrpc(session: ClientHttp2Session, body: Uint8Array): Promise<{ code: number }> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ":method": "POST",
      ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
      "content-type": "application/grpc",
      "grpc-encoding": "gzip",
      te: "trailers",
    });
    let code: number | undefined;
    const read = (headers: IncomingHttpHeaders): void => {
      if (headers["grpc-status"] !== undefined) code = Number(headers["grpc-status"]);
    };
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("error", () => undefined);
    stream.on("close", () => {
      if (code === undefined) reject(new Error(`a call ends without a status (${stream.rstCode})`));
      else resolve({ code });
    });
    stream.resume();
    stream.end(body);
  });
}
