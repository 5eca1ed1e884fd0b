import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../src/base/result.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { findActiveSpan } from "../../src/host/active-span/find-active-span.ts";
import type { SessionId } from "../../src/model/ids.ts";
import { startJavaProgram } from "../../test/debug-adapters/java-program.ts";
import { javaTools } from "../../test/debug-adapters/java-tools.ts";
import { startGoProgram, startPythonProgram } from "../../test/debug-adapters/services.ts";
import type { StoppingProgram } from "../../test/debug-adapters/stopping-program.ts";
import { runInVsCode } from "../../test/e2e/host/run-in-vs-code.mjs";
import { installPolyglot, polyglotMissing } from "../../test/e2e/harness/polyglot-tools.ts";
import { budgeted, type Row, type Suite } from "../row.ts";
import type { MeasuredStop } from "./in-vs-code.ts";

const SESSION = "active-span-bench-sess" as SessionId;
/** After this a person sees a guess instead. */
const BUDGET_MS = 300;
/** The first stops load and compile what all later ones use; they are told apart. */
const WARM_UP = 3;

/**
 * From a stop until its span is known: each language under its real debug adapter, Node's inside of a real VS Code, as
 * its adapter is nowhere else. Wall time: a person waits for it. A language that is not on this machine is said to be left out.
 */
export const activeSpanSuite: Suite = {
  title: "active span",
  async run({ quick }) {
    const stops = quick ? 10 : 40;
    const rows: Row[] = [];
    const measure = async (
      language: string,
      timesOf: () => Promise<readonly number[] | string>,
    ): Promise<void> => {
      const times = await timesOf().catch((error: unknown) => messageOf(error));
      if (typeof times === "string")
        process.stderr.write(`active span: ${language}: not measured, ${times}\n`);
      else rows.push(...rowsOf(language, times));
    };
    await measure("Node", async () => {
      const measured = await stopsInVsCode(stops);
      const selected = quantilesOf(measured.map(({ selectedMs }) => selectedMs));
      const name = "Node: meanwhile, until VS Code has selected the frame, median";
      rows.push({ name, value: selected(0.5), unit: "ms", better: "lower" });
      return measured.map(({ foundMs }) => foundMs);
    });
    const missing = await polyglotMissing();
    const tools = missing === undefined ? await installPolyglot() : undefined;
    await withSink(async (endpoint) => {
      await measure("Python", async () =>
        tools === undefined ? (missing ?? "") : timesOf(await startPythonProgram(tools, endpoint), stops),
      );
      await measure("Go", async () =>
        tools === undefined ? (missing ?? "") : timesOf(await startGoProgram(tools, endpoint), stops),
      );
    });
    await measure("Java", async () => {
      const java = await javaTools();
      return typeof java === "string" ? java : timesOf(await startJavaProgram(java), stops);
    });
    return rows;
  },
};

function rowsOf(language: string, times: readonly number[]): readonly Row[] {
  const quantile = quantilesOf(times);
  const ms = { unit: "ms", better: "lower" } as const;
  return [
    budgeted({
      name: `${language}: from the stop to its span, median`,
      value: quantile(0.5),
      ...ms,
      budget: BUDGET_MS,
    }),
    budgeted({ name: `${language}: the same, 95 of 100`, value: quantile(0.95), ...ms, budget: BUDGET_MS }),
    { name: `${language}: the first stop of a program`, value: times[0] ?? Number.NaN, ...ms },
  ];
}

/** Of all but the first stops. */
function quantilesOf(times: readonly number[]): (q: number) => number {
  const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
  return (q) => sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

async function timesOf(program: StoppingProgram, stops: number): Promise<readonly number[]> {
  const engine = createEngine();
  const times: number[] = [];
  try {
    for (let n = 0; n < stops + WARM_UP; n++) {
      const { frame, atMs, goOn } = await program.stop();
      const spans = await findActiveSpan(program.type, program.debuggee, frame, new AbortController().signal);
      const { frames } = engine.noteActiveSpan({
        sessionId: SESSION,
        spans,
        service: "bench",
        atMs: Date.now(),
      });
      times.push(performance.now() - atMs);
      if (frames.length === 0) throw new Error("no span was found at a stop");
      await goOn();
    }
  } finally {
    program.end();
  }
  return times;
}

async function stopsInVsCode(stops: number): Promise<readonly MeasuredStop[]> {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
  try {
    const results = join(folder, "results.json");
    await runInVsCode({
      files: ["bench/active-span/in-vs-code.ts"],
      main: "in-vs-code",
      workspace: folder,
      env: { SPANLIGHT_BENCH_RESULTS: results, SPANLIGHT_BENCH_STOPS: String(stops + WARM_UP) },
    });
    return JSON.parse(readFileSync(results, "utf8")) as readonly MeasuredStop[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Somewhere for the programs to send their spans to. */
async function withSink(use: (endpoint: string) => Promise<void>): Promise<void> {
  const sink = createServer((request, response) => {
    request.resume().on("end", () => response.end());
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(sink.address() as AddressInfo).port}`);
  } finally {
    sink.closeAllConnections();
    sink.close();
  }
}
