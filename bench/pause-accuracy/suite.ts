import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { runInVsCode } from "../../test/e2e/host/run-in-vs-code.mjs";
import { budgeted, type Row, type Suite } from "../row.ts";
import { median } from "./median.ts";
import type { Measured, Request } from "./in-vs-code.ts";

/**
 * How near a program's times come to those of a run without stops: three services under js-debug in a real VS Code, by
 * turns a request that is left alone and one with a stop of 0.2 to 1 s in one of the three, 20 of each (6 where it must be
 * quick), after the first stop in each: that makes VS Code load and draw what it has for stops. Before each request and
 * before each stop is left, the machine is let settle (a tenth of a second in which it had next to nothing to do, for 1.5 s
 * at most): VS Code draws what was before on the same cores. Then all of it again with the services first in line for a
 * core, where that is allowed: what is left then is not for want of cores. docs/pauses.md says what the rest is.
 */
export const pauseAccuracySuite: Suite = {
  title: "pause accuracy",
  async run({ quick }) {
    const stops = quick ? "6" : "20";
    const rows = rowsOf(await measured({ SPANLIGHT_BENCH_STOPS: stops }));
    // Only the system's administrator may put a program before others.
    if (process.getuid?.() !== 0) return rows;
    const env = { SPANLIGHT_BENCH_STOPS: stops, SPANLIGHT_BENCH_FIRST_IN_LINE: "yes" };
    const ahead = rowsOf(await measured(env)).map((row) => ({
      ...row,
      name: `services first in line: ${row.name}`,
    }));
    return [...rows, ...ahead];
  },
};

async function measured(env: Readonly<Record<string, string>>): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
  try {
    const results = join(folder, "results.json");
    await runInVsCode({
      files: ["bench/pause-accuracy/in-vs-code.ts"],
      main: "in-vs-code",
      workspace: folder,
      env: { ...env, SPANLIGHT_BENCH_RESULTS: results },
    });
    return JSON.parse(readFileSync(results, "utf8")) as Measured;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf({ first, undisturbed, disturbed }: Measured): readonly Row[] {
  const usual = new Map<string, number>();
  for (const span of Object.keys(undisturbed[0]?.spans ?? {}))
    usual.set(span, median(undisturbed.map(({ spans }) => spans[span] ?? Number.NaN)));
  const errorsOf = ({ spans }: Request): readonly number[] =>
    Object.entries(spans).map(([span, ms]) => Math.abs(ms - (usual.get(span) ?? Number.NaN)));
  const slowest = Math.max(...usual.values());
  const errors = disturbed.flatMap(errorsOf);
  const noise = undisturbed.flatMap(errorsOf);
  const starts = disturbed.map(({ toldStop, trueStop }) => toldStop.start - trueStop.start);
  const ends = disturbed.map(({ toldStop, trueStop }) => toldStop.end - trueStop.end);
  const lengths = ends.map((end, n) => Math.abs(end - (starts[n] ?? Number.NaN)));
  /** With the pause by the program's own clock in place of the told one: how much slower it ran than without a stop. */
  const slower = disturbed.flatMap(({ spans, held }, n) =>
    Object.entries(spans).map(([span, ms]) => {
      const toldTooLong = held.includes(span) ? (ends[n] ?? 0) - (starts[n] ?? 0) : 0;
      return Math.abs(ms + toldTooLong - (usual.get(span) ?? Number.NaN));
    }),
  );
  const [load = 0] = loadavg();
  const ms = { unit: "ms", better: "lower" } as const;
  return [
    budgeted({
      name: `program time of spans, ${disturbed.length} stops, against the run without: median error`,
      value: median(errors),
      ...ms,
      budget: Math.max(3, slowest / 100),
    }),
    budgeted({ name: "the same, worst", value: Math.max(...errors), ...ms, budget: 15 }),
    {
      name: "the first stop in each service, which is not among them, worst",
      value: Math.max(...first.flatMap(errorsOf)),
      ...ms,
    },
    { name: "noise in it: the run without stops against itself, median", value: median(noise), ...ms },
    { name: "the same, worst", value: Math.max(...noise), ...ms },
    {
      name: "what the machine adds: the same with the program's own pause, median",
      value: median(slower),
      ...ms,
    },
    { name: "the same, worst", value: Math.max(...slower), ...ms },
    {
      name: "what is ours: told pause against the program's clock, median error",
      value: median(lengths),
      ...ms,
    },
    { name: "the same, worst", value: Math.max(...lengths), ...ms },
    { name: "how long it stood before that was told, median", value: median(starts), ...ms },
    { name: "how long it ran again before that was told, median", value: median(ends), ...ms },
    { name: "load average of the machine, a core", value: load / cpus().length, unit: "", better: "lower" },
  ];
}
