import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { createEngine } from "../src/engine/engine.ts";
import { LOADS, send, SPANS_A_REQUEST, SPANS_A_TRACE } from "./receive-load.ts";

/**
 * `npm run soak -- [--minutes N]`: sends at half the rate that was measured before, for so long, to an engine that
 * evicts all the time. Prints memory and the event loop's lag as it goes; ends with 1 where memory grows, the lag's
 * 99th percentile is over 50 ms, or a span is lost.
 */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" } } });
const seconds = Number(values.minutes) * 60;

/** Full after a few seconds. */
const MAX_BYTES = 64 * 2 ** 20;
const MEASURED_REQUESTS = 1500;
const REPORTS = 24;
const RESOLUTION_MS = 5;
const MAX_LAG_MS = 50;
/** A tenth more, and what a heap may keep between collections. */
const MAX_GROWTH = 1.1;
const MAX_GROWN_MIB = 24;

const [load] = LOADS;
if (load === undefined) throw new Error("no load");
const engine = createEngine({ maxBytes: MAX_BYTES });
engine.onProblemFound(({ message }) => print(message));
const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: 0, grpcPort: 0 });
if (!opened.ok) throw new Error(opened.error.message);
const { http } = opened.value;
const folder = mkdtempSync(join(tmpdir(), "spanlight-soak-"));

await send(load, http, folder, MEASURED_REQUESTS);
const begun = performance.now();
await send(load, http, folder, MEASURED_REQUESTS);
const perSecond = MEASURED_REQUESTS / ((performance.now() - begun) / 1000) / 2;
const requests = Math.ceil(perSecond * seconds);
print(`${Math.round(perSecond * SPANS_A_REQUEST)} spans a second for ${seconds} s`);

const rssMiB: number[] = [];
const whole = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const recent = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
whole.enable();
recent.enable();
const reporting = setInterval(report, (seconds * 1000) / REPORTS);
const soakBegun = performance.now();
await send(load, http, folder, requests, perSecond);
const lasted = (performance.now() - soakBegun) / 1000;
clearInterval(reporting);

const { traceCount, evictedCount, rejectedCount } = engine.state;
const sentTraces = (requests + 2 * MEASURED_REQUESTS) * (SPANS_A_REQUEST / SPANS_A_TRACE);
const lostTraces = sentTraces - traceCount - evictedCount;
const lagMs = lag(whole, 99);
// The first quarter fills the store and compiles the code.
const early = median(rssMiB.slice(REPORTS / 4, REPORTS / 2));
const late = median(rssMiB.slice(-REPORTS / 4));
const grows = late > early * MAX_GROWTH && late - early > MAX_GROWN_MIB;
print(`${requests * SPANS_A_REQUEST} spans in ${lasted.toFixed(0)} s; ${evictedCount} traces evicted`);
print(`memory ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late: ${grows ? "GROWS" : "flat"}`);
print(
  `event loop lag p50 ${lag(whole, 50).toFixed(1)} ms, p99 ${lagMs.toFixed(1)} ms, most ${lag(whole, 100).toFixed(1)} ms`,
);
print(`lost ${lostTraces * SPANS_A_TRACE} spans, refused ${rejectedCount}`);
await engine.dispose();
rmSync(folder, { recursive: true, force: true });
process.exit(grows || lagMs > MAX_LAG_MS || lostTraces !== 0 || rejectedCount !== 0 ? 1 : 0);

function report(): void {
  const rss = process.memoryUsage.rss() / 2 ** 20;
  rssMiB.push(rss);
  const { spanCount, bytes } = engine.state;
  print(
    `${rssMiB.length}/${REPORTS}  rss ${rss.toFixed(0)} MiB, store ${(bytes / 2 ** 20).toFixed(0)} MiB, ${spanCount} spans, ` +
      `lag p50 ${lag(recent, 50).toFixed(1)} ms, p99 ${lag(recent, 99).toFixed(1)} ms`,
  );
  recent.reset();
}

/** The histogram measures how far apart timers are that should be {@link RESOLUTION_MS} apart. */
function lag(histogram: { percentile(percentile: number): number }, percentile: number): number {
  return Math.max(0, histogram.percentile(percentile) / 1e6 - RESOLUTION_MS);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
