import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, suiteSetup, suiteTeardown, teardown, test } from "mocha";
import * as vscode from "vscode";
import { functionAround } from "../../../src/host/editor/function-place.ts";
import type { TestApi } from "../../../src/host/test-api.ts";
import { listTraces } from "../../../src/protocol/engine.ts";
import { activated, eventually, ReportingProgram } from "./launch.ts";

/** OTLP JSON of one trace with a span of this name. */
function traceJson(traceId: string, name: string): object {
  const startTimeUnixNano = "1700000000000000000";
  const span = { traceId, spanId: "00f067aa0ba902b7", name, kind: 2, startTimeUnixNano };
  const ended = { ...span, endTimeUnixNano: "1700000000005000000" };
  return { resourceSpans: [{ scopeSpans: [{ spans: [ended] }] }] };
}

suite("the commands", () => {
  let api: TestApi;
  const files = new ReportingProgram({
    "code.ts": "export function outer() {\n  function inner() {\n    return 1;\n  }\n  return inner();\n}\n",
    "no trace.json": '{"hello": 1}',
  });
  const run = (name: string, argument?: unknown): Thenable<unknown> =>
    vscode.commands.executeCommand(`spanlight.${name}`, argument);
  const traceNames = async (): Promise<readonly string[]> => {
    const listed = await api.ask(listTraces, {
      filter: {
        text: "",
        minDurationNs: undefined,
        maxDurationNs: undefined,
        run: undefined,
        place: undefined,
      },
      limit: 100,
    });
    return listed.ok ? listed.value.traces.map(({ name }) => name) : [];
  };
  const open = (name: string, text: string): Thenable<unknown> => {
    writeFileSync(join(files.folder, name), text);
    return run("openTraceFile", vscode.Uri.file(join(files.folder, name)));
  };

  suiteSetup(async () => {
    api = await activated();
  });
  suiteTeardown(() => {
    files.remove();
  });
  teardown(async () => {
    await run("clear");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  test("of package.json are all there", async () => {
    const extension = vscode.extensions.getExtension("spanlight.spanlight");
    const { contributes } = extension?.packageJSON as {
      contributes: { commands: readonly { command: string }[] };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = contributes.commands.filter(({ command }) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  test("open a trace file of one object", async () => {
    await open("one.json", JSON.stringify(traceJson("0af7651916cd43dd8448eb211c80319c", "GET /one")));
    assert.deepEqual(await traceNames(), ["GET /one"]);
  });

  test("open a trace file of one object a line", async () => {
    const lines = [
      traceJson("0af7651916cd43dd8448eb211c80319d", "GET /first"),
      traceJson("0af7651916cd43dd8448eb211c80319e", "GET /second"),
    ];
    await open("lines.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    assert.deepEqual([...(await traceNames())].sort(), ["GET /first", "GET /second"]);
  });

  test("take nothing from a file without traces", async () => {
    await run("openTraceFile", vscode.Uri.file(join(files.folder, "no trace.json")));
    await open("broken.json", "{");
    await run("openTraceFile", vscode.Uri.file(join(files.folder, "missing.json")));
    assert.deepEqual(await traceNames(), []);
  });

  test("clear the traces", async () => {
    await open("one.json", JSON.stringify(traceJson("0af7651916cd43dd8448eb211c80319f", "GET /one")));
    await run("clear");
    assert.deepEqual(await traceNames(), []);
  });

  test("restart the engine, which then receives again", async () => {
    await run("restartEngine");
    await open("one.json", JSON.stringify(traceJson("0af7651916cd43dd8448eb211c8031a0", "GET /again")));
    assert.deepEqual(await traceNames(), ["GET /again"]);
    assert.match(api.state().restarted ?? "", /restarted/);
  });

  test("copy the environment of other programs, and open the receiver for them", async () => {
    await run("copyEnvironment");
    const copied = await vscode.env.clipboard.readText();
    const port = await eventually("the receiver", () => api.state().engine?.ports?.http);
    assert.match(copied, new RegExp(`^OTEL_EXPORTER_OTLP_ENDPOINT=http://127\\.0\\.0\\.1:${port}/s/`, "m"));
    assert.match(copied, /^NODE_OPTIONS=--require .*preload\.cjs"?$/m);
  });

  test("open the panel beside the code, once", async () => {
    await run("openBeside");
    await run("openBeside");
    const tabs = await eventually("the panel's tab", () => {
      const found = vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ label }) => label === "Spanlight");
      return found.length > 0 ? found : undefined;
    });
    assert.equal(tabs.length, 1);
  });

  const cursors: readonly [line: number, label: string, firstLine: number, lastLine: number][] = [
    [2, "inner", 2, 4],
    [4, "outer", 1, 6],
  ];
  for (const [line, label, firstLine, lastLine] of cursors) {
    test(`find the function around the cursor: ${label}`, async () => {
      const document = await vscode.workspace.openTextDocument(join(files.folder, "code.ts"));
      const editor = await vscode.window.showTextDocument(document);
      editor.selection = new vscode.Selection(line, 2, line, 2);
      // TypeScript's own extension has to start first.
      const place = await eventually("the language's symbols", async () => {
        const found = await functionAround(document.uri, editor.selection.active.line);
        return found.label === label ? found : undefined;
      });
      assert.deepEqual(place, { path: document.uri.fsPath, firstLine, lastLine, label });
    });
  }

  test("fall back to the line, where a language has no symbols", async () => {
    const document = await vscode.workspace.openTextDocument(join(files.folder, "report.cjs"));
    const plain = await vscode.languages.setTextDocumentLanguage(document, "plaintext");
    const editor = await vscode.window.showTextDocument(plain);
    editor.selection = new vscode.Selection(1, 0, 1, 0);
    const place = await functionAround(plain.uri, editor.selection.active.line);
    assert.deepEqual([place.label, place.firstLine, place.lastLine], ["report.cjs line 2", 2, 2]);
  });
});
