import { execFileSync, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../scripts/vscode/install.mjs";
import { DapClient } from "../../test/pauses/dap-client.ts";

/** Runs one line again and again, inside a span of the SDK's, and prints the CPU time of one run of it. */
const program = (runs: number): string => `
import time
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
def work(runs):
    sum = 0
    for n in range(runs):
        sum += n
    return sum
with trace.get_tracer("bench").start_as_current_span("work"):
    work(100)
    before = time.process_time()
    work(${runs})
    print(f"cost {(time.process_time() - before) * 1e6 / ${runs}} µs", flush=True)
`;
const LINE_OF_SUM = 9;

/** A Python that has debugpy and OpenTelemetry's SDK; undefined where none is found. */
export function findPython(): string | undefined {
  const ours = join(cacheFolder, "polyglot", "venv", "bin", "python");
  return [ours, "python3"].find((python) => {
    if (python === ours && !existsSync(ours)) return false;
    try {
      execFileSync(python, ["-c", "import debugpy, opentelemetry.sdk.trace"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs the program under debugpy, each time with one of these conditions on its line. Microseconds. */
export async function pythonCosts(
  python: string,
  folder: string,
  runs: number,
  conditions: readonly (string | undefined)[],
): Promise<readonly number[]> {
  const file = join(folder, "main.py");
  writeFileSync(file, program(runs));
  const costs: number[] = [];
  for (const condition of conditions) costs.push(await costOf(python, file, folder, condition));
  return costs;
}

async function costOf(
  python: string,
  file: string,
  folder: string,
  condition: string | undefined,
): Promise<number> {
  const adapter = spawn(python, ["-m", "debugpy.adapter"]);
  const client = new DapClient(adapter.stdout, adapter.stdin, folder);
  try {
    await client.ask("initialize", { adapterID: "debugpy" });
    const console = "internalConsole";
    const launching = client.ask("launch", {
      request: "launch",
      type: "debugpy",
      program: file,
      python: [python],
      console,
    });
    await client.event("initialized");
    const breakpoints =
      condition === undefined ? [] : [{ line: LINE_OF_SUM, condition, logMessage: "records" }];
    await client.ask("setBreakpoints", { source: { path: file }, breakpoints });
    await client.ask("configurationDone");
    await launching;
    let printed = "";
    for (;;) {
      const output = await client.event("output", 120_000);
      if (output === undefined) throw new Error("the program in Python has printed nothing");
      // It comes in pieces.
      const { category, output: text } = output["body"] as Readonly<Record<string, unknown>>;
      if (category === "stdout") printed += String(text);
      const found = /cost (\S+) /.exec(printed)?.[1];
      if (found !== undefined) return Number(found);
    }
  } finally {
    await client.ask("disconnect", { terminateDebuggee: true });
    adapter.kill("SIGKILL");
  }
}
