import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Painted } from "../../src/host/panel/panel-hub.ts";
import { openTrace } from "../../src/protocol/engine.ts";
import { activated, eventually } from "../../test/e2e/suite/launch.ts";

/** What is measured inside VS Code; {@link editorSuite} makes rows of it. */
export interface Measured {
  readonly activationMs: number;
  /** From a span's end in the program to the moment at which the panel had painted it, one entry a span. */
  readonly paintedAfterMs: readonly number[];
}

const CALLS = 60;

/** A server that calls itself again and again within one request: a trace that grows under the eyes of the panel. */
const program = `
const http = require("node:http");
const wait = (ms) => new Promise((wake) => setTimeout(wake, ms));
const server = http.createServer(async (request, response) => {
  if (request.url === "/leaf") await wait(5);
  else for (let call = 0; call < ${CALLS}; call += 1) {
    await (await fetch("http://127.0.0.1:" + server.address().port + "/leaf")).text();
    await wait(100 + Math.random() * 100);
  }
  response.end("done");
});
server.listen(0, "127.0.0.1", async () => {
  await wait(1000);
  http.get("http://127.0.0.1:" + server.address().port + "/work", (response) => response.resume());
});
`;

/** Called by VS Code. The file that SPANLIGHT_BENCH_RESULTS names gets a {@link Measured}. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "spanlight-bench-"));
  try {
    const path = join(folder, "program.cjs");
    writeFileSync(path, program);
    await vscode.debug.startDebugging(undefined, {
      type: "node",
      request: "launch",
      name: "bench",
      program: path,
    });
    const api = await activated();
    await vscode.commands.executeCommand("spanlight.openPanel");

    const ended = new Map<number, number>();
    const look = async ({ traceId, version, atMs }: Painted): Promise<void> => {
      const reply = await api.ask(openTrace, { traceId, unlessVersion: undefined });
      // A picture older than what the engine holds by now does not tell which of the spans it showed.
      if (!reply.ok || reply.value?.version !== version) return;
      const { spanCount, startMs, end, row } = reply.value;
      for (let span = 0; span < spanCount; span += 1) {
        const endMs = startMs + (end[span] ?? Number.NaN) / 1e6;
        const id = row[span] ?? -1;
        if (!Number.isNaN(endMs) && !ended.has(id)) ended.set(id, atMs - endMs);
      }
    };
    const listening = api.onPainted((painted) => void look(painted));
    // Each call is two spans, one at either end.
    await eventually(
      "the spans of all calls to be painted",
      () => (ended.size >= CALLS * 2 ? true : undefined),
      90_000,
    );
    listening.dispose();
    await vscode.debug.stopDebugging();

    const measured: Measured = { activationMs: api.activationMs, paintedAfterMs: [...ended.values()] };
    writeFileSync(process.env["SPANLIGHT_BENCH_RESULTS"] ?? "", JSON.stringify(measured));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
