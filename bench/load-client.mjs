// Sends bodies by turns, with fresh trace ids each time where it is told their offsets: `node load-client.mjs PLAN`, a file of JSON.
// It is a process of its own, so that what it costs is not counted as the receiver's.
import { readFileSync } from "node:fs";
import { randomFillSync } from "node:crypto";
import { Agent, request } from "node:http";
import grpc from "@grpc/grpc-js";

/** @type {{ protocol: "http" | "grpc", port: number, contentType: string, bodies: string, lengths: number[], hex: boolean, offsets: number[], requests: number, connections: number, perSecond?: number }} */
const plan = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const templates = cut(readFileSync(plan.bodies), plan.lengths);
const send = plan.protocol === "grpc" ? grpcSender() : httpSender();

const begun = performance.now();
let left = plan.requests;
await Promise.all(
  Array.from({ length: plan.connections }, async () => {
    while (left-- > 0) {
      const number = plan.requests - left - 1;
      await dueTime(number);
      await send(freshBody(templates[number % templates.length]));
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

function cut(bytes, lengths) {
  let at = 0;
  return lengths.map((length) => bytes.subarray(at, (at += length)));
}

/** A copy of the template in which each trace has eight other bytes; spans of one trace keep the same. */
function freshBody(template) {
  if (plan.offsets.length === 0) return template;
  const body = Buffer.from(template);
  const fresh = new Map();
  for (const offset of plan.offsets) {
    const size = plan.hex ? 16 : 8;
    const old = template.latin1Slice(offset, offset + size);
    let bytes = fresh.get(old);
    if (bytes === undefined) {
      const random = randomFillSync(Buffer.alloc(8));
      bytes = plan.hex ? Buffer.from(random.toString("hex")) : random;
      fresh.set(old, bytes);
    }
    bytes.copy(body, offset);
  }
  return body;
}

function httpSender() {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
  const options = {
    agent,
    host: "127.0.0.1",
    port: plan.port,
    path: "/v1/traces",
    method: "POST",
    headers: { "content-type": plan.contentType },
  };
  return (body) =>
    new Promise((resolve, reject) => {
      const outgoing = request(options, (response) => {
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
