import { expect, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { encodeLogsProtobuf } from "../../../src/engine/query/encode-logs-protobuf.ts";
import { encodeMetricsProtobuf } from "../../../src/engine/query/encode-metrics-protobuf.ts";
import type { TraceId } from "../../../src/model/ids.ts";
import type { Signal } from "../../../src/engine/receive/endpoint.ts";
import { logOf, logsBody } from "./otlp-logs-request.ts";
import { gaugeOf, metricsBody } from "./otlp-metrics-request.ts";
import { protobufRequest, spanOf, TRACE } from "./otlp-request.ts";

const onHttp = { sessionId: undefined, channel: "http" } as const;
const PASSWORD = "hunter2hunter2";
const COUNT = 5000;

const secret = { key: "user.password", value: { stringValue: PASSWORD } };

/** Bodies of more than one part: the points of one metric, each a series of its own, and records of one scope. */
const bodies = {
  metrics: metricsBody([
    gaugeOf(
      "queue.depth",
      ...Array.from({ length: COUNT }, (_, n) => ({
        timeUnixNano: String(1_700_000_000_000_000_000n + BigInt(n)),
        asInt: String(n),
        attributes: [secret, { key: "queue", value: { intValue: String(n) } }],
      })),
    ),
  ]),
  logs: logsBody(
    Array.from({ length: COUNT }, (_, n) => logOf(`line ${n % 3}`, n, { attributes: [secret] })),
  ),
  traces: protobufRequest(
    Array.from({ length: COUNT }, (_, n) =>
      spanOf(n + 1, { traceId: (n + 1).toString(16).padStart(32, "0") }),
    ),
  ),
};

/** Bodies are masked in place. */
function copyOf(signal: Signal): Uint8Array {
  return new Uint8Array(bodies[signal]);
}

function heldBy(engine: Engine, signal: "metrics" | "logs"): Buffer {
  return Buffer.from(
    signal === "metrics"
      ? encodeMetricsProtobuf(engine.seriesStore).protobuf
      : encodeLogsProtobuf(engine.logStore).protobuf,
  );
}

function countIn({ state }: Engine, signal: Signal): number {
  return { traces: state.spanCount, metrics: state.sampleCount, logs: state.logRecordCount }[signal];
}

/** Takes the body in slices; `meanwhile` is called when some of it is held, and not all. */
async function takeMeanwhile(engine: Engine, signal: Signal, meanwhile: () => void): Promise<number> {
  const done = new AbortController();
  const taking = engine.sink
    .takeInSlices(signal, copyOf(signal), "protobuf", onHttp)
    .finally(() => done.abort());
  while (countIn(engine, signal) === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(countIn(engine, signal)).toBeLessThan(COUNT);
  expect(done.signal.aborted).toBe(false);
  meanwhile();
  return (await taking).acceptedCount;
}

test.each(["metrics", "logs"] as const)(
  "a large request of %s is taken in slices as it is at once",
  async (signal) => {
    const [whole, sliced] = [createEngine(), createEngine()];
    const atOnce = whole.sink[signal](copyOf(signal), "protobuf", onHttp);
    const body = copyOf(signal);
    const inSlices = await sliced.sink.takeInSlices(signal, body, "protobuf", onHttp);
    expect(inSlices).toEqual(atOnce);
    expect(inSlices).toMatchObject({ acceptedCount: COUNT, rejectedCount: 0, malformed: false });
    expect(heldBy(sliced, signal).equals(heldBy(whole, signal))).toBe(true);
    expect(Buffer.from(body).includes(PASSWORD)).toBe(false);
    expect(heldBy(sliced, signal).includes(PASSWORD)).toBe(false);
  },
);

test.each(["metrics", "logs"] as const)(
  "a large request of %s that comes again changes nothing",
  async (signal) => {
    const engine = createEngine();
    await engine.sink.takeInSlices(signal, copyOf(signal), "protobuf", onHttp);
    engine.sink[signal](copyOf(signal), "protobuf", onHttp);
    expect(countIn(engine, signal)).toBe(COUNT);
  },
);

test.each(["traces", "metrics", "logs"] as const)(
  "other requests are served between the slices of a large one of %s",
  async (signal) => {
    const engine = createEngine();
    const accepted = await takeMeanwhile(engine, signal, () => {
      const other = signal === "traces" ? "logs" : "traces";
      const body = other === "traces" ? protobufRequest([spanOf(77)]) : logsBody([logOf("other")]);
      expect(engine.sink[other](body, "protobuf", onHttp).acceptedCount).toBe(1);
    });
    expect(accepted).toBe(COUNT);
    expect(countIn(engine, signal)).toBe(COUNT);
  },
);

test("log records of a pinned trace are there once when all else is cleared while they come", async () => {
  const engine = createEngine();
  const traceId = TRACE as TraceId;
  engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", onHttp);
  engine.pinTrace({ traceId, pinned: true });
  const ids = { traceId: [...Buffer.from(TRACE, "hex")] };
  const before = logsBody([logOf("before", -1, ids), logOf("of none", -1)]);
  const under = logsBody(
    Array.from({ length: COUNT }, (_, n) => logOf(`line ${n}`, n, n % 2 === 0 ? ids : {})),
  );
  engine.sink.logs(before, "protobuf", onHttp);
  const taking = engine.sink.takeInSlices("logs", under, "protobuf", onHttp);
  while (engine.state.logRecordCount < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(engine.state.logRecordCount).toBeLessThan(COUNT);
  engine.clearStore({ keepPinned: true });
  expect(engine.state.logRecordCount).toBe(1);
  expect(await taking).toMatchObject({ acceptedCount: COUNT });
  expect(engine.state.logRecordCount).toBe(COUNT + 1);
  // What is logged by now is kept.
  engine.clearStore({ keepPinned: true });
  expect(engine.state.logRecordCount).toBe(COUNT / 2 + 1);
});

test.each(["traces", "metrics", "logs"] as const)(
  "a request of %s that is under way when all is cleared counts as later, and is whole",
  async (signal) => {
    const engine = createEngine();
    const accepted = await takeMeanwhile(engine, signal, () => {
      engine.clearStore({ keepPinned: false });
      expect(countIn(engine, signal)).toBe(0);
    });
    expect(accepted).toBe(COUNT);
    expect(countIn(engine, signal)).toBe(COUNT);
  },
);

test.each(
  (["traces", "metrics", "logs"] as const).flatMap((signal) =>
    (["protobuf", "json"] as const).map((encoding) => [signal, encoding] as const),
  ),
)("an empty body is an empty request, at once and in slices: %s in %s", async (signal, encoding) => {
  const { sink } = createEngine();
  const nothing = { acceptedCount: 0, rejectedCount: 0, message: "", malformed: false };
  expect(sink[signal](new Uint8Array(0), encoding, onHttp)).toMatchObject(nothing);
  expect(await sink.takeInSlices(signal, new Uint8Array(0), encoding, onHttp)).toMatchObject(nothing);
});
