import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine, type EngineProblem } from "../../../src/engine/engine.ts";
import type { RunNumber, SessionId, TraceId } from "../../../src/model/ids.ts";
import type { Recovery } from "../../../src/protocol/engine.ts";
import { segmentFiles, temporaryFolder } from "./log/temporary-folder.ts";
import { spanNames } from "./open-test-engine.ts";
import { jsonRequest, protobufRequest, spanOf, textAttribute, TRACE } from "./otlp-request.ts";
import { ask } from "./receive/raw-http.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";
const JSON_TYPE = { "content-type": "application/json" };
const everything = { filter: { text: "" }, limit: 100 };
const HELLO = {
  pid: 7,
  ppid: 1,
  runtime: "node",
  runtimeVersion: "v20",
  service: "cart",
  ownSdk: false,
  worker: false,
};

interface Logged {
  readonly engine: Engine;
  readonly recovery: Recovery;
  readonly problems: readonly EngineProblem[];
}

async function engineWithLog(folder: string, now = () => 1_700_000_000_500): Promise<Logged> {
  const engine = createEngine({ now });
  onTestFinished(() => engine.dispose());
  const problems: EngineProblem[] = [];
  engine.onProblemFound((problem) => problems.push(problem));
  const recovery = await engine.openLog({ folders: [folder], maxBytes: 1e8, maxAgeDays: 7 });
  return { engine, recovery, problems };
}

async function urlOf(engine: Engine): Promise<string> {
  const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
  if (!opened.ok) throw new Error(opened.error.message);
  return `http://127.0.0.1:${opened.value.http}`;
}

test("what was acknowledged is there again, once, in its run, and its open spans are lost", async () => {
  const folder = await temporaryFolder();
  const { engine: first, recovery: nothing } = await engineWithLog(folder);
  expect(nothing).toEqual({ runs: [], spanCount: 0, traceCount: 0, problems: [] });
  first.openSession({ sessionId: SESSION, run: 3 as RunNumber, name: "api", runName: "shop", runStartMs: 5 });
  const url = await urlOf(first);
  const body = jsonRequest([spanOf(1), spanOf(2, { parentSpanId: "0000000000000001" })]);
  expect((await ask(`${url}/s/${SESSION}/v1/traces`, { headers: JSON_TYPE, body })).status).toBe(200);
  first.sink.agentConnected(1, SESSION, HELLO);
  const agent = { sessionId: SESSION, channel: "agent", connection: 1 } as const;
  first.sink.traces(protobufRequest([spanOf(3, { endTimeUnixNano: "0" })]), "protobuf", agent);
  const before = first.exportTraces({}).spanCount;
  await first.dispose();

  for (let generation = 0; generation < 2; generation++) {
    const { engine, recovery, problems } = await engineWithLog(folder);
    expect(recovery).toMatchObject({ spanCount: before, traceCount: 1, problems: [] });
    expect(recovery.runs).toEqual([{ number: 3, name: "shop", startMs: 5, endMs: 1_700_000_000_500 }]);
    expect(spanNames(engine)).toEqual(spanNames(first));
    const [trace] = engine.listTraces(everything).traces;
    expect(trace).toMatchObject({ run: 3, spanCount: 3, runningCount: 0, lostCount: 1 });
    expect(problems).toEqual([]);
    // Sent again by a sender that did not hear the reply.
    const again = await ask(`${await urlOf(engine)}/s/${SESSION}/v1/traces`, { headers: JSON_TYPE, body });
    expect([again.status, engine.state.spanCount]).toEqual([200, 3]);
    await engine.dispose();
  }
});

test("what was pinned and cleared is so again", async () => {
  const folder = await temporaryFolder();
  const { engine: first } = await engineWithLog(folder);
  const take = (number: number, traceId: string) =>
    first.sink.traces(protobufRequest([spanOf(number, { traceId })]), "protobuf", {
      sessionId: undefined,
      channel: "http",
    });
  take(1, TRACE);
  take(2, OTHER_TRACE);
  first.pinTrace({ traceId: TRACE as TraceId, pinned: true });
  first.clearStore({ keepPinned: true });
  take(3, "3".repeat(32));
  await first.dispose();
  const { engine } = await engineWithLog(folder);
  const traces = engine.listTraces(everything).traces.map(({ traceId, pinned }) => [traceId, pinned]);
  expect(traces.sort()).toEqual([
    ["3".repeat(32), false],
    [TRACE, true],
  ]);
});

test("a log that cannot be written is told once, and requests are acknowledged all the same", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "file");
  await writeFile(file, "");
  const { engine, problems } = await engineWithLog(join(file, "log"));
  const url = await urlOf(engine);
  for (const number of [1, 2, 3]) {
    const body = jsonRequest([spanOf(number)]);
    expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body })).status).toBe(200);
  }
  expect(engine.state.spanCount).toBe(3);
  expect(problems.filter(({ code }) => code === "log-folder-missing")).toHaveLength(1);
  expect(engine.state.log?.problem?.code).toBe("log-folder-missing");
});

test("a log that cannot keep up is no reason to acknowledge: the sender is asked to come again", async () => {
  const { engine } = await engineWithLog(await temporaryFolder());
  const url = await urlOf(engine);
  const { traces } = engine.sink;
  engine.sink.traces = (...request) => ({
    ...traces.apply(engine.sink, request),
    logged: Promise.resolve(false),
  });
  const body = jsonRequest([spanOf(1)]);
  const refused = await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body });
  expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
  engine.sink.traces = traces;
  expect((await ask(`${url}/v1/traces`, { headers: JSON_TYPE, body })).status).toBe(200);
  expect(engine.state.spanCount).toBe(1);
});

test("no secret reaches the disk, not even in a span that was refused", async () => {
  const folder = await temporaryFolder();
  const { engine } = await engineWithLog(folder);
  const secret = (value: string) => ({ attributes: [textAttribute("password", value)] });
  const { rejectedCount, logged } = engine.sink.traces(
    protobufRequest([
      spanOf(1, secret("hunter2-good")),
      { ...spanOf(2, secret("hunter2-refused")), traceId: "" },
      spanOf(3),
    ]),
    "protobuf",
    { sessionId: undefined, channel: "http" },
  );
  expect([rejectedCount, await logged]).toEqual([1, true]);
  await engine.dispose();
  const files = await segmentFiles(folder);
  expect(files).toHaveLength(1);
  const { engine: next } = await engineWithLog(folder);
  expect(next.state).toMatchObject({ spanCount: 2, rejectedCount: 1 });
  expect(Buffer.from(next.exportTraces({}).json).toString()).not.toContain("hunter2");
  // A frame this small is stored or deflated; either way the word itself would be a literal in it.
  expect((await readFile(files[0] ?? "")).includes("hunter2")).toBe(false);
});
