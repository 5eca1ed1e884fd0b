import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { fuzz, type Finding, type FuzzReport } from "./fuzz.ts";
import { openSocketTargets } from "./socket-targets.ts";
import { openTargets } from "./targets.ts";

/**
 * `npm run fuzz -- [--seconds N] [--inputs N] [--seed S] [--input NUMBER] [--only NAME] [--no-sockets]`: feeds mutated
 * inputs of every format to the decoders, the engine and its sockets, until the time is up or so many inputs were tried.
 * Ends with 1 where a promise is broken; the inputs are then in test-results/fuzz, and `--seed S --input NUMBER` makes one
 * again, whatever the other options are.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    inputs: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    input: { type: "string" },
    only: { type: "string", default: "" },
    sockets: { type: "boolean", default: true },
  },
  allowNegative: true,
});
const seed = Number(values.seed);
const inputs = values.inputs ?? (values.input === undefined ? undefined : "1");
const seconds = values.seconds ?? (inputs === undefined ? "60" : undefined);
const FOLDER = "test-results/fuzz";
/** Far above the second that an input may take, since another program may take the machine for a while. */
const HANG_SECONDS = 30;

const sockets = await openSocketTargets();
const others = await openTargets();
const targets = [...others.targets, ...sockets.targets];

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
  ...(seconds !== undefined && { seconds: Number(seconds) }),
  ...(inputs !== undefined && { maxInputs: Number(inputs) }),
  ...(values.input !== undefined && { first: Number(values.input) }),
  only: (target) =>
    target.name.includes(values.only) && (values.sockets || !sockets.targets.includes(target)),
  onInput: (index) => Atomics.store(current, 0, index + 1),
});
process.stdout.write(`${table(report)}\n`);
for (const finding of report.findings) save(finding);
await watchdog.terminate();
await sockets.close();
others.close();
process.exit(report.findings.length === 0 ? 0 : 1);

function table({ tallyOf, inputCount, seconds: lasted, cpuSeconds, findings, grownMiB }: FuzzReport): string {
  const tallies = [...tallyOf].filter(
    ([, { accepted, refused, findings: found }]) => accepted + refused + found > 0,
  );
  const rows = tallies.map(([name, tally]) => {
    const count = tally.accepted + tally.refused;
    const cost = `${((1000 * tally.ms) / Math.max(count, 1)).toFixed(0)} µs`;
    return [
      name,
      count,
      tally.accepted,
      tally.refused,
      tally.findings,
      cost,
      `${tally.slowestMs.toFixed(0)} ms`,
    ];
  });
  const sum = (pick: (row: (typeof tallies)[number][1]) => number): number =>
    tallies.reduce((total, [, tally]) => total + pick(tally), 0);
  const slowestMs = Math.max(0, ...tallies.map(([, tally]) => tally.slowestMs));
  const cost = `${((1000 * sum(({ ms }) => ms)) / Math.max(inputCount, 1)).toFixed(0)} µs`;
  rows.push([
    "all",
    inputCount,
    sum(({ accepted }) => accepted),
    sum(({ refused }) => refused),
    findings.length,
    cost,
    `${slowestMs.toFixed(0)} ms`,
  ]);
  const lines = [["", "inputs", "accepted", "refused", "findings", "each", "slowest"], ...rows].map((row) =>
    row.map(String),
  );
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const memory =
    grownMiB === undefined
      ? "not measured in so short a run"
      : `${grownMiB.toFixed(1)} MiB more than when warm`;
  return [
    ...text,
    "",
    `${Math.round(inputCount / lasted)} inputs a second for ${lasted.toFixed(0)} s, ${Math.round(inputCount / cpuSeconds)} a second of processor time`,
    `memory ${memory}`,
  ].join("\n");
}

function save({ target, index, inputs: count, message, input, smallest }: Finding): void {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${target.replace(/[^a-z]+/gi, "-")}-${seed}-${index}`);
  writeFileSync(`${file}.bin`, input);
  writeFileSync(`${file}.min.bin`, smallest);
  const again = count === 1 ? "" : ` --inputs ${count} --only "${target}"`;
  process.stdout.write(
    `FOUND ${target}: ${message}\n  again: --seed ${seed} --input ${index}${again}; ${file}.min.bin\n`,
  );
  process.stdout.write(`  ${JSON.stringify(Buffer.from(smallest.subarray(0, 300)).toString("latin1"))}\n`);
}
