import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { createEngine } from "../../../src/engine/engine.ts";
import type { RunNumber, SessionId, SpanRow, TraceId } from "../../../src/model/ids.ts";
import type { EngineState } from "../../../src/protocol/engine.ts";
import { openTestEngine, spanNames } from "./open-test-engine.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute, TRACE } from "./otlp-request.ts";
import { ask } from "./receive/raw-http.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const OTHER_SESSION = "zyxwvutsrqponmlkjihgfe" as SessionId;
const OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";
const JSON_TYPE = { "content-type": "application/json" };
const everything = { filter: { text: "" }, limit: 100 };
const onHttp = { sessionId: undefined, channel: "http" } as const;

describe("what is received", () => {
  test("is listed, opened and read", async () => {
    const { engine, url } = await openTestEngine();
    const child = spanOf(2, {
      parentSpanId: "0000000000000001",
      attributes: [textAttribute("db.system", "pg")],
    });
    const reply = await ask(`${url}/v1/traces`, {
      headers: JSON_TYPE,
      body: jsonRequest([child, spanOf(1)]),
    });
    expect([reply.status, reply.body.toString()]).toEqual([200, "{}"]);

    const list = engine.listTraces(everything);
    expect(list).toMatchObject({ totalCount: 1, matchingCount: 1, spanCount: 2 });
    expect(list.traces[0]).toMatchObject({ traceId: TRACE, name: "span 1", services: ["shop"], run: 0 });
    expect(spanNames(engine)).toEqual(["span 1", "span 2"]);
    const row = engine.openTrace({ traceId: TRACE as TraceId })?.row[1] as SpanRow;
    expect(engine.readSpan({ row })).toMatchObject({
      name: "span 2",
      parentSpanId: "0000000000000001",
      durationNs: 250_000_000,
      attributes: [{ key: "db.system", value: "pg" }],
    });
    expect([...engine.findSpans({ traceId: TRACE as TraceId, text: "db.system=pg" }).rows]).toEqual([row]);
  });

  test("belongs to the run of its session; on the plain paths, or of a session unknown, to none", async () => {
    const { engine, url } = await openTestEngine();
    engine.openSession({ sessionId: SESSION, run: 4 as RunNumber });
    const send = async (path: string, traceId: string) => {
      const body = jsonRequest([spanOf(1, { traceId })]);
      expect((await ask(`${url}${path}`, { headers: JSON_TYPE, body })).status).toBe(200);
      return engine.openTrace({ traceId: traceId as TraceId })?.run;
    };
    expect(await send(`/s/${SESSION}/v1/traces`, "1".repeat(32))).toBe(4);
    expect(await send("/v1/traces", "2".repeat(32))).toBe(0);
    expect(await send(`/s/${OTHER_SESSION}/v1/traces`, "3".repeat(32))).toBe(0);
    engine.closeSession({ sessionId: SESSION });
    expect(await send(`/s/${SESSION}/v1/traces`, "4".repeat(32))).toBe(4);
  });

  test("of metrics and logs is counted", async () => {
    const { engine, url } = await openTestEngine();
    for (const signal of ["metrics", "logs", "logs"]) {
      expect((await ask(`${url}/v1/${signal}`, { headers: JSON_TYPE, body: "{}" })).status).toBe(200);
      expect((await ask(`${url}/v1/${signal}`, { headers: JSON_TYPE, body: "[]" })).status).toBe(400);
    }
    expect(engine.state).toMatchObject({ seriesCount: 0, logRecordCount: 0, spanCount: 0 });
  });

  test("is exported and taken in again", async () => {
    const engine = createEngine();
    engine.sink.traces(protobufRequest([spanOf(1), spanOf(2)]), "protobuf", onHttp);
    engine.sink.traces(protobufRequest([spanOf(1, { traceId: OTHER_TRACE })]), "protobuf", onHttp);
    const one = engine.exportTraces({ traceIds: [TRACE as TraceId] });
    expect(one.spanCount).toBe(2);
    const second = createEngine();
    const outcome = await second.importTraces({ name: "trace.json", bytes: one.json });
    expect(outcome).toMatchObject({ traceIds: [TRACE], spanCount: 2, rejectedCount: 0, problem: undefined });
    expect(spanNames(second)).toEqual(spanNames(engine));
    expect(engine.exportTraces({}).spanCount).toBe(3);
  });

  test.each([
    ["that is no trace", "hello", "import-failed"],
    ["without spans", "{}", "import-empty"],
    ["that is empty", "", "import-empty"],
  ])("a file %s is a problem that names it", async (_what, text, code) => {
    const outcome = await createEngine().importTraces({ name: "notes.txt", bytes: Buffer.from(text) });
    expect(outcome).toMatchObject({ traceIds: [], spanCount: 0, problem: { code } });
    expect(outcome.problem?.message).toContain("notes.txt");
  });
});

describe("an agent", () => {
  test("is part of the state, its spans grow, and what it leaves open is marked when it is gone", async () => {
    const { engine, ports } = await openTestEngine();
    engine.openSession({ sessionId: SESSION, run: 1 as RunNumber });
    const socket = new WebSocket(`ws://127.0.0.1:${ports.http}/s/${SESSION}/agent`);
    onTestFinished(() => socket.terminate());
    await once(socket, "open");
    socket.send(
      JSON.stringify({
        type: "hello",
        version: 1,
        pid: 7,
        runtime: "node",
        resource: { "service.name": "cart" },
      }),
    );
    socket.send(protobufRequest([spanOf(1, { endTimeUnixNano: "0" }), spanOf(2, { endTimeUnixNano: "0" })]));
    const summary = () => engine.listTraces(everything).traces[0];
    await expect.poll(summary).toMatchObject({ run: 1, spanCount: 2, runningCount: 2, lostCount: 0 });
    socket.send(protobufRequest([spanOf(1)]));
    await expect.poll(summary).toMatchObject({ spanCount: 2, runningCount: 1 });
    expect(engine.state.agents).toMatchObject([
      { sessionId: SESSION, pid: 7, service: "cart", connected: true, spanCount: 2 },
    ]);
    socket.terminate();
    await expect.poll(summary).toMatchObject({ spanCount: 2, runningCount: 0, lostCount: 1 });
    expect(engine.state.agents).toMatchObject([{ pid: 7, connected: false }]);
  });
});

describe("the receiver", () => {
  test("asked for again answers with the ports it has, and asked for at once opens one", async () => {
    const engine = createEngine();
    onTestFinished(() => engine.dispose());
    const address = { host: "127.0.0.1", httpPort: 0, grpcPort: 0 };
    const [first, second] = await Promise.all([engine.openReceiver(address), engine.openReceiver(address)]);
    expect(first.ok).toBe(true);
    expect(second).toEqual(first);
    expect(engine.state.ports).toEqual(first.ok ? first.value : undefined);
  });

  test("closed and opened again listens again, and keeps what it had", async () => {
    const { engine, url } = await openTestEngine();
    await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: jsonRequest([spanOf(1)]) });
    await engine.closeReceiver();
    expect(engine.state).toMatchObject({ ports: undefined, spanCount: 1 });
    const again = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
    const port = again.ok ? again.value.http : 0;
    const reply = await ask(`http://127.0.0.1:${port}/v1/traces`, {
      headers: JSON_TYPE,
      body: jsonRequest([spanOf(2)]),
    });
    expect(reply.status).toBe(200);
    expect(engine.state.spanCount).toBe(2);
  });

  test("on all addresses needs the engine's token", async () => {
    const address = { host: "0.0.0.0", httpPort: 0, grpcPort: 0 };
    const open = createEngine();
    expect(await open.openReceiver(address)).toMatchObject({ ok: false, error: { code: "token-required" } });
    const guarded = createEngine({ token: "secret" });
    onTestFinished(() => guarded.dispose());
    expect((await guarded.openReceiver(address)).ok).toBe(true);
  });
});

describe("events", () => {
  test("the first change is told at once, further ones together", async () => {
    const engine = createEngine();
    onTestFinished(() => engine.dispose());
    const changes: (readonly string[])[] = [];
    const states: EngineState[] = [];
    engine.onTracesChanged(({ traceIds }) => changes.push(traceIds));
    engine.onStateChanged((state) => states.push(state));
    for (let number = 1; number <= 9; number++) {
      const traceId = String(number).repeat(32);
      engine.sink.traces(protobufRequest([spanOf(1, { traceId })]), "protobuf", onHttp);
    }
    expect(changes).toEqual([["1".repeat(32)]]);
    await expect.poll(() => changes.length).toBe(2);
    expect(changes[1]).toHaveLength(8);
    await expect.poll(() => states.map(({ traceCount }) => traceCount)).toEqual([1, 9]);
  });

  test("more traces than an event names are said to be more", async () => {
    const engine = createEngine();
    onTestFinished(() => engine.dispose());
    const changes: { count: number; more: boolean; version: number }[] = [];
    engine.onTracesChanged(({ traceIds, more, version }) =>
      changes.push({ count: traceIds.length, more, version }),
    );
    const spans = Array.from({ length: 150 }, (_, index) =>
      spanOf(1, { traceId: (index + 1).toString(16).padStart(32, "0") }),
    );
    engine.sink.traces(protobufRequest(spans), "protobuf", onHttp);
    expect(changes).toEqual([{ count: 100, more: true, version: engine.listTraces(everything).version }]);
  });

  test("clearing and pinning are changes", async () => {
    const engine = createEngine();
    onTestFinished(() => engine.dispose());
    engine.sink.traces(protobufRequest([spanOf(1), spanOf(1, { traceId: OTHER_TRACE })]), "protobuf", onHttp);
    const versions: number[] = [];
    engine.onTracesChanged(({ version }) => versions.push(version));
    engine.pinTrace({ traceId: TRACE as TraceId, pinned: true });
    await expect.poll(() => versions).toHaveLength(1);
    engine.clearStore({ keepPinned: true });
    await expect.poll(() => versions).toHaveLength(2);
    expect(engine.listTraces(everything).traces.map(({ traceId }) => traceId)).toEqual([TRACE]);
    engine.clearStore({ keepPinned: false });
    expect(engine.state).toMatchObject({ traceCount: 0, spanCount: 0, evictedCount: 0 });
  });

  test("a fault in taking a request is told once", async () => {
    const { engine, url } = await openTestEngine();
    const problems: string[] = [];
    engine.onProblemFound(({ code, severity }) => problems.push(`${severity} ${code}`));
    engine.sink.traces = () => {
      throw new Error("broken");
    };
    for (let i = 0; i < 3; i++) {
      expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body: "{}" })).status).toBe(500);
    }
    expect(problems).toEqual(["error engine-fault"]);
  });

  test("a disposed engine is silent and its ports are free", async () => {
    const { engine, url } = await openTestEngine();
    let told = 0;
    engine.onStateChanged(() => told++);
    await engine.dispose();
    engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", onHttp);
    expect(told).toBe(0);
    await expect(ask(`${url}/v1/traces`)).rejects.toThrow("ECONNREFUSED");
  });
});

test("the bound can be changed, and cannot be nothing", () => {
  const engine = createEngine({ maxBytes: 64 * 1024 * 1024 });
  expect(engine.configure({ maxBytes: 32 * 1024 * 1024 }).ok).toBe(true);
  expect(engine.state.maxBytes).toBe(32 * 1024 * 1024);
  for (const maxBytes of [0, -1, Number.NaN]) {
    expect(engine.configure({ maxBytes })).toMatchObject({ ok: false, error: { code: "bad-limit" } });
  }
  expect(engine.state.maxBytes).toBe(32 * 1024 * 1024);
});

test("what a lower bound turns out leaves in later turns, and is told", async () => {
  const engine = createEngine();
  const spans = Array.from({ length: 40_000 }, (_, n) => spanOf(n + 1));
  engine.sink.traces(protobufRequest(spans), "protobuf", onHttp);
  engine.sink.traces(protobufRequest([spanOf(1, { traceId: OTHER_TRACE })]), "protobuf", onHttp);
  engine.configure({ maxBytes: engine.bytes - 1 });
  const counts = [engine.state.spanCount];
  while (engine.store.isOverfull) {
    await new Promise((resolve) => setImmediate(resolve));
    counts.push(engine.state.spanCount);
  }
  expect(new Set(counts).size).toBeGreaterThan(2);
  expect(engine.state).toMatchObject({ spanCount: 1, traceCount: 1, evictedCount: 1 });
  await engine.dispose();
});
