import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { decodeTargets } from "./decode-targets.ts";
import { engineTargets } from "./engine-targets.ts";
import { fuzz, type Finding } from "./fuzz.ts";
import { openLogTargets } from "./log-targets.ts";
import { logsRequestTargets } from "./logs-request-targets.ts";
import { metricsTargets } from "./metrics-targets.ts";
import { redactionTargets } from "./redaction-targets.ts";
import { openSocketTargets } from "./socket-targets.ts";

/**
 * `npm run fuzz -- --seconds N [--seed S] [--input NUMBER] [--only NAME] [--no-sockets]`: feeds mutated bodies of
 * every format to the decoders, the engine and its sockets. Ends with 1 where a promise is broken; the inputs are
 * then in test-results/fuzz, and `--seed S --input NUMBER` makes one again: which target it is for depends on the
 * targets that take part, so that the other options have to be the same.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    input: { type: "string" },
    only: { type: "string", default: "" },
    sockets: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const seed = Number(values.seed);
const choice = `${values.only === "" ? "" : ` --only "${values.only}"`}${values.sockets ? "" : " --no-sockets"}`;
const FOLDER = "test-results/fuzz";
/** Far above the second that an input may take, since another program may take the machine for a while. */
const HANG_SECONDS = 30;

const sockets = values.sockets ? await openSocketTargets() : undefined;
const all = [
  ...decodeTargets,
  ...engineTargets(),
  ...metricsTargets(),
  ...logsRequestTargets,
  ...redactionTargets(),
  ...(await openLogTargets()),
  ...(sockets?.targets ?? []),
];
const targets = all.filter(({ name }) => name.includes(values.only));

const progress = new SharedArrayBuffer(8);
const current = new Int32Array(progress);
const watchdog = new Worker(new URL("watchdog.mjs", import.meta.url), {
  workerData: { progress, seed, seconds: HANG_SECONDS },
  execArgv: [],
});
watchdog.unref();

process.stdout.write(`seed ${seed}\n`);
const report = await fuzz(targets, {
  seed,
  seconds: Number(values.seconds),
  ...(values.input !== undefined && { first: Number(values.input), maxInputs: 1 }),
  onInput: (index) => Atomics.store(current, 0, index + 1),
});
for (const [name, count] of report.countOf) process.stdout.write(`${String(count).padStart(10)}  ${name}\n`);
for (const finding of report.findings) save(finding);
const rate = Math.round(report.inputCount / report.seconds);
process.stdout.write(
  `${report.inputCount} inputs in ${report.seconds.toFixed(0)} s, ${rate} a second; slowest ${report.slowestMs.toFixed(0)} ms; ` +
    `memory ${report.grownMiB.toFixed(1)} MiB more than when warm; ${report.findings.length} findings\n`,
);
await watchdog.terminate();
await sockets?.close();
process.exit(report.findings.length === 0 ? 0 : 1);

function save({ target, index, message, input, smallest }: Finding): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${target.replace(/[^a-z]+/gi, "-")}-${seed}-${index}`);
  writeFileSync(`${file}.bin`, input);
  writeFileSync(`${file}.min.bin`, smallest);
  process.stdout.write(
    `FOUND ${target}: ${message}\n  again: --seed ${seed} --input ${index}${choice}; ${file}.min.bin\n`,
  );
  process.stdout.write(`  ${JSON.stringify(Buffer.from(smallest.subarray(0, 300)).toString("latin1"))}\n`);
}
