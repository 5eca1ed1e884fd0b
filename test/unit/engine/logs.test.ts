import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "../../../src/engine/engine.ts";
import type { RunNumber, SessionId, SpanId, TraceId } from "../../../src/model/ids.ts";
import type { LogFilter } from "../../../src/model/log-record.ts";
import { temporaryFolder } from "./log/temporary-folder.ts";
import { openTestEngine } from "./open-test-engine.ts";
import { logOf, logsBody, logsRequest } from "./otlp-logs-request.ts";
import { toJson } from "./otlp-signals-oracle.ts";
import { protobufRequest, spanOf, TRACE } from "./otlp-request.ts";
import { ask } from "./receive/raw-http.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const SPAN = "0000000000000001" as SpanId;
const PROTOBUF = { "content-type": "application/x-protobuf" };
const JSON_TYPE = { "content-type": "application/json" };
const ofTrace = (text: string, atMs: number) =>
  logOf(text, atMs, {
    traceId: [...Buffer.from(TRACE, "hex")],
    spanId: [...Buffer.from(SPAN, "hex")],
    severityNumber: 9,
  });

async function texts(engine: Engine, filter: LogFilter = {}): Promise<unknown[]> {
  const listed = await engine.listLogs({ filter, limit: 100 });
  return listed.ok ? listed.value.records.map(({ body }) => body) : [listed.error.code];
}

async function engineWithLog(folder: string, options: EngineOptions = {}): Promise<Engine> {
  const engine = createEngine(options);
  onTestFinished(() => engine.dispose());
  await engine.openLog({ folders: [folder], maxBytes: 1e8, maxAgeDays: 7 });
  return engine;
}

test.each([
  ["protobuf", PROTOBUF, () => logsBody([ofTrace("one", 1), ofTrace("two", 2)])],
  [
    "JSON",
    JSON_TYPE,
    () => JSON.stringify(toJson("LogsRequest", logsRequest([ofTrace("one", 1), ofTrace("two", 2)]))),
  ],
])("logs received as %s are found by their span, in the run of their session", async (_, headers, body) => {
  const { engine, url } = await openTestEngine();
  engine.openSession({ sessionId: SESSION, run: 4 as RunNumber });
  const reply = await ask(`${url}/s/${SESSION}/v1/logs`, { headers, body: body() });
  expect(reply.status).toBe(200);
  expect(await texts(engine, { traceId: TRACE as TraceId, spanId: SPAN })).toEqual(["two", "one"]);
  expect(await texts(engine, { run: 4 as RunNumber, text: "two" })).toEqual(["two"]);
  expect(engine.state).toMatchObject({ logRecordCount: 2, spanCount: 0 });
});

test("a bad record is told in the partial success, and its siblings are kept", async () => {
  const { engine, url } = await openTestEngine();
  const body = JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [{ traceId: "ab", body: { stringValue: "bad" } }, { body: { stringValue: "good" } }],
          },
        ],
      },
    ],
  });
  const reply = await ask(`${url}/v1/logs`, { headers: JSON_TYPE, body });
  expect(JSON.parse(reply.body.toString())).toEqual({
    partialSuccess: { rejectedLogRecords: "1", errorMessage: expect.stringContaining("trace id") as string },
  });
  expect(await texts(engine)).toEqual(["good"]);
  expect((await ask(`${url}/v1/logs`, { headers: PROTOBUF, body: Buffer.from([0xff]) })).status).toBe(400);
});

test("secrets are masked before anything is kept or logged, and what was logged is there again, once", async () => {
  const folder = await temporaryFolder();
  const first = await engineWithLog(folder);
  const body = logsBody([
    ofTrace("paid with 4111 1111 1111 1111", 1),
    ofTrace("same", 2),
    ofTrace("same", 2),
  ]);
  for (let time = 0; time < 2; time++) {
    const { logged } = first.sink.logs(Buffer.from(body), "protobuf", {
      sessionId: undefined,
      channel: "http",
    });
    expect(await logged).toBe(true);
  }
  const expected = ["same", "same", "paid with **** **** **** ****"];
  expect(await texts(first)).toEqual(expected);
  await first.dispose();

  const second = await engineWithLog(folder, { redaction: { enabled: false, keys: [] } });
  expect(await texts(second)).toEqual(expected);
  second.clearStore({ keepPinned: false });
  await second.dispose();

  expect(await texts(await engineWithLog(folder))).toEqual([]);
});

test("clearing keeps the logs of pinned traces where these are kept", async () => {
  const engine = createEngine();
  const onHttp = { sessionId: undefined, channel: "http" } as const;
  engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", onHttp);
  engine.sink.logs(
    Buffer.from(logsBody([logOf("of none", 1), ofTrace("of the pinned", 2)])),
    "protobuf",
    onHttp,
  );
  engine.pinTrace({ traceId: TRACE as TraceId, pinned: true });
  engine.clearStore({ keepPinned: true });
  expect(await texts(engine)).toEqual(["of the pinned"]);
  engine.clearStore({ keepPinned: false });
  expect(await texts(engine)).toEqual([]);
});
