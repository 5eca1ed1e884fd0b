import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInVsCode } from "../../test/e2e/host/run-in-vs-code.mjs";
import { budgeted, type Row, type Suite } from "../row.ts";
import type { Measured, Request } from "./in-vs-code.ts";

/**
 * How near a program's times come to those of a run without stops: three services under js-debug in a real VS Code, 20
 * requests undisturbed, and 20 with a stop of 0.2 to 1 s in one of the three. docs/pauses.md says what the rest is.
 */
export const pauseAccuracySuite: Suite = {
  title: "pause accuracy",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
    try {
      const results = join(folder, "results.json");
      await runInVsCode({
        files: ["bench/pause-accuracy/in-vs-code.ts"],
        main: "in-vs-code",
        workspace: folder,
        env: { SPANLIGHT_BENCH_RESULTS: results },
      });
      return rowsOf(JSON.parse(readFileSync(results, "utf8")) as Measured);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function rowsOf({ undisturbed, disturbed }: Measured): readonly Row[] {
  const usual = new Map<string, number>();
  for (const span of Object.keys(undisturbed[0]?.spans ?? {}))
    usual.set(
      span,
      quantile(
        undisturbed.map(({ spans }) => spans[span] ?? Number.NaN),
        0.5,
      ),
    );
  const errors = (requests: readonly Request[]): readonly number[] =>
    requests.flatMap(({ spans }) =>
      Object.entries(spans).map(([span, ms]) => Math.abs(ms - (usual.get(span) ?? Number.NaN))),
    );
  const slowest = Math.max(...usual.values());
  const messages = disturbed.map(({ truePauseMs, toldPauseMs }) => Math.abs(toldPauseMs - truePauseMs));
  const ms = { unit: "ms", better: "lower" } as const;
  return [
    budgeted({
      name: "error of a span's program time, 20 stops, median",
      value: quantile(errors(disturbed), 0.5),
      ...ms,
      budget: Math.max(3, slowest / 100),
    }),
    budgeted({ name: "the same, worst", value: quantile(errors(disturbed), 1), ...ms, budget: 15 }),
    { name: "of it: told pause against the program's clock, median", value: quantile(messages, 0.5), ...ms },
    { name: "of it: told pause against the program's clock, worst", value: quantile(messages, 1), ...ms },
    {
      name: "undisturbed spans against their median, median",
      value: quantile(errors(undisturbed), 0.5),
      ...ms,
    },
    { name: "undisturbed spans against their median, worst", value: quantile(errors(undisturbed), 1), ...ms },
  ];
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}
