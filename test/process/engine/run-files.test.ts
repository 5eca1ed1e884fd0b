import { copyFile, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { version } from "../../../package.json";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { crc32 } from "../../../src/engine/log/checksum.ts";
import type { RunNumber, SessionId, TraceId } from "../../../src/model/ids.ts";
import { encodeLogsProtobuf } from "../../../src/engine/query/encode-logs-protobuf.ts";
import type { Pause } from "../../../src/model/pause.ts";
import type { RestoredRuns, SavedRuns } from "../../../src/protocol/run-file.ts";
import { temporaryFolder } from "../../unit/engine/log/temporary-folder.ts";
import { gaugeOf, metricsBody } from "../../unit/engine/otlp-metrics-request.ts";
import { protobufRequest, spanOf, textAttribute, TRACE } from "../../unit/engine/otlp-request.ts";

const HELLO = {
  pid: 7,
  ppid: 1,
  runtime: "node",
  runtimeVersion: "v20",
  service: "cart",
  ownSdk: false,
  worker: false,
};
/** Connections of agents that are none of the engine's own making have numbers that it does not come to. */
const FIRST_CONNECTION = 1000;
const NOW_MS = 1_700_000_000_500;
const everything = { filter: { text: "" }, limit: 1000 };

function openEngine(maxBytes?: number): Engine {
  const engine = createEngine({ now: () => NOW_MS, ...(maxBytes === undefined ? {} : { maxBytes }) });
  onTestFinished(() => engine.dispose());
  return engine;
}

const sessionOf = (run: number): SessionId => `session-of-run-number-${run}` as SessionId;

function openRun(engine: Engine, run: number): void {
  engine.openSession({
    sessionId: sessionOf(run),
    run: run as RunNumber,
    name: `api ${run}`,
    runName: `shop ${run}`,
    runStartMs: run,
  });
}

const traceOf = (number: number): TraceId => number.toString(16).padStart(32, "0") as TraceId;

async function saved(engine: Engine, path: string, runs?: readonly number[]): Promise<SavedRuns> {
  const result = await engine.runFiles.save({ path, runs: runs as readonly RunNumber[] | undefined });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

/** Restores into an engine whose own runs end at `after`. */
async function restored(engine: Engine, path: string, after = 100): Promise<RestoredRuns> {
  const described = await engine.runFiles.describe({ path });
  if (!described.ok) throw new Error(described.error.message);
  const fresh = described.value.runs.filter(({ here }) => here === undefined);
  const numbers = fresh.map(({ number }, at) => ({ from: number, to: (after + at + 1) as RunNumber }));
  const result = await engine.runFiles.restore({ path, numbers });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: unknown;
    readonly scopeSpans: readonly {
      readonly scope: unknown;
      readonly spans: readonly { readonly spanId: string }[];
    }[];
  }[];
}

/** All that an engine holds, in a form to compare. */
function contentOf(engine: Engine): object {
  const { traces } = engine.listTraces(everything);
  const { resourceSpans } = JSON.parse(Buffer.from(engine.exportTraces({}).json).toString()) as Otlp;
  return {
    // How spans are grouped depends on the requests that they came with.
    spans: resourceSpans
      .flatMap(({ resource, scopeSpans }) =>
        scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => ({ resource, scope, span }))),
      )
      .sort((a, b) => (a.span.spanId < b.span.spanId ? -1 : 1)),
    traces: traces
      .map(({ traceId, spanCount, pinned, lostCount, runningCount }) => ({
        traceId,
        spanCount,
        pinned,
        lostCount,
        runningCount,
      }))
      .sort((a, b) => (a.traceId < b.traceId ? -1 : 1)),
  };
}

function jsonLogs(logRecords: readonly object[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
}

/** A pause that lasts. */
function pauseOf(run: number): Pause {
  return {
    id: `pause ${run}`,
    sessionId: sessionOf(run),
    processId: 7,
    name: "shop",
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: undefined,
  };
}

/** Spans of three runs and of none, of agents and of SDKs, ended, running and lost. */
const scene = fc.array(
  fc.record({
    run: fc.integer({ min: 0, max: 3 }),
    trace: fc.integer({ min: 1, max: 5 }),
    channel: fc.constantFrom("http" as const, "grpc" as const, "agent" as const),
    service: fc.constantFrom("cart", "payment"),
    text: fc.string({ unit: "grapheme", maxLength: 12 }),
    ended: fc.boolean(),
    dies: fc.boolean(),
  }),
  { maxLength: 40 },
);

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function play(engine: Engine, steps: Scene): void {
  for (const run of [1, 2, 3]) openRun(engine, run);
  for (const [index, { run, trace, channel, service, text, ended, dies }] of steps.entries()) {
    const span = spanOf(index + 1, {
      traceId: traceOf(trace),
      name: text,
      attributes: [textAttribute("text", text)],
      // What an agent leaves open when the file is written is lost where it is restored; see below.
      ...(ended || (channel === "agent" && !dies) ? {} : { endTimeUnixNano: "0" }),
    });
    const sessionId = run === 0 ? undefined : sessionOf(run);
    const number = FIRST_CONNECTION + index;
    const connection = channel === "agent" ? { connection: number } : {};
    if (channel === "agent") engine.sink.agentConnected(number, sessionId, HELLO);
    engine.sink.traces(protobufRequest([span], service), "protobuf", { sessionId, channel, ...connection });
    if (channel === "agent" && dies) engine.sink.agentGone(number);
    if (text.length > 10) engine.pinTrace({ traceId: traceOf(trace), pinned: true });
  }
}

describe("a run file", () => {
  test("holds all that is held, and gives it back to an engine elsewhere", async () => {
    const folder = await temporaryFolder();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(scene, async (steps) => {
        const path = join(folder, `${number++}.spanlight`);
        const engine = createEngine({ now: () => NOW_MS });
        const other = createEngine({ now: () => NOW_MS });
        play(engine, steps);
        const { spanCount } = await saved(engine, path);
        const outcome = await restored(other, path);
        expect(contentOf(other)).toEqual(contentOf(engine));
        expect([outcome.spanCount, outcome.knownSpanCount, outcome.problems]).toEqual([spanCount, 0, []]);
        await Promise.all([engine.dispose(), other.dispose()]);
      }),
      { numRuns: 40 },
    );
  });

  test("restored again, or where it came from, adds nothing", async () => {
    const path = join(await temporaryFolder(), "all.spanlight");
    await fc.assert(
      fc.asyncProperty(scene, async (steps) => {
        const engine = createEngine({ now: () => NOW_MS });
        play(engine, steps);
        const { spanCount } = await saved(engine, path);
        const before = contentOf(engine);
        for (let time = 0; time < 2; time++) {
          const { spanCount: added, knownSpanCount } = await restored(engine, path);
          expect([added, knownSpanCount]).toEqual([0, spanCount]);
          expect(contentOf(engine)).toEqual(before);
        }
        await engine.dispose();
      }),
      { numRuns: 20 },
    );
  });

  test("gives runs the numbers that it is told, and keeps their names, times and sessions", async () => {
    const path = join(await temporaryFolder(), "two.spanlight");
    const engine = openEngine();
    for (const run of [1, 2]) {
      openRun(engine, run);
      engine.sink.traces(protobufRequest([spanOf(run, { traceId: traceOf(run) })]), "protobuf", {
        sessionId: sessionOf(run),
        channel: "http",
      });
    }
    await saved(engine, path);
    const other = openEngine();
    openRun(other, 5);
    const { runs, traceIds } = await restored(other, path, 5);
    const endMs = 1_700_000_000_250;
    expect(runs).toEqual([
      { number: 6, name: "shop 1", startMs: 1, endMs },
      { number: 7, name: "shop 2", startMs: 2, endMs },
    ]);
    expect(traceIds.toSorted()).toEqual([traceOf(1), traceOf(2)]);
    const late = protobufRequest([spanOf(9, { traceId: traceOf(9) })]);
    other.sink.traces(late, "protobuf", { sessionId: sessionOf(2), channel: "http" });
    const runOf = new Map(other.listTraces(everything).traces.map(({ traceId, run }) => [traceId, run]));
    expect([1, 2, 9].map((trace) => runOf.get(traceOf(trace)))).toEqual([6, 7, 7]);
    // Known here now, wherever they came from.
    const described = await other.runFiles.describe({ path });
    expect(described.ok && described.value).toMatchObject({
      madeBy: version,
      savedMs: NOW_MS,
      runs: [
        { number: 1, here: 6 },
        { number: 2, here: 7 },
      ],
    });
  });

  test("of one run holds that run alone", async () => {
    const path = join(await temporaryFolder(), "one.spanlight");
    const engine = openEngine();
    play(engine, fc.sample(scene, { seed: 7, numRuns: 20 }).at(-1) ?? []);
    for (const run of [1, 2]) {
      engine.sink.traces(protobufRequest([spanOf(run, { traceId: traceOf(0x100 + run) })]), "protobuf", {
        sessionId: sessionOf(run),
        channel: "http",
      });
    }
    await saved(engine, path, [2]);
    const other = openEngine();
    await restored(other, path);
    const ofRun2 = engine.listTraces(everything).traces.filter(({ run }) => run === 2);
    expect(ofRun2.length).toBeGreaterThan(0);
    const there = other.listTraces(everything).traces.map(({ traceId }) => traceId);
    expect(there.toSorted()).toEqual(ofRun2.map(({ traceId }) => traceId).toSorted());
  });

  test("ends with its process what still ran when it was written", async () => {
    const path = join(await temporaryFolder(), "running.spanlight");
    const engine = openEngine();
    engine.sink.agentConnected(FIRST_CONNECTION, undefined, HELLO);
    engine.sink.traces(protobufRequest([spanOf(1, { endTimeUnixNano: "0" })]), "protobuf", {
      sessionId: undefined,
      channel: "agent",
      connection: FIRST_CONNECTION,
    });
    await saved(engine, path);
    const other = openEngine();
    await restored(other, path);
    expect(other.listTraces(everything).traces).toMatchObject([{ runningCount: 0, lostCount: 1 }]);
    // Where the process lives, its span goes on.
    await restored(engine, path);
    expect(engine.listTraces(everything).traces).toMatchObject([{ runningCount: 1, lostCount: 0 }]);
  });

  test("holds log records and pauses of its runs, each once however often it is restored", async () => {
    const path = join(await temporaryFolder(), "logs.spanlight");
    const engine = openEngine();
    for (const run of [1, 2]) {
      openRun(engine, run);
      const lines = ["one", "two", "two"].map((text) => ({ timeUnixNano: "5", body: { stringValue: text } }));
      engine.sink.logs(jsonLogs(lines), "json", { sessionId: sessionOf(run), channel: "http" });
      engine.sink.traces(protobufRequest([spanOf(run, { traceId: traceOf(run) })]), "protobuf", {
        sessionId: sessionOf(run),
        channel: "http",
      });
      engine.recordPauses([pauseOf(run)]);
    }
    expect(await saved(engine, path, [2])).toMatchObject({ spanCount: 1, logCount: 3 });
    const other = openEngine();
    for (const target of [other, other, engine]) {
      const before = target === engine ? encodeLogsProtobuf(engine.logStore) : undefined;
      await restored(target, path);
      if (before !== undefined) expect(encodeLogsProtobuf(engine.logStore)).toEqual(before);
    }
    expect(other.logStore.count).toBe(3);
    expect([...other.store.pauses.all].map(({ pause }) => pause)).toEqual([
      { ...pauseOf(2), endTimeUnixNano: String(NOW_MS * 1e6) },
    ]);
    expect(engine.logStore.count).toBe(6);
    expect([...engine.store.pauses.all].map(({ pause }) => pause)).toEqual([pauseOf(1), pauseOf(2)]);
  });

  test("knows a run of log records or of metrics alone as well", async () => {
    const path = join(await temporaryFolder(), "no-traces.spanlight");
    const engine = openEngine();
    for (const run of [1, 2, 3]) openRun(engine, run);
    const from = (run: number) => ({ sessionId: sessionOf(run), channel: "http" as const });
    const lines = [{ timeUnixNano: "1700000000000000000", body: { stringValue: "one" } }];
    engine.sink.logs(jsonLogs(lines), "json", from(1));
    const point = { timeUnixNano: "1700000001000000000", asInt: 1 };
    engine.sink.metrics(Uint8Array.from(metricsBody([gaugeOf("queue", point)])), "protobuf", from(2));
    await saved(engine, path);
    const other = openEngine();
    const { runs } = await restored(other, path);
    expect(runs.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
      ["shop 1", 1, 1_700_000_000_000],
      ["shop 2", 2, 1_700_000_001_000],
    ]);
    // Their sessions are known, too: what comes later goes to the run that they had.
    other.sink.traces(protobufRequest([spanOf(9)]), "protobuf", from(1));
    expect(other.listTraces(everything).traces.map(({ run }) => run)).toEqual([runs[0]?.number]);
  });

  test("is logged where it is restored, so that it is there after the next start", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "run.spanlight");
    const engine = openEngine();
    openRun(engine, 1);
    engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", {
      sessionId: sessionOf(1),
      channel: "http",
    });
    engine.pinTrace({ traceId: TRACE as TraceId, pinned: true });
    await saved(engine, path);
    const log = { folders: [join(folder, "log")], maxBytes: 1e8, maxAgeDays: 7 };
    const first = openEngine();
    await first.openLog(log);
    await restored(first, path, 40);
    await first.dispose();
    const next = openEngine();
    expect((await next.openLog(log)).runs).toMatchObject([{ number: 41, name: "shop 1", startMs: 1 }]);
    expect(next.listTraces(everything).traces).toMatchObject([{ run: 41, pinned: true }]);
  });

  test("that cannot be written leaves nothing behind and says why", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "");
    const path = join(folder, "file", "run.spanlight");
    expect(await openEngine().runFiles.save({ path })).toMatchObject({
      ok: false,
      error: { code: "run-file-not-written", message: expect.stringContaining(path) as string },
    });
    expect(await readdir(folder)).toEqual(["file"]);
  });

  test("is not there when its writing was cancelled, and what it was to replace still is", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "run.spanlight");
    await writeFile(path, "the former one");
    const engine = openEngine();
    engine.sink.traces(protobufRequest([spanOf(1)]), "protobuf", { sessionId: undefined, channel: "http" });
    expect(await engine.runFiles.save({ path }, AbortSignal.abort())).toMatchObject({
      error: { code: "cancelled" },
    });
    expect(await readFile(path, "utf8")).toBe("the former one");
    expect(await readdir(folder)).toEqual(["run.spanlight"]);
  });
});

describe("a run file that is not as it was written", () => {
  /** A file of several frames, with the number of its spans. */
  async function largeFile(): Promise<{ readonly path: string; readonly spanCount: number }> {
    const path = join(await temporaryFolder(), "run.spanlight");
    const engine = openEngine();
    for (let request = 0; request < 60; request++) {
      const spans = Array.from({ length: 100 }, (_, at) =>
        spanOf(request * 100 + at + 1, {
          traceId: traceOf(request + 1),
          attributes: [textAttribute("note", `${request} ${at} `.repeat(50))],
        }),
      );
      engine.sink.traces(protobufRequest(spans), "protobuf", { sessionId: undefined, channel: "http" });
    }
    const { spanCount } = await saved(engine, path);
    return { path, spanCount };
  }

  test("is restored up to where it was cut, and told as cut", async () => {
    const { path, spanCount } = await largeFile();
    const { size } = await stat(path);
    for (const part of [0.999, 0.5]) {
      const cut = `${path}.cut`;
      await copyFile(path, cut);
      await truncate(cut, Math.floor(size * part));
      const { spanCount: found, problems } = await restored(openEngine(), cut);
      expect(problems.map(({ code }) => code)).toEqual(["run-file-cut"]);
      expect(found).toBeGreaterThan(0);
      expect(found).toBeLessThan(spanCount);
    }
  });

  test("costs the frames that are damaged, and no others", async () => {
    const { path, spanCount } = await largeFile();
    const bytes = await readFile(path);
    const middle = Math.floor(bytes.length / 2);
    bytes.fill(0xff, middle, middle + 10);
    await writeFile(path, bytes);
    const { spanCount: found, problems } = await restored(openEngine(), path);
    expect(problems.map(({ code }) => code)).toEqual(["run-file-damaged"]);
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(spanCount);
  });

  test("of a newer version is refused, and says which version is needed", async () => {
    const { path } = await largeFile();
    const bytes = await readFile(path);
    bytes.writeUInt16LE(2, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 28)), 28);
    await writeFile(path, bytes);
    expect(await openEngine().runFiles.restore({ path, numbers: [] })).toMatchObject({
      error: { code: "run-file-newer", message: expect.stringContaining(`Spanlight ${version}`) as string },
    });
  });

  test.each([
    ["missing", undefined, "run-file-not-read"],
    ["empty", "", "run-file-unknown"],
    ["a file of another kind", "{}", "run-file-unknown"],
    ["nothing but a beginning", "SPANLRUN", "run-file-unknown"],
  ])("is refused where it is %s", async (_title, content, code) => {
    const path = join(await temporaryFolder(), "x.spanlight");
    if (content !== undefined) await writeFile(path, content);
    expect(await openEngine().runFiles.describe({ path })).toMatchObject({ error: { code } });
    expect(await openEngine().runFiles.restore({ path, numbers: [] })).toMatchObject({ error: { code } });
  });

  test("never throws, whatever was changed in it", async () => {
    const { path } = await largeFile();
    const good = await readFile(path);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), { maxLength: 20 }),
        fc.nat({ max: good.length }),
        async (changes, length) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          await writeFile(path, bytes.subarray(0, length));
          const engine = createEngine();
          const result = await engine.runFiles.restore({ path, numbers: [] });
          if (result.ok) expect(result.value.spanCount).toBe(engine.state.spanCount);
          await engine.dispose();
        },
      ),
      { numRuns: 25 },
    );
  });
});
