import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import { DEFAULT_REDACTED_KEYS } from "../src/engine/decode/redact-keys.ts";
import { createEngine } from "../src/engine/engine.ts";
import { OTLP_SCHEMA } from "../test/unit/engine/otlp-oracle.ts";
import { requests as distinctRequests } from "./engine-data.ts";
import {
  LOADS,
  prepareSending,
  prepareSendingOnce,
  sampleBody,
  send,
  SPANS_A_REQUEST,
  type Load,
} from "./receive-load.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

const UNIT = "spans per CPU second";
/** Of DESIGN's table of budgets, and of the engine's. */
const BUDGETS: Readonly<Record<string, number>> = {
  "OTLP/HTTP protobuf": 400_000,
  "OTLP/HTTP JSON": 150_000,
  "OTLP/gRPC": 250_000,
};

/**
 * From socket to searchable, in CPU time of this process, beside what servers and parsers take that throw the same
 * bodies away. The sender is another process. Ratios are of figures of the same run, so that a busy machine counts for both.
 */
export const receiveSuite: Suite = {
  title: "receive",
  async run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
    try {
      return await measureAll(folder, Math.ceil((quick ? 100_000 : 1_000_000) / SPANS_A_REQUEST));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureAll(folder: string, requests: number): Promise<Row[]> {
  const [http, json, grpc] = LOADS;
  if (http === undefined || json === undefined || grpc === undefined) throw new Error("no loads");
  const httpFloor = await measureHttpFloor(http, folder, requests);
  const grpcFloor = await measureGrpcFloor(grpc, folder, requests);
  const rates = new Map<Load, number>();
  for (const load of LOADS) rates.set(load, await measureEngine(load, folder, requests));
  const rate = (load: Load): number => rates.get(load) ?? 0;
  const unmasked = await measureEngine(http, folder, requests, { redaction: false });
  const logged = await measureEngine(http, folder, requests, { log: true });
  const distinct = await measureEngine(http, folder, requests, { distinct: true });
  const protobufjs = measureParser(requests, protobufjsDecode());
  const jsonParse = measureParser(requests, (body) => JSON.parse(body.toString()) as unknown, "json");

  const value = (name: string, spans: number): Row => ({ name, value: spans, unit: UNIT, better: "higher" });
  const ratio = (name: string, times: number): Row => ({ name, value: times, unit: "×", better: "higher" });
  return [
    ...LOADS.map((load) => {
      const row = value(`${load.name}, socket to searchable`, rate(load));
      return budgeted({ ...row, budget: BUDGETS[load.name] ?? 0 });
    }),
    value("OTLP/HTTP protobuf, all ids and URLs different", distinct),
    value("OTLP/HTTP protobuf, nothing masked", unmasked),
    value("OTLP/HTTP protobuf, logged", logged),
    value("floor: node:http throwing the protobuf away", httpFloor),
    value("floor: grpc-js with an empty handler", grpcFloor),
    ratio("OTLP/HTTP protobuf, times the floor", rate(http) / httpFloor),
    ratio("OTLP/gRPC, times the floor", rate(grpc) / grpcFloor),
    ratio("OTLP/HTTP protobuf, times protobufjs decoding alone", rate(http) / protobufjs),
    ratio("OTLP/HTTP JSON, times JSON.parse alone", rate(json) / jsonParse),
  ];
}

interface EngineSetting {
  readonly redaction?: boolean;
  readonly log?: boolean;
  /** Every body is sent once, instead of one again and again with other trace ids. */
  readonly distinct?: boolean;
}

async function measureEngine(
  load: Load,
  folder: string,
  requests: number,
  { redaction = true, log = false, distinct = false }: EngineSetting = {},
): Promise<number> {
  const engine = createEngine({
    maxBytes: 2 ** 30,
    redaction: { enabled: redaction, keys: DEFAULT_REDACTED_KEYS },
  });
  if (log) await engine.openLog({ folders: [join(folder, "log")], maxBytes: 2 ** 30, maxAgeDays: 1 });
  const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  const port = load.protocol === "http" ? opened.value.http : opened.value.grpc;
  await send(load, port, folder, Math.ceil(requests / 4));
  engine.clearStore({ keepPinned: false });
  const sending = distinct
    ? prepareSendingOnce(load, port, folder, distinctBodies(requests))
    : prepareSending(load, port, folder, requests);
  const value = await rate(requests, sending);
  const { spanCount, evictedCount } = engine.state;
  await engine.dispose();
  if (spanCount !== requests * SPANS_A_REQUEST || evictedCount > 0) {
    throw new Error(`${spanCount} of ${requests * SPANS_A_REQUEST} spans arrived`);
  }
  return value;
}

function distinctBodies(requests: number): Uint8Array[] {
  const spans = requests * SPANS_A_REQUEST;
  return [...distinctRequests({ spans, spansPerRequest: SPANS_A_REQUEST, spansPerTrace: 10, seed: 4 })];
}

async function measureHttpFloor(load: Load, folder: string, requests: number): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await send(load, port, folder, Math.ceil(requests / 4));
  const value = await rate(requests, prepareSending(load, port, folder, requests));
  server.close();
  server.closeAllConnections();
  return value;
}

async function measureGrpcFloor(load: Load, folder: string, requests: number): Promise<number> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const same = (bytes: Buffer): Buffer => bytes;
  const nothing = Buffer.alloc(0);
  const implementation: UntypedServiceImplementation = {
    Export: (_call: unknown, callback: (error: null, reply: Buffer) => void) => callback(null, nothing),
  };
  const definition = {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService({ Export: definition }, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  await send(load, port, folder, Math.ceil(requests / 4));
  const value = await rate(requests, prepareSending(load, port, folder, requests));
  server.forceShutdown();
  return value;
}

function protobufjsDecode(): (body: Buffer) => unknown {
  const Request = protobuf.parse(OTLP_SCHEMA).root.lookupType("Request");
  return (body) => Request.decode(body);
}

/** Half as many requests are enough: there is nothing but the parser. */
function measureParser(
  requests: number,
  parse: (body: Buffer) => unknown,
  encoding: Load["encoding"] = "protobuf",
): number {
  const body = sampleBody(encoding);
  const count = Math.ceil(requests / 2);
  for (let n = 0; n < count / 10; n++) parse(body);
  const before = process.cpuUsage();
  for (let n = 0; n < count; n++) parse(body);
  return perCpuSecond(count, before);
}

/** Spans for each second of this process' CPU time, in user and system. */
async function rate(requests: number, act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  return perCpuSecond(requests, before);
}

function perCpuSecond(requests: number, before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (requests * SPANS_A_REQUEST) / ((user + system) / 1e6);
}
