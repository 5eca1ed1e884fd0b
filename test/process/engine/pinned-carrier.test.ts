import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import type { Problem } from "../../../src/base/result.ts";
import type { RunNumber, SessionId, TraceId } from "../../../src/model/ids.ts";
import type { Recovery } from "../../../src/protocol/engine.ts";
import { segmentFiles, temporaryFolder } from "../../unit/engine/log/temporary-folder.ts";
import { logOf, logsBody } from "../../unit/engine/otlp-logs-request.ts";
import { protobufRequest, spanOf, textAttribute, TRACE } from "../../unit/engine/otlp-request.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const KIBIBYTE = 1024;
const MAX_BYTES = 128 * KIBIBYTE;
const everything = { filter: { text: "" }, limit: 1000 };

async function engineWithLog(
  folders: readonly string[],
  maxBytes = MAX_BYTES,
): Promise<{ engine: Engine; recovery: Recovery }> {
  const engine = createEngine();
  onTestFinished(() => engine.dispose());
  const recovery = await engine.openLog({ folders, maxBytes, maxAgeDays: 7 });
  return { engine, recovery };
}

async function take(engine: Engine, number: number, traceId: string, bytes = 0): Promise<void> {
  const span = spanOf(number, {
    traceId,
    attributes: [textAttribute("noise", randomBytes(bytes).toString("base64"))],
  });
  const origin = { sessionId: SESSION, channel: "http" } as const;
  await engine.sink.traces(protobufRequest([span]), "protobuf", origin).logged;
}

/** More than the log holds, of traces that nobody pins. */
async function fillLog(engine: Engine, from: number): Promise<void> {
  for (let number = from; number < from + 40; number++)
    await take(engine, number, number.toString(16).padStart(32, "0"), 8 * KIBIBYTE);
}

test.each([1, 2])(
  "pinned traces stay in a log that is full again and again (%i folders)",
  async (folderCount) => {
    const folders = await Promise.all(Array.from({ length: folderCount }, () => temporaryFolder()));
    const { engine: first } = await engineWithLog(folders);
    first.openSession({
      sessionId: SESSION,
      run: 3 as RunNumber,
      name: "api",
      runName: "shop",
      runStartMs: 5,
    });
    await take(first, 1, TRACE);
    first.pinTrace({ traceId: TRACE as TraceId, pinned: true });
    await fillLog(first, 100);
    // A part that comes after the first copy was made.
    await take(first, 2, TRACE);
    await fillLog(first, 200);
    await fillLog(first, 300);
    await first.dispose();

    for (let generation = 0; generation < 3; generation++) {
      const { engine, recovery } = await engineWithLog(folders);
      expect(recovery.problems).toEqual([]);
      expect(recovery.runs).toMatchObject([{ number: 3, name: "shop", startMs: 5 }]);
      const pinned = engine.listTraces(everything).traces.filter((trace) => trace.pinned);
      expect(pinned).toMatchObject([{ traceId: TRACE, run: 3, spanCount: 2 }]);
      expect(engine.listTraces(everything).traces.length).toBeLessThan(40);
      await fillLog(engine, 1000 * (generation + 1));
      await engine.dispose();
      for (const folder of folders) {
        const sizes = await Promise.all(
          (await segmentFiles(folder)).map(async (file) => (await stat(file)).size),
        );
        expect(sizes.reduce((a, b) => a + b)).toBeLessThan(MAX_BYTES * 1.3);
      }
    }
  },
);

/** A log record of the trace, or of one that nobody pins, with the ids and the texts of the others. */
async function takeLog(engine: Engine, text: string, traceId: string): Promise<void> {
  const record = logOf(text, 1, { traceId: [...Buffer.from(traceId, "hex")] });
  const origin = { sessionId: SESSION, channel: "http" } as const;
  await engine.sink.logs(Buffer.from(logsBody([record, record])), "protobuf", origin).logged;
}

async function textsOf(engine: Engine, traceId: string): Promise<unknown[]> {
  const listed = await engine.listLogs({ filter: { traceId: traceId as TraceId }, limit: 100 });
  return listed.ok ? listed.value.records.map(({ body }) => body) : [listed.error.code];
}

test("log records of pinned traces stay with them, each as often as it was sent", async () => {
  const folder = await temporaryFolder();
  const { engine: first } = await engineWithLog([folder]);
  first.openSession({ sessionId: SESSION, run: 3 as RunNumber, name: "api" });
  await take(first, 1, TRACE);
  await takeLog(first, "one", TRACE);
  await takeLog(first, "of another", "ab".repeat(16));
  first.pinTrace({ traceId: TRACE as TraceId, pinned: true });
  await fillLog(first, 100);
  // It is in the log itself, and in the next copy.
  await takeLog(first, "two", TRACE);
  await fillLog(first, 200);
  await takeLog(first, "three", TRACE);
  await first.dispose();

  const expected = ["one", "one", "three", "three", "two", "two"];
  for (let generation = 0; generation < 3; generation++) {
    const { engine, recovery } = await engineWithLog([folder]);
    expect(recovery.problems).toEqual([]);
    expect((await textsOf(engine, TRACE)).sort()).toEqual(expected);
    expect(await textsOf(engine, "ab".repeat(16))).toEqual([]);
    await fillLog(engine, 1000 * (generation + 1));
    expect((await textsOf(engine, TRACE)).sort()).toEqual(expected);
    await engine.dispose();
  }
});

test("log records of a pinned trace for which there is no room are told, with their number", async () => {
  const folder = await temporaryFolder();
  const maxBytes = 16 * 1024 * KIBIBYTE;
  const { engine: first } = await engineWithLog([folder], maxBytes);
  const problems: Problem[] = [];
  first.onProblemFound((problem) => problems.push(problem));
  await take(first, 1, TRACE);
  first.pinTrace({ traceId: TRACE as TraceId, pinned: true });
  const traceId = [...Buffer.from(TRACE, "hex")];
  const records = Array.from({ length: 20_050 }, (_, n) => logOf(`line ${n}`, n, { traceId }));
  const origin = { sessionId: SESSION, channel: "http" } as const;
  await first.sink.logs(Buffer.from(logsBody(records)), "protobuf", origin).logged;
  for (let number = 100; number < 140; number++)
    await take(first, number, number.toString(16).padStart(32, "0"), 512 * KIBIBYTE);
  expect(problems).toEqual([
    expect.objectContaining({
      code: "log-pinned-records-left-out",
      message: expect.stringMatching(`${TRACE}.* the 50 oldest`),
    }),
  ]);
  await first.dispose();

  const { engine } = await engineWithLog([folder], maxBytes);
  expect(engine.logStore.count).toBe(20_000);
});
