import { build } from "esbuild";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { disposable } from "../../../src/base/dispose.ts";
import type { RunNumber, SessionId, TraceId } from "../../../src/model/ids.ts";
import { Connection } from "../../../src/protocol/connection.ts";
import {
  configureEngine,
  findSpans,
  importTraces,
  listTraces,
  openReceiver,
  openSession,
  openTrace,
  readSpan,
  readState,
  stateChanged,
  tracesChanged,
} from "../../../src/protocol/engine.ts";
import { saveTraces } from "../../../src/protocol/run-file.ts";
import { protobufRequest, spanOf, TRACE } from "./otlp-request.ts";
import { ask } from "./receive/raw-http.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const folder = mkdtempSync(join(tmpdir(), "spanlight-worker-"));
const script = join(folder, "engine.cjs");

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("../../../src/engine/worker.ts", import.meta.url))],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "silent",
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startWorker(): { worker: Worker; connection: Connection } {
  const worker = new Worker(script);
  onTestFinished(() => void worker.terminate());
  const connection = new Connection({
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    listen(receive) {
      worker.on("message", receive);
      return disposable(() => worker.off("message", receive));
    },
  });
  return { worker, connection };
}

test("the engine works in a thread of its own, over its link", async () => {
  const { connection } = startWorker();
  const changed: string[] = [];
  const spanCounts: number[] = [];
  connection.on(tracesChanged, ({ traceIds }) => changed.push(...traceIds));
  connection.on(stateChanged, ({ spanCount }) => spanCounts.push(spanCount));
  expect((await connection.ask(configureEngine, { maxBytes: 100_000_000, redaction: undefined })).ok).toBe(
    true,
  );
  await connection.ask(openSession, {
    sessionId: SESSION,
    run: 1 as RunNumber,
    name: "shop",
    runName: "shop",
    runStartMs: undefined,
  });
  const opened = await connection.ask(openReceiver, { host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);

  const reply = await ask(`http://127.0.0.1:${opened.value.http}/s/${SESSION}/v1/traces`, {
    headers: { "content-type": "application/x-protobuf" },
    body: protobufRequest([spanOf(1), spanOf(2)]),
  });
  expect(reply.status).toBe(200);
  await expect.poll(() => [changed, spanCounts.at(-1)]).toEqual([[TRACE], 2]);

  const list = await connection.ask(listTraces, { filter: { text: "" }, limit: 10 });
  expect(list).toMatchObject({ ok: true, value: { totalCount: 1, traces: [{ run: 1 }] } });
  const trace = await connection.ask(openTrace, { traceId: TRACE as TraceId, unlessVersion: undefined });
  expect(trace).toMatchObject({ ok: true, value: { spanCount: 2, row: expect.any(Float64Array) } });
  const found = await connection.ask(findSpans, { traceId: TRACE as TraceId, text: "span" });
  const row = found.ok ? found.value.rows[1] : undefined;
  expect(await connection.ask(readSpan, { row: row as never })).toMatchObject({ value: { name: "span 2" } });
  const path = join(folder, "traces.json");
  expect(await connection.ask(saveTraces, { path, traceIds: undefined })).toMatchObject({
    ok: true,
    value: { spanCount: 2 },
  });
  const bytes = readFileSync(path);
  expect(await connection.ask(importTraces, { name: "again.json", bytes })).toMatchObject({
    ok: true,
    value: { spanCount: 2, rejectedCount: 0 },
  });
  expect(await connection.ask(readState, {})).toMatchObject({
    value: { ports: opened.value, rejectedCount: 0 },
  });
});
