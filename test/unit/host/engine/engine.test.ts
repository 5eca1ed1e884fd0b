import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Engine, megabytes, type EngineOptions } from "../../../../src/host/engine/engine.ts";
import { newSessionId } from "../../../../src/host/session/session-id.ts";
import type { RunNumber, SessionId } from "../../../../src/model/ids.ts";
import type { Run, Session } from "../../../../src/model/session.ts";
import { listTraces, openReceiver, readState } from "../../../../src/protocol/engine.ts";
import { buildMortalEngine } from "./build-mortal-engine.ts";

/** What mortal-engine.ts listens for; the protocol has no such request. */
const DIE = "test/die";

const folder = mkdtempSync(join(tmpdir(), "spanlight-engine-"));
const script = join(folder, "engine.cjs");

beforeAll(async () => {
  await buildMortalEngine(script);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

function engineWith(options: Partial<EngineOptions> = {}): Engine {
  const engine = new Engine({
    script,
    maxBytes: () => megabytes(64),
    wantedPorts: () => ({ httpPort: 0, grpcPort: 0 }),
    sessions: () => [],
    ...options,
  });
  engines.push(engine);
  return engine;
}

/** The value of a result that is expected to be one. */
async function valueOf<T>(
  result: Promise<{ ok: true; value: T } | { ok: false; error: unknown }>,
): Promise<T> {
  const settled = await result;
  if (!settled.ok) throw new Error(JSON.stringify(settled.error));
  return settled.value;
}

/** Lets the engine's thread die of an error, and waits until the next one has taken its place. */
async function killed(engine: Engine): Promise<string> {
  const restarted = new Promise<string>((resolve) => engine.onRestarted(resolve));
  void engine.askByName(DIE, undefined);
  return restarted;
}

async function runOfSpanSentTo(
  engine: Engine,
  port: number,
  sessionId: SessionId,
): Promise<number | undefined> {
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    name: "GET /",
    kind: 2,
  };
  const times = { startTimeUnixNano: "1700000000000000000", endTimeUnixNano: "1700000000001000000" };
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, ...times }] }] }] };
  const response = await fetch(`http://127.0.0.1:${port}/s/${sessionId}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  const { traces } = await valueOf(engine.ask(listTraces, { filter: { text: "" }, limit: 10 }));
  return traces[0]?.run;
}

const session = (run: number): Session => ({
  id: newSessionId(),
  run: run as RunNumber,
  name: "api",
  type: "pwa-node",
  request: "launch",
  active: true,
  notes: [],
});

describe("the engine", () => {
  test("is started by the first request, and answers", async () => {
    const engine = engineWith();
    const state = await valueOf(engine.ask(readState, {}));
    expect(state).toMatchObject({ traceCount: 0, maxBytes: megabytes(64), ports: undefined });
  });

  test("opens the receiver once, on the ports that it then keeps", async () => {
    const engine = engineWith();
    const ports = await valueOf(engine.openReceiver());
    expect(await valueOf(engine.openReceiver())).toEqual(ports);
    expect(engine.problem).toBeUndefined();
  });

  test("takes a free port for one that belongs to somebody else, and says which was taken", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    const engine = engineWith({ wantedPorts: () => ({ httpPort: port, grpcPort: 0 }) });
    const ports = await valueOf(engine.openReceiver());
    other.close();
    expect(ports.http).not.toBe(port);
    expect(ports.taken).toEqual([port]);
  });

  test("knows the sessions that were entered before it was started", async () => {
    const known = session(7);
    const engine = engineWith({ sessions: () => [known] });
    const { http } = await valueOf(engine.openReceiver());
    expect(await runOfSpanSentTo(engine, http, known.id)).toBe(7);
  });

  test("comes back after its death, on the same ports, with the same sessions, and says what was lost", async () => {
    const known = session(3);
    const engine = engineWith({ sessions: () => [known] });
    const before = await valueOf(engine.openReceiver());
    await runOfSpanSentTo(engine, before.http, known.id);
    const note = await killed(engine);
    expect(note).toContain("the end that the test asked for");
    expect(engine.restartNote).toBe(note);
    const after = await valueOf(engine.openReceiver());
    expect([after.http, after.grpc]).toEqual([before.http, before.grpc]);
    expect(await runOfSpanSentTo(engine, after.http, known.id)).toBe(3);
    engine.forgetRestart();
    expect(engine.restartNote).toBeUndefined();
  });

  test("with a session log has again what it had when it died, or was restarted, and says how much", async () => {
    const known = { ...session(3), name: "api" };
    const runs: (readonly Run[])[] = [];
    const run: Run = { number: known.run, name: "shop", startMs: 5, endMs: undefined };
    const log = { folders: [mkdtempSync(join(folder, "log-"))], maxBytes: megabytes(8), maxAgeDays: 1 };
    const engine = engineWith({ sessions: () => [known], runOf: () => run, log: () => log });
    engine.onRecovered((recovery) => runs.push(recovery.runs));
    const { http } = await valueOf(engine.openReceiver());
    await runOfSpanSentTo(engine, http, known.id);
    expect(await killed(engine)).toMatch(/the test asked for.*One span was recovered\.$/);
    await engine.restart();
    expect(engine.restartNote).toBe("The engine was restarted. One span was recovered.");
    expect(await valueOf(engine.ask(readState, {}))).toMatchObject({ spanCount: 1 });
    const found = [expect.objectContaining({ number: 3, name: "shop", startMs: 5 })];
    expect(runs).toEqual([[], found, found]);
  });

  test("settles what was asked of the one that died", async () => {
    const engine = engineWith();
    await valueOf(engine.ask(readState, {}));
    void engine.askByName(DIE, undefined);
    // Not read before the thread dies, or answered before: settled in either case.
    const asked = await engine.ask(openReceiver, { host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
    expect(typeof asked.ok).toBe("boolean");
  });

  test("stays down when it dies again and again, says so, and can be started by hand", async () => {
    const engine = engineWith();
    await valueOf(engine.openReceiver());
    for (let death = 1; death < 4; death++) await killed(engine);
    const down = new Promise<void>((resolve) =>
      engine.onChanged(() => engine.problem !== undefined && resolve()),
    );
    void engine.askByName(DIE, undefined);
    await down;
    expect(engine.problem?.code).toBe("engine-stopped");
    expect(await engine.ask(readState, {})).toMatchObject({ ok: false, error: { code: "engine-stopped" } });
    await engine.restart();
    expect(engine.problem).toBeUndefined();
    expect(await valueOf(engine.ask(readState, {}))).toMatchObject({ traceCount: 0 });
  });

  test("tells what is wrong where its script is missing", async () => {
    const engine = engineWith({ script: join(folder, "missing.cjs") });
    expect(await engine.openReceiver()).toMatchObject({ ok: false });
    await expect.poll(() => engine.problem?.code).toBe("engine-stopped");
  });

  test("asks nothing of an engine that does not run, when something ends", async () => {
    const engine = engineWith({ script: join(folder, "missing.cjs") });
    await engine.sessionEnded(newSessionId());
    await engine.closeReceiver();
    expect(engine.problem).toBeUndefined();
  });
});
