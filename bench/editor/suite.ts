import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInVsCode } from "../../test/e2e/host/run-in-vs-code.mjs";
import { budgeted, type Suite } from "../row.ts";
import type { Measured } from "./in-vs-code.ts";

/** What a person waits for, in a real VS Code: from the end of a span in a program under F5 to its bar in the panel. */
export const editorSuite: Suite = {
  title: "editor",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
    try {
      const results = join(folder, "results.json");
      await runInVsCode({
        files: ["bench/editor/in-vs-code.ts"],
        main: "in-vs-code",
        workspace: folder,
        env: { SPANLIGHT_BENCH_RESULTS: results },
      });
      const { activationMs, paintedAfterMs } = JSON.parse(readFileSync(results, "utf8")) as Measured;
      const sorted = [...paintedAfterMs].sort((a, b) => a - b);
      const quantile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
      return [
        budgeted({
          name: "activation in the extension host",
          value: activationMs,
          unit: "ms",
          better: "lower",
          budget: 30,
        }),
        budgeted({
          name: "end of span → painted, median",
          value: quantile(0.5),
          unit: "ms",
          better: "lower",
          budget: 250,
        }),
        { name: "end of span → painted, 95 %", value: quantile(0.95), unit: "ms", better: "lower" },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
