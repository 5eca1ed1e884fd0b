// Sends bodies by turns, with fresh trace ids each time where it is told their offsets: `node load-client.mjs PLAN`, a file of JSON.
// It is a process of its own, so that what it costs is not counted as the receiver's.
import { readFileSync } from "node:fs";
import { randomFillSync } from "node:crypto";
import { Agent, request } from "node:http";
import grpc from "@grpc/grpc-js";

/**
 * A body by its length and path, with the offsets of ids and of eight hexadecimal digits of which each request has others, and of times that move on.
 *
 * @typedef {{ path?: string, length: number, ids?: number[], digits?: number[], times?: number[] }} Template
 */
/** @type {{ protocol: "http" | "grpc", port: number, contentType: string, bodies: string, templates: Template[], hex: boolean, requests: number, connections: number, perSecond?: number }} */
const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const templates = cut(readFileSync(plan.bodies), plan.templates);
const send = plan.protocol === "grpc" ? grpcSender() : httpSender();

/** Nanoseconds since the epoch, a second later with each body that tells it. */
let time = BigInt(Date.now()) * 1_000_000n;

const begun = performance.now();
let left = plan.requests;
await Promise.all(
  Array.from({ length: plan.connections }, async () => {
    while (left-- > 0) {
      const number = plan.requests - left - 1;
      await dueTime(number);
      const template = templates[number % templates.length];
      await send(freshBody(template), template.path);
    }
  }),
);
process.exit(0);

/** Waits until the request of this number is due, where there is a rate to keep. */
async function dueTime(number) {
  if (plan.perSecond === undefined) return;
  const early = begun + (number / plan.perSecond) * 1000 - performance.now();
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
}

function cut(bytes, templates) {
  let at = 0;
  return templates.map(({ length, ...rest }) => ({ ...rest, bytes: bytes.subarray(at, (at += length)) }));
}

/** A copy of the template in which each id has eight other bytes, the same ids keep the same, and all digits are others. */
function freshBody({ bytes, ids = [], digits = [], times = [] }) {
  if (ids.length + digits.length + times.length === 0) return bytes;
  const body = Buffer.from(bytes);
  const fresh = new Map();
  for (const offset of ids) {
    const size = plan.hex ? 16 : 8;
    const old = bytes.latin1Slice(offset, offset + size);
    let id = fresh.get(old);
    if (id === undefined) {
      const random = randomFillSync(Buffer.alloc(8));
      id = plan.hex ? Buffer.from(random.toString("hex")) : random;
      fresh.set(old, id);
    }
    id.copy(body, offset);
  }
  const random = randomFillSync(Buffer.alloc(4 * digits.length)).toString("hex");
  digits.forEach((offset, n) => body.write(random.slice(8 * n, 8 * n + 8), offset, "latin1"));
  if (times.length > 0) time += 1_000_000_000n;
  for (const offset of times) body.writeBigUInt64LE(time, offset);
  return body;
}

function httpSender() {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
  const options = {
    agent,
    host: "127.0.0.1",
    port: plan.port,
    method: "POST",
    headers: { "content-type": plan.contentType },
  };
  return (body, path = "/v1/traces") =>
    new Promise((resolve, reject) => {
      const outgoing = request({ ...options, path }, (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
      });
      outgoing.on("error", reject);
      outgoing.setHeader("content-length", body.length);
      outgoing.end(body);
    });
}

function grpcSender() {
  const client = new grpc.Client(`127.0.0.1:${plan.port}`, grpc.credentials.createInsecure());
  const same = (bytes) => bytes;
  return (body) =>
    new Promise((resolve, reject) => {
      const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
      client.makeUnaryRequest(path, same, same, body, (error) => (error ? reject(error) : resolve()));
    });
}
