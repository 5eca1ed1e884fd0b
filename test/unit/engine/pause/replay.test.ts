import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine } from "../../../../src/engine/engine.ts";
import type { SessionId, TraceId } from "../../../../src/model/ids.ts";
import type { Pause } from "../../../../src/model/pause.ts";
import { recordPauses } from "../../../../src/protocol/engine.ts";
import { temporaryFolder } from "../log/temporary-folder.ts";
import { protobufRequest, spanOf, TRACE } from "../otlp-request.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const HELLO = {
  pid: 7,
  ppid: 1,
  runtime: "node",
  runtimeVersion: "v20.20.2",
  service: "cart",
  ownSdk: false,
  worker: false,
};
const START = 1_700_000_000_000_000_000n;

const pause = (id: string, fromMs: number, toMs?: number): Pause => ({
  id,
  sessionId: SESSION,
  processId: 7,
  name: "cart",
  startTimeUnixNano: (START + BigInt(fromMs) * 1_000_000n).toString(),
  endTimeUnixNano: toMs === undefined ? undefined : (START + BigInt(toMs) * 1_000_000n).toString(),
});

async function engineWithLog(folder: string): Promise<Engine> {
  const engine = createEngine({ now: () => 1_700_000_000_200 });
  onTestFinished(() => engine.dispose());
  await engine.openLog({ folders: [folder], maxBytes: 1e8, maxAgeDays: 7 });
  return engine;
}

const standstillMs = (engine: Engine): readonly number[] =>
  [...(engine.openTrace({ traceId: TRACE as TraceId })?.pauses?.standstill ?? [])].map((ns) => ns / 1e6);

test("a replay knows the pauses, and ends those whose debugger is gone with the last that was logged", async () => {
  const folder = await temporaryFolder();
  const first = await engineWithLog(folder);
  first.sink.traces(protobufRequest([spanOf(1)]), "protobuf", { sessionId: SESSION, channel: "http" });
  first.recordPauses([pause("1", 20)]);
  first.recordPauses([pause("1", 20, 60), pause("2", 100)]);
  expect(standstillMs(first)).toEqual([20, 60, 100, 250]);
  await first.dispose();
  expect(standstillMs(await engineWithLog(folder))).toEqual([20, 60, 100, 200]);
});

test("a later word from the window wins over the log's", async () => {
  const folder = await temporaryFolder();
  const first = await engineWithLog(folder);
  first.sink.traces(protobufRequest([spanOf(1)]), "protobuf", { sessionId: SESSION, channel: "http" });
  first.recordPauses([pause("1", 20)]);
  await first.dispose();
  const second = await engineWithLog(folder);
  second.recordPauses([pause("1", 20, 30)]);
  expect(standstillMs(second)).toEqual([20, 30]);
});

test("a replay has the moments that the program's agent told, also those that came after the debugger's word", async () => {
  const folder = await temporaryFolder();
  const first = await engineWithLog(folder);
  const at = (ms: number): bigint => START + BigInt(ms) * 1_000_000n;
  first.sink.traces(protobufRequest([spanOf(1)]), "protobuf", { sessionId: SESSION, channel: "http" });
  first.sink.agentConnected(1, SESSION, HELLO);
  first.sink.agentHeld(1, true, at(20));
  first.recordPauses([pause("1", 28)]);
  first.recordPauses([pause("1", 28, 66)]);
  first.sink.agentHeld(1, false, at(60));
  expect(standstillMs(first)).toEqual([20, 60]);
  await first.dispose();
  expect(standstillMs(await engineWithLog(folder))).toEqual([20, 60]);
});

test.each([
  ["a time that is no number", { startTimeUnixNano: "soon" }],
  ["a time that 64 bits do not hold", { endTimeUnixNano: (1n << 64n).toString() }],
  ["a session that is none", { sessionId: "../x" }],
  ["a place without a line", { place: { path: "/a.ts" } }],
])("refuses %s", (_title, change) => {
  expect(recordPauses.isParams({ pauses: [pause("1", 0, 1)] })).toBe(true);
  expect(recordPauses.isParams({ pauses: [{ ...pause("1", 0, 1), ...change }] })).toBe(false);
});
