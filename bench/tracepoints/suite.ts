import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tracepointCondition } from "../../src/host/breakpoints/tracepoint-condition.ts";
import type { Row, Suite } from "../row.ts";
import { nodeCosts } from "./node.ts";
import { findPython, pythonCosts } from "./python.ts";

/**
 * What a line costs more when a tracepoint is on it, against a breakpoint whose condition is false: in Node over the
 * inspector protocol, as js-debug sets it, and in Python under debugpy, where that is installed.
 */
export const tracepointSuite: Suite = {
  title: "tracepoints",
  async run({ quick }): Promise<readonly Row[]> {
    const rounds = quick ? 1 : 3;
    const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
    const tracepoint = { label: "sum", expression: "sum" };
    const node = [undefined, "false", tracepointCondition(tracepoint, "node")];
    const python = [undefined, "False", tracepointCondition(tracepoint, "python")];
    try {
      const rows = rowsOf("Node", await best(rounds, () => nodeCosts(folder, quick ? 2000 : 20_000, node)));
      const interpreter = findPython();
      if (interpreter === undefined) {
        console.error("tracepoints: Python is not measured, as no debugpy with OpenTelemetry's SDK is here");
        return rows;
      }
      const costs = await best(rounds, () => pythonCosts(interpreter, folder, quick ? 500 : 5000, python));
      return [...rows, ...rowsOf("Python", costs)];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The least of several rounds, for each of what was measured: a loaded machine only adds. */
async function best(rounds: number, measure: () => Promise<readonly number[]>): Promise<readonly number[]> {
  const measured: (readonly number[])[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measure());
  return (measured[0] ?? []).map((_, at) => Math.min(...measured.map((costs) => costs[at] ?? Number.NaN)));
}

function rowsOf(
  language: string,
  [plain = Number.NaN, never = Number.NaN, recorded = Number.NaN]: readonly number[],
): readonly Row[] {
  const us = { unit: "µs", better: "lower" } as const;
  return [
    { name: `${language}: the line under the debugger`, value: plain, ...us },
    { name: `${language}: a breakpoint whose condition is false`, value: never, ...us },
    { name: `${language}: a tracepoint on the line`, value: recorded, ...us },
    {
      name: `${language}: a tracepoint, against such a breakpoint`,
      value: recorded / never,
      unit: "×",
      better: "lower",
    },
  ];
}
