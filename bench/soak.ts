import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { createEngine } from "../src/engine/engine.ts";
import { listTracesSliced } from "../src/engine/query/list-traces.ts";
import { runInSlices } from "../src/engine/query/slices.ts";
import { sendByTurns } from "./receive-load.ts";
import { sentWith, SOAK_TEMPLATES } from "./soak-load.ts";

/**
 * `npm run soak -- [--minutes N]`: measures how many requests of traces, logs and metrics an engine with a session log
 * takes, and sends half as many for so long, while it evicts all the time and is searched. Prints memory and the event
 * loop's lag as it goes, and a verdict for each promise in the end; ends with 1 where one is broken.
 */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" } } });
const seconds = Number(values.minutes) * 60;

/** Full after a few seconds. */
const MAX_BYTES = 64 * 2 ** 20;
/** Holds more than memory does, and is full soon as well. */
const MAX_LOG_BYTES = 128 * 2 ** 20;
const MEASURED_REQUESTS = 2000;
const SEARCH_EVERY_MS = 500;
const SEARCHES = ["nowhere", "http.route=/api/items/3", "duration>1ms select", "request.id=req-00000000002a"];
const REPORTS = 24;
const RESOLUTION_MS = 5;
const MAX_LAG_MS = 50;
/** A tenth more, and what a heap may keep between collections. */
const MAX_GROWTH = 1.1;
const MAX_GROWN_MIB = 24;

const folder = mkdtempSync(join(tmpdir(), "spanlight-soak-"));
const logPlace = { folders: [join(folder, "log")], maxBytes: MAX_LOG_BYTES, maxAgeDays: 7 };
const problems: string[] = [];
const engine = createEngine({ maxBytes: MAX_BYTES });
engine.onProblemFound(({ message }) => {
  problems.push(message);
  print(message);
});
await engine.openLog(logPlace);
const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
if (!opened.ok) throw new Error(opened.error.message);
const { http } = opened.value;
const send = (requests: number, perSecond?: number): Promise<void> =>
  sendByTurns(SOAK_TEMPLATES, http, folder, { requests, ...(perSecond !== undefined && { perSecond }) });

await send(MEASURED_REQUESTS);
const begun = performance.now();
await send(MEASURED_REQUESTS);
const perSecond = MEASURED_REQUESTS / ((performance.now() - begun) / 1000) / 2;
const requests = Math.ceil(perSecond * seconds);
print(
  `measured ${Math.round(perSecond * 2)} requests a second; sends half of that for ${seconds} s: ${describe(perSecond)}`,
);

const rssMiB: number[] = [];
const searchMs: number[] = [];
const whole = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const recent = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
whole.enable();
recent.enable();
const idle = new Worker(new URL("idle-lag.mjs", import.meta.url), {
  workerData: { resolutionMs: RESOLUTION_MS },
  execArgv: [],
});
const reporting = setInterval(report, (seconds * 1000) / REPORTS);
const sending = new AbortController();
const searching = search(sending.signal);
const soakBegun = performance.now();
await send(requests, perSecond);
const lasted = (performance.now() - soakBegun) / 1000;
sending.abort();
clearInterval(reporting);
whole.disable();
const idleP99 = await idleLag();
await searching;

const sent = [MEASURED_REQUESTS, MEASURED_REQUESTS, requests].map(sentWith);
const { store, logStore, seriesStore } = engine;
const held = [
  ["traces", sumOf(({ traces }) => traces), store.traceCount + store.evictedCount],
  ["log records", sumOf(({ records }) => records), logStore.count + logStore.evictedCount],
  ["data points", sumOf(({ points }) => points), seriesStore.sampleCount + seriesStore.evictedCount],
] as const;
const refused = engine.state.rejectedCount + engine.refusedLogCount + engine.refusedPointCount;
const newest = engine.listTraces({ filter: { text: "" }, limit: 200 }).traces.map(({ traceId }) => traceId);
await engine.dispose();
const restored = await restoredOf(newest);
rmSync(folder, { recursive: true, force: true });

// The first quarter fills the stores and the log, and compiles the code.
const early = median(rssMiB.slice(REPORTS / 4, REPORTS / 2));
const late = median(rssMiB.slice(-REPORTS / 4));
const p99 = lag(whole, 99);
print(`\n${describe(requests / lasted)} for ${lasted.toFixed(0)} s, with ${searchMs.length} searches`);
const verdicts: readonly (readonly [promise: string, holds: boolean, figures: string])[] = [
  [
    "resident size is flat",
    late <= early * MAX_GROWTH || late - early <= MAX_GROWN_MIB,
    `${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late`,
  ],
  [
    `event loop's lag p99 under ${MAX_LAG_MS} ms`,
    p99 < MAX_LAG_MS,
    `p50 ${lag(whole, 50).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${lag(whole, 100).toFixed(0)} ms; of a thread that does nothing p99 ${idleP99.toFixed(1)} ms`,
  ],
  [
    "eviction runs",
    held.every(([, , kept]) => kept > 0) && store.evictedCount > 0,
    `${store.evictedCount} traces left`,
  ],
  ...held.map(
    ([what, count, kept]) =>
      [`no ${what} lost`, kept === count, `${count} sent, ${kept} held or evicted`] as const,
  ),
  [
    "nothing refused, no problem",
    refused + problems.length === 0,
    `${refused} refused, ${problems.length} problems`,
  ],
  [
    "the session log restores what was held",
    restored === newest.length,
    `${restored} of the newest ${newest.length} traces`,
  ],
  [
    "searches answer",
    searchMs.length > 0,
    `p50 ${median(searchMs).toFixed(0)} ms, most ${Math.max(0, ...searchMs).toFixed(0)} ms`,
  ],
];
for (const [promise, holds, figures] of verdicts)
  print(`${holds ? "holds " : "BROKEN"}  ${promise}: ${figures}`);
process.exit(verdicts.every(([, holds]) => holds) ? 0 : 1);

/** As the panel does: traces by a text, log records by another, in slices. */
async function search(signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    const text = SEARCHES[n % SEARCHES.length] ?? "";
    const before = performance.now();
    const traces = await runInSlices(
      listTracesSliced(engine.store, { filter: { text }, limit: 200 }, Date.now()),
    );
    const logs = await engine.listLogs({ filter: { text: "order retrying" }, limit: 200 });
    if (!traces.ok || !logs.ok) problems.push(`a search for ${text} failed`);
    searchMs.push(performance.now() - before);
    await wait(SEARCH_EVERY_MS);
  }
}

/** How many of these traces another engine finds in the session log. */
async function restoredOf(traceIds: readonly string[]): Promise<number> {
  const next = createEngine({ maxBytes: MAX_BYTES });
  const recovery = await next.openLog(logPlace);
  for (const { message } of recovery.problems) print(message);
  const there = new Set(
    next.listTraces({ filter: { text: "" }, limit: 100_000 }).traces.map(({ traceId }): string => traceId),
  );
  await next.dispose();
  return traceIds.filter((traceId) => there.has(traceId)).length;
}

function report(): void {
  const rss = process.memoryUsage.rss() / 2 ** 20;
  rssMiB.push(rss);
  const { spanCount, sampleCount, logRecordCount, log } = engine.state;
  print(
    `${rssMiB.length}/${REPORTS}  rss ${rss.toFixed(0)} MiB, ${spanCount} spans, ${logRecordCount} log records, ${sampleCount} data points, ` +
      `log ${((log?.bytes ?? 0) / 2 ** 20).toFixed(0)} MiB, lag p50 ${lag(recent, 50).toFixed(1)} ms, p99 ${lag(recent, 99).toFixed(1)} ms`,
  );
  recent.reset();
}

function describe(rate: number): string {
  const { spans, records, points } = sentWith(1_000_000);
  const perRequest = [spans, records, points].map((count) => Math.round((count * rate) / 1_000_000));
  return `${perRequest[0]} spans, ${perRequest[1]} log records and ${perRequest[2]} data points a second`;
}

function sumOf(pick: (of: ReturnType<typeof sentWith>) => number): number {
  return sent.reduce((sum, of) => sum + pick(of), 0);
}

/** The histogram measures how far apart timers are that should be {@link RESOLUTION_MS} apart. */
function lag(histogram: { percentile(percentile: number): number }, percentile: number): number {
  return Math.max(0, histogram.percentile(percentile) / 1e6 - RESOLUTION_MS);
}

/** What of it is the machine's own. */
async function idleLag(): Promise<number> {
  idle.postMessage("tell");
  const [p99Ns] = (await once(idle, "message")) as [number];
  await idle.terminate();
  return Math.max(0, p99Ns / 1e6 - RESOLUTION_MS);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
