import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
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
import { serveCollector, serveEngine, serveFloor, type Served } from "./served.ts";

const UNIT = "spans per CPU second";
/** Of DESIGN's table of budgets, and of the engine's. */
const BUDGETS: Readonly<Record<string, number>> = {
  "OTLP/HTTP protobuf": 400_000,
  "OTLP/HTTP JSON": 150_000,
  "OTLP/gRPC": 250_000,
};

/**
 * From socket to searchable, in CPU time of the engine as it is built and shipped (`spanlight serve`), beside what servers
 * and parsers take that throw the same bodies away. Each is a process of its own. Ratios are of figures of the same run, so that a busy machine counts for both.
 */
export const receiveSuite: Suite = {
  title: "receive",
  async run({ quick }) {
    const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
    try {
      return await measureAll(folder, Math.ceil((quick ? 100_000 : 500_000) / SPANS_A_REQUEST));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureAll(folder: string, requests: number): Promise<Row[]> {
  const [http, json, grpc] = LOADS;
  if (http === undefined || json === undefined || grpc === undefined) throw new Error("no loads");
  const httpFloor = await measurePeer(await serveFloor("http"), http, folder, requests);
  const grpcFloor = await measurePeer(await serveFloor("grpc"), grpc, folder, requests);
  const collector = await measurePeer(await serveCollector(), http, folder, requests);
  const grpcCollector = await measurePeer(await serveCollector(), grpc, folder, requests);
  const rates = new Map<Load, number>();
  for (const load of LOADS) rates.set(load, (await measureEngine(load, folder, requests)).rate);
  const rate = (load: Load): number => rates.get(load) ?? 0;
  const unmasked = await measureEngine(http, folder, requests, { flags: ["--no-redaction"] });
  const logged = await measureEngine(http, folder, requests, { flags: ["--log", join(folder, "log")] });
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
    value("OTLP/HTTP protobuf, all ids and URLs different", distinct.rate),
    memory(distinct),
    value("OTLP/HTTP protobuf, nothing masked", unmasked.rate),
    value("OTLP/HTTP protobuf, logged", logged.rate),
    value("floor: node:http throwing the protobuf away", httpFloor),
    value("floor: grpc-js with an empty handler", grpcFloor),
    ...(Number.isNaN(collector)
      ? []
      : [
          value("a Collector throwing the HTTP protobuf away", collector),
          value("a Collector throwing the gRPC away", grpcCollector),
          ratio("OTLP/HTTP protobuf, times the Collector", rate(http) / collector),
          ratio("OTLP/gRPC, times the Collector", rate(grpc) / grpcCollector),
        ]),
    ratio("OTLP/HTTP protobuf, times the floor", rate(http) / httpFloor),
    ratio("OTLP/gRPC, times the floor", rate(grpc) / grpcFloor),
    ratio("OTLP/HTTP protobuf, times protobufjs decoding alone", rate(http) / protobufjs),
    ratio("OTLP/HTTP JSON, times JSON.parse alone", rate(json) / jsonParse),
  ];
}

/** The budget is one of a million spans: of fewer, the growth is mostly the program's own. */
function memory({ spans, residentBytes }: Measured): Row {
  const row: Row = {
    name: `memory, resident, ${Math.round(spans / 1000)}k spans, all ids and URLs different`,
    value: residentBytes / spans,
    unit: "bytes a span",
    better: "lower",
  };
  return spans < 1e6 ? row : budgeted({ ...row, budget: 200 });
}

interface EngineSetting {
  readonly flags?: readonly string[];
  /** Every body is sent once, instead of one again and again with other trace ids. */
  readonly distinct?: boolean;
}

interface Measured {
  /** Spans for each second of CPU time, in the best round. */
  readonly rate: number;
  /** Of all rounds, and what the process grew by while it received them, garbage included. */
  readonly spans: number;
  readonly residentBytes: number;
}

const RESIDENT_BYTES = "process_resident_memory_bytes";

async function measureEngine(
  load: Load,
  folder: string,
  requests: number,
  { flags = [], distinct = false }: EngineSetting = {},
): Promise<Measured> {
  const engine = await serveEngine(["--max-megabytes", "1024", ...flags]);
  try {
    const warmUp = Math.ceil(requests / 4);
    await send(load, engine[load.protocol], folder, warmUp);
    const residentBefore = await engine.metric(RESIDENT_BYTES);
    const rate = await bestRate(engine, requests, (round) =>
      distinct
        ? prepareSendingOnce(load, engine[load.protocol], folder, distinctBodies(requests, round))
        : prepareSending(load, engine[load.protocol], folder, requests),
    );
    const residentBytes = (await engine.metric(RESIDENT_BYTES)) - residentBefore;
    const spans = ROUNDS * requests * SPANS_A_REQUEST;
    const held = await engine.metric("spanlight_spans");
    if (held !== spans + warmUp * SPANS_A_REQUEST) throw new Error(`${held} spans arrived`);
    return { rate, spans, residentBytes };
  } finally {
    await engine.stop();
  }
}

function distinctBodies(requests: number, seed: number): Uint8Array[] {
  const spans = requests * SPANS_A_REQUEST;
  return [...distinctRequests({ spans, spansPerRequest: SPANS_A_REQUEST, spansPerTrace: 10, seed })];
}

async function measurePeer(
  server: Served | undefined,
  load: Load,
  folder: string,
  requests: number,
): Promise<number> {
  if (server === undefined) return NaN;
  try {
    await send(load, server[load.protocol], folder, Math.ceil(requests / 4));
    return await bestRate(server, requests, () =>
      prepareSending(load, server[load.protocol], folder, requests),
    );
  } finally {
    await server.stop();
  }
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
  const { user, system } = process.cpuUsage(before);
  return (count * SPANS_A_REQUEST) / ((user + system) / 1e6);
}

/** A machine that is taken away for a while spoils one of them only. */
const ROUNDS = 3;

/** Spans for each second of the receiver's CPU time, in the best of several rounds. */
async function bestRate(
  receiver: Served,
  requests: number,
  prepare: (round: number) => () => Promise<void>,
): Promise<number> {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const act = prepare(round);
    const before = await receiver.cpuSeconds();
    await act();
    const seconds = (await receiver.cpuSeconds()) - before;
    best = Math.max(best, (requests * SPANS_A_REQUEST) / seconds);
  }
  return best;
}
