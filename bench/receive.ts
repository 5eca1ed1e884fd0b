import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine } from "../src/engine/engine.ts";
import { MEDIA_TYPES } from "../src/engine/receive/media.ts";
import {
  jsonRequest,
  protobufRequest,
  spanOf,
  textAttribute,
  type JsonSpan,
} from "../test/unit/engine/otlp-request.ts";
import { budgeted, type Row, type Suite } from "./row.ts";

/** What SDKs send at a time, and a usual trace. */
export const SPANS_A_REQUEST = 510;
export const SPANS_A_TRACE = 10;
const CONNECTIONS = 4;
const UNIT = "spans per CPU second";
/** Of DESIGN's table of budgets. */
const PROTOBUF_BUDGET = 400_000;

export interface Load {
  readonly name: string;
  readonly protocol: "http" | "grpc";
  readonly encoding: "protobuf" | "json";
}

export const LOADS: readonly Load[] = [
  { name: "OTLP/HTTP protobuf", protocol: "http", encoding: "protobuf" },
  { name: "OTLP/HTTP JSON", protocol: "http", encoding: "json" },
  { name: "OTLP/gRPC", protocol: "grpc", encoding: "protobuf" },
];

/**
 * From socket to searchable, in CPU time of this process, beside the floor: a server of node:http that throws the
 * same bodies away. The sender is another process.
 */
export const receiveSuite: Suite = {
  title: "receive",
  async run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
    try {
      const requests = Math.ceil((quick ? 100_000 : 1_000_000) / SPANS_A_REQUEST);
      const rows: Row[] = [];
      for (const load of LOADS) rows.push(await measureEngine(load, folder, requests));
      rows.push(await measureFloor(folder, requests));
      return rows;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureEngine(load: Load, folder: string, requests: number): Promise<Row> {
  const engine = createEngine({ maxBytes: 2 ** 30 });
  const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  const port = load.protocol === "http" ? opened.value.http : opened.value.grpc;
  await send(load, port, folder, Math.ceil(requests / 10));
  engine.clearStore({ keepPinned: false });
  const value = await rate(requests, () => send(load, port, folder, requests));
  const { spanCount, evictedCount } = engine.state;
  await engine.dispose();
  if (spanCount !== requests * SPANS_A_REQUEST || evictedCount > 0) {
    throw new Error(`${spanCount} of ${requests * SPANS_A_REQUEST} spans arrived`);
  }
  const row = { name: `${load.name}, socket to searchable`, value, unit: UNIT, better: "higher" } as const;
  return load.name === "OTLP/HTTP protobuf" ? budgeted({ ...row, budget: PROTOBUF_BUDGET }) : row;
}

async function measureFloor(folder: string, requests: number): Promise<Row> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const [load] = LOADS;
  if (load === undefined) throw new Error("no load");
  await send(load, port, folder, Math.ceil(requests / 10));
  const value = await rate(requests, () => send(load, port, folder, requests));
  server.close();
  server.closeAllConnections();
  return { name: "floor: node:http throwing the protobuf away", value, unit: UNIT, better: "higher" };
}

/** Spans for each second of this process' CPU time, in user and system. */
async function rate(requests: number, act: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (requests * SPANS_A_REQUEST) / ((user + system) / 1e6);
}

/** Sends this many requests from another process, as fast as it can or so many a second; fails where one is not taken. */
export async function send(
  load: Load,
  port: number,
  folder: string,
  requests: number,
  perSecond?: number,
): Promise<void> {
  const body = load.encoding === "json" ? jsonRequest(sampleSpans()) : protobufRequest(sampleSpans());
  const bodyFile = join(folder, "body");
  writeFileSync(bodyFile, body);
  const planFile = join(folder, "plan.json");
  const plan = {
    protocol: load.protocol,
    port,
    contentType: MEDIA_TYPES[load.encoding],
    body: bodyFile,
    hex: load.encoding === "json",
    offsets: offsetsOfTraceIds(body, load.encoding === "json"),
    requests,
    connections: CONNECTIONS,
    perSecond,
  };
  writeFileSync(planFile, JSON.stringify(plan));
  const script = fileURLToPath(new URL("load-client.mjs", import.meta.url));
  const client = spawn(process.execPath, [script, planFile], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(client, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the sender of ${load.name} ended with ${code ?? "a signal"}`);
}

/** The first half of every trace id, by which the sender finds the second one to change. */
const TRACE_MARK = "73706e6c69676874";

function offsetsOfTraceIds(body: Buffer, hex: boolean): number[] {
  const mark = Buffer.from(TRACE_MARK, hex ? "latin1" : "hex");
  const offsets: number[] = [];
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) offsets.push(at + mark.length);
  return offsets;
}

/** Spans as an instrumented HTTP service makes them: nine attributes, of which two are hardly ever the same twice. */
function sampleSpans(): JsonSpan[] {
  return Array.from({ length: SPANS_A_REQUEST }, (_, index) => {
    const trace = Math.floor(index / SPANS_A_TRACE);
    const isRoot = index % SPANS_A_TRACE === 0;
    return spanOf(index + 1, {
      traceId: TRACE_MARK + trace.toString(16).padStart(16, "0"),
      name: isRoot ? `GET /api/items/${trace % 12}` : `SELECT items ${index % 7}`,
      kind: isRoot ? 2 : 3,
      startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(index) * 1_000_003n),
      endTimeUnixNano: String(1_700_000_000_004_000_000n + BigInt(index) * 1_000_003n),
      ...(isRoot ? {} : { parentSpanId: (trace * SPANS_A_TRACE + 1).toString(16).padStart(16, "0") }),
      attributes: [
        textAttribute("http.request.method", "GET"),
        textAttribute("http.route", `/api/items/${trace % 12}`),
        textAttribute("url.scheme", "http"),
        textAttribute("server.address", "localhost"),
        textAttribute("network.protocol.version", "1.1"),
        textAttribute("db.system", "postgresql"),
        textAttribute("db.operation", index % 2 === 0 ? "SELECT" : "UPDATE"),
        textAttribute("user.id", `user-${index * 7919}`),
        textAttribute("request.id", `req-${index.toString(16).padStart(12, "0")}`),
      ],
    });
  });
}
