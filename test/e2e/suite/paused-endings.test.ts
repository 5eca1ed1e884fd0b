import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import * as vscode from "vscode";
import { listTraces } from "../../../src/protocol/engine.ts";
import { activated, eventually, ReportingProgram, stopAll } from "./launch.ts";

const program = `const { createServer } = require("node:http");
const { renameSync, writeFileSync } = require("node:fs");
const to = process.argv[2];
function answer(response) {
  response.end("ok");
}
const server = createServer((request, response) => answer(response)).listen(0, "127.0.0.1", () => {
  writeFileSync(to + ".part", JSON.stringify({ port: server.address().port, pid: process.pid }));
  renameSync(to + ".part", to);
});
`;
const BREAK_LINE = 5;

interface Running {
  readonly port: number;
  readonly pid: number;
}

suite("a Node program that stands at a breakpoint", () => {
  const folder = new ReportingProgram({ "server.cjs": program });
  const file = vscode.Uri.file(`${folder.folder}/server.cjs`);
  const told = `${folder.folder}/running`;
  suiteTeardown(() => folder.remove());

  const running = async (): Promise<Running> => {
    const text = await eventually("the program", () =>
      existsSync(told) ? readFileSync(told, "utf8") : undefined,
    );
    rmSync(told);
    return JSON.parse(text) as Running;
  };

  const endings: Readonly<Record<string, (pid: number) => unknown>> = {
    "is stopped": () => vscode.debug.stopDebugging(),
    "is killed": (pid) => process.kill(pid, "SIGKILL"),
    "is restarted": () => vscode.commands.executeCommand("workbench.action.debug.restart"),
  };
  for (const [title, end] of Object.entries(endings)) {
    test(`${title}, and so its pause and its request end`, async () => {
      const api = await activated();
      const place = new vscode.Location(file, new vscode.Position(BREAK_LINE - 1, 0));
      const breakpoint = new vscode.SourceBreakpoint(place);
      vscode.debug.addBreakpoints([breakpoint]);
      try {
        await vscode.debug.startDebugging(undefined, {
          type: "node",
          request: "launch",
          name: title,
          program: file.fsPath,
          args: [told],
          console: "internalConsole",
        });
        const { port, pid } = await running();
        const begun = Date.now();
        // The program ends before it has answered.
        get(`http://127.0.0.1:${port}/`).on("error", () => undefined);
        const { traceId } = await eventually("the active span", () => api.state().activeSpan);
        vscode.debug.removeBreakpoints([breakpoint]);
        await end(pid);
        await eventually("the process to be gone", () => (isAlive(pid) ? undefined : true));
        await eventually("nothing to be paused", () => (api.state().paused.length === 0 ? true : undefined));
        await eventually("no span to be active", () =>
          api.state().activeSpan === undefined ? true : undefined,
        );
        const trace = await eventually("the request to have ended with its process", async () => {
          const listed = await api.ask(listTraces, { filter: { text: "" }, limit: 10 });
          const found = listed.ok ? listed.value.traces.find((one) => one.traceId === traceId) : undefined;
          return found?.runningCount === 0 ? found : undefined;
        });
        assert.equal(trace.lostCount, 1);
        assert.equal(trace.heldSinceNs, undefined);
        const stoodNs = trace.stoodNs ?? 0;
        assert.ok(stoodNs > 0 && stoodNs < (Date.now() - begun) * 1e6, `it stood for ${stoodNs} ns`);

        if (title !== "is restarted") return;
        const again = await running();
        assert.notEqual(again.pid, pid);
        const status = await eventually("the new process to answer", () => statusOf(again.port));
        assert.equal(status, 200);
      } finally {
        vscode.debug.removeBreakpoints([breakpoint]);
        await stopAll(api);
      }
    });
  }
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(`http://127.0.0.1:${port}/`, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", () => resolve(undefined));
  });
}
