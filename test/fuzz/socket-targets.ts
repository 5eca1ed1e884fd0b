import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { WebSocket } from "ws";
import { createEngine } from "../../src/engine/engine.ts";
import type { ReceiverPorts } from "../../src/protocol/engine.ts";
import { decodeReply } from "../unit/engine/receive/reply-types.ts";
import { HELLO, PROTOBUF_BODIES } from "./bodies.ts";
import { anyJson, anyProtobuf } from "./decode-targets.ts";
import { checkEngine } from "./invariants.ts";
import { joined, mutateBytes } from "./mutate-bytes.ts";
import type { Target } from "./target.ts";

const utf8 = new TextEncoder();
const MAX_BYTES = 4 * 1024 * 1024;
const SESSION = "abcdefghijklmnopqrstuv";
/** A connection that the other side keeps open is given up after this. */
const PATIENCE_MS = 100;
/** Of the statuses that docs/protocols.md lists, those that a body can cause. */
const STATUSES = [200, 400, 413];

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

/** The same over real sockets. Slow, so that most turns go to the other targets. */
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
  const grpc = new Client(`127.0.0.1:${ports.grpc}`, credentials.createInsecure());
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
      every: 32,
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
      },
    },
    {
      name: "sockets: HTTP itself",
      every: 64,
      make: (random) => mutateBytes(HTTP_REQUEST, random),
      async check(input) {
        const said = await talk(ports.http, input);
        assert.match(said, /^(?:HTTP\/1\.1 [1-5]\d\d |$)/);
        await afterwards();
      },
    },
    {
      name: "sockets: HTTP/2 itself",
      every: 64,
      make: (random) => mutateBytes(HTTP2_FRAMES, random),
      async check(input) {
        await talk(ports.grpc, input);
        await afterwards();
      },
    },
    {
      name: "sockets: gRPC messages",
      every: 32,
      make: anyProtobuf,
      async check(input) {
        const { code } = await call(grpc, Buffer.from(input));
        assert.ok(code === 0 || code === 3, `code ${code}`);
        await afterwards();
      },
    },
    {
      name: "sockets: an agent's frames",
      every: 64,
      make: anyProtobuf,
      async check(input) {
        const socket = new WebSocket(`ws://127.0.0.1:${ports.http}/s/${SESSION}/agent`);
        await once(socket, "open");
        const closed = once(socket, "close") as Promise<[number]>;
        socket.send(HELLO);
        socket.send(input);
        socket.close(1000);
        const [code] = await closed;
        assert.ok([1000, 1005, 1007].includes(code), `close code ${code}`);
        await afterwards();
      },
    },
  ];
  return {
    targets,
    async close() {
      grpc.close();
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
function talk(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let said = "";
    socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(said));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.end(bytes);
  });
}

function call(client: Client, body: Buffer): Promise<{ code: number }> {
  const same = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    client.makeUnaryRequest(path, same, same, body, (error: ServiceError | null) =>
      resolve({ code: error?.code ?? 0 }),
    );
  });
}
