import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MEDIA_TYPES } from "../src/engine/receive/media.ts";
import {
  jsonRequest,
  protobufRequest,
  spanOf,
  textAttribute,
  type JsonSpan,
} from "../test/unit/engine/otlp-request.ts";

/** What SDKs send at a time, and a usual trace. */
export const SPANS_A_REQUEST = 510;
export const SPANS_A_TRACE = 10;
const CONNECTIONS = 4;

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

/** A body to be sent: where to, and the offsets of ids and digits of which each request has others, and of times that move on. */
export interface Template {
  readonly path?: string;
  readonly body: Uint8Array;
  readonly ids?: readonly number[];
  /** Of {@link FRESH_DIGITS} hexadecimal digits in texts. */
  readonly digits?: readonly number[];
  readonly times?: readonly number[];
}

/** Sends this many requests from another process, as fast as it can; fails where one is not taken. */
export async function send(load: Load, port: number, folder: string, requests: number): Promise<void> {
  await prepareSending(load, port, folder, requests)();
}

/** The same in two steps, of which the first makes what is to be sent. */
export function prepareSending(
  load: Load,
  port: number,
  folder: string,
  requests: number,
): () => Promise<void> {
  return prepare(load, port, folder, [tracesTemplate(load.encoding)], { requests });
}

/** Sends each of these bodies once, as it is. */
export function prepareSendingOnce(
  load: Load,
  port: number,
  folder: string,
  bodies: readonly Uint8Array[],
): () => Promise<void> {
  const templates = bodies.map((body) => ({ body }));
  return prepare(load, port, folder, templates, { requests: bodies.length });
}

/** Sends these bodies by turns over HTTP, as fast as it can or so many a second. */
export async function sendByTurns(
  templates: readonly Template[],
  port: number,
  folder: string,
  schedule: Schedule,
): Promise<void> {
  const load: Load = { name: "a mix", protocol: "http", encoding: "protobuf" };
  await prepare(load, port, folder, templates, schedule)();
}

/** 510 spans of 51 traces, of which each request has others, as of users and request ids. */
export function tracesTemplate(encoding: Load["encoding"]): Template {
  const body = sampleBody(encoding);
  return {
    body,
    ids: endsOf(body, Buffer.from(TRACE_MARK, encoding === "json" ? "latin1" : "hex")),
    digits: [USER_MARK, REQUEST_MARK].flatMap((mark) => endsOf(body, Buffer.from(mark))),
  };
}

export function sampleBody(encoding: Load["encoding"]): Buffer {
  return encoding === "json" ? jsonRequest(sampleSpans()) : protobufRequest(sampleSpans());
}

interface Schedule {
  readonly requests: number;
  readonly perSecond?: number;
}

function prepare(
  load: Load,
  port: number,
  folder: string,
  templates: readonly Template[],
  schedule: Schedule,
): () => Promise<void> {
  const bodyFile = join(folder, "bodies");
  writeFileSync(bodyFile, Buffer.concat(templates.map(({ body }) => body)));
  const planFile = join(folder, "plan.json");
  const plan = {
    protocol: load.protocol,
    port,
    contentType: MEDIA_TYPES[load.encoding],
    bodies: bodyFile,
    templates: templates.map(({ body, ...rest }) => ({ ...rest, length: body.length })),
    hex: load.encoding === "json",
    connections: CONNECTIONS,
    ...schedule,
  };
  writeFileSync(planFile, JSON.stringify(plan));
  return () => runClient(load, planFile);
}

async function runClient(load: Load, planFile: string): Promise<void> {
  const script = fileURLToPath(new URL("load-client.mjs", import.meta.url));
  const client = spawn(process.execPath, [script, planFile], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(client, "exit")) as [number | null];
  if (code !== 0) throw new Error(`the sender of ${load.name} ended with ${code ?? "a signal"}`);
}

/** The first half of every trace id, by which the sender finds the second one to change. */
const TRACE_MARK = "73706e6c69676874";

/** What stands before the digits that the sender changes, as many as it takes for the same never to come again. */
const USER_MARK = "user-";
const REQUEST_MARK = "req-0000";
const FRESH_DIGITS = 8;

/** Where the mark ends, wherever it is found. */
function endsOf(body: Buffer, mark: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) offsets.push(at + mark.length);
  return offsets;
}

/** Spans as an instrumented HTTP service makes them: nine attributes, of which two are hardly ever the same twice, in other requests neither. */
function sampleSpans(): JsonSpan[] {
  return Array.from({ length: SPANS_A_REQUEST }, (_, index) => {
    const digits = index.toString(16).padStart(FRESH_DIGITS, "0");
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
        textAttribute("user.id", USER_MARK + digits),
        textAttribute("request.id", REQUEST_MARK + digits),
      ],
    });
  });
}
