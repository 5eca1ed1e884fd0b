import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import type { RunNumber, SessionId, TraceId } from "../../../../src/model/ids.ts";
import type { Pause } from "../../../../src/model/pause.ts";
import type { LogRecord, RequestRecord } from "../../../../src/engine/log/record.ts";

const URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".split("");
const sessionId = fc
  .string({ unit: fc.constantFrom(...URL_SAFE), minLength: 22, maxLength: 64 })
  .map((text) => text as SessionId);
const run = fc.nat({ max: 0xffffffff }).map((number) => number as RunNumber);
const connection = fc.nat({ max: 0xfffffffe });
const atMs = fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 });
const hello = fc.record({
  pid: fc.nat(),
  ppid: fc.nat(),
  runtime: fc.string(),
  runtimeVersion: fc.string(),
  service: fc.string({ unit: "grapheme" }),
  ownSdk: fc.boolean(),
  worker: fc.boolean(),
});

const requestRecord: fc.Arbitrary<RequestRecord> = fc
  .record({
    kind: fc.constant("request" as const),
    signal: fc.constantFrom("traces" as const, "metrics" as const, "logs" as const),
    encoding: fc.constantFrom("protobuf" as const, "json" as const),
    channel: fc.constantFrom("http" as const, "grpc" as const, "agent" as const, "file" as const),
    sessionId: fc.option(sessionId, { nil: undefined }),
    run,
    receivedMs: atMs,
    body: fc.uint8Array({ maxLength: 2000 }),
    connection: fc.option(connection, { nil: undefined }),
    isCarried: fc.boolean(),
  })
  .map(({ connection: number, isCarried, ...record }) => ({
    ...record,
    ...(number === undefined ? {} : { connection: number }),
    ...(isCarried ? { isCarried } : {}),
  }));

const controlRecord: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({ kind: fc.constant("run-began" as const), run, name: fc.string(), atMs }),
  fc.record({ kind: fc.constant("session-opened" as const), sessionId, run, name: fc.string(), atMs }),
  fc.record({ kind: fc.constant("session-closed" as const), sessionId, atMs }),
  fc.record({
    kind: fc.constant("agent-connected" as const),
    connection,
    sessionId: fc.option(sessionId, { nil: undefined }),
    hello,
    atMs,
  }),
  fc.record({ kind: fc.constant("agent-found-own-sdk" as const), connection }),
  fc.record({ kind: fc.constant("agent-gone" as const), connection, atMs }),
  fc.record({ kind: fc.constant("cleared" as const), keepPinned: fc.constant(true), atMs }),
  fc.record({
    kind: fc.constant("pinned" as const),
    traceId: fc
      .string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: 32, maxLength: 32 })
      .map((text) => text as TraceId),
    pinned: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("paused" as const),
    pause: fc
      .record(
        {
          id: fc.string(),
          sessionId,
          processId: fc.nat(),
          name: fc.string(),
          startTimeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
          endTimeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
          place: fc.record({ path: fc.string(), line: fc.nat() }),
        },
        { requiredKeys: ["id", "name", "startTimeUnixNano"] },
      )
      .map((pause) => pause as Pause),
  }),
);

/** Records of every kind, except the one that removes what lies before it. */
export const logRecord: fc.Arbitrary<LogRecord> = fc.oneof(requestRecord, controlRecord);

/** A request whose body says which it is, `bytes` long or a little longer. */
export function numberedRequest(number: number, bytes = 0): RequestRecord {
  return {
    kind: "request",
    signal: "traces",
    encoding: "protobuf",
    sessionId: undefined,
    channel: "http",
    run: 1 as RunNumber,
    receivedMs: 1_700_000_000_000 + number,
    body: new TextEncoder().encode(`#${number} `.padEnd(bytes, `${number} is not repeated; `)),
  };
}

/** A numbered request whose body no compressor makes smaller. */
export function incompressible(number: number, bytes: number): RequestRecord {
  const request = numberedRequest(number, bytes);
  randomFillSync(request.body, `#${number} `.length);
  return request;
}

/** The number in a numbered request's body. */
export function numberOf(record: LogRecord): number {
  return record.kind === "request" ? Number(/^#(\d+)/.exec(new TextDecoder().decode(record.body))?.[1]) : NaN;
}

/** A record in a form that vitest compares: bodies read from a file are views of another class. */
export function comparable(record: LogRecord): object {
  return record.kind === "request"
    ? { ...record, body: Buffer.from(record.body).toString("base64") }
    : record;
}
