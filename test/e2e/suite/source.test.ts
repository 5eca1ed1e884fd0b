import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite, suiteSetup, suiteTeardown, teardown, test } from "mocha";
import * as vscode from "vscode";
import type { TestApi } from "../../../src/host/test-api.ts";
import type { SourceLocation } from "../../../src/model/source-location.ts";
import { activated, eventually, ReportingProgram } from "./launch.ts";

suite("from span to source", () => {
  let api: TestApi;
  const outside = new ReportingProgram({ "outside.js": "1;\n2;\n" });
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  // In a folder of its own, so that no file of the sample has these names.
  const own = join(root, "spanlight-source-test");
  const files: Readonly<Record<string, string>> = {
    "one/handler.ts": Array.from({ length: 200 }, (_, at) => `export const line${at + 1} = ${at + 1};`).join(
      "\n",
    ),
    "two/same-name.ts": "two;\n",
    "three/same-name.ts": "three;\n",
    "functions.ts": "export function outer() {\n  const a = 1;\n  return a;\n}\n",
  };
  const at = (path: string, line?: number, column?: number): SourceLocation => ({
    path,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    evidence: "call-site",
  });
  const cursor = (): string | undefined => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return undefined;
    const { line, character } = editor.selection.active;
    return `${vscode.workspace.asRelativePath(editor.document.uri)}:${line + 1}:${character + 1}`;
  };

  suiteSetup(async () => {
    api = await activated();
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(own, name)), { recursive: true });
      writeFileSync(join(own, name), text);
    }
  });
  suiteTeardown(() => {
    rmSync(own, { recursive: true, force: true });
    outside.remove();
  });
  teardown(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  const opened: readonly [title: string, location: SourceLocation, cursor: string][] = [
    [
      "a whole path, at its line and column",
      at(join(own, "one/handler.ts"), 150, 14),
      "one/handler.ts:150:14",
    ],
    ["a file URL", at(vscode.Uri.file(join(own, "one/handler.ts")).toString(), 2), "one/handler.ts:2:1"],
    ["a relative path", at("spanlight-source-test/one/handler.ts", 3), "one/handler.ts:3:1"],
    ["a path of a container, by its ending", at("/usr/src/one/handler.ts", 4), "one/handler.ts:4:1"],
    ["a path of another platform", at("C:\\build\\one\\handler.ts", 5), "one/handler.ts:5:1"],
    ["a bundler's path", at("webpack://shop/./one/handler.ts", 6), "one/handler.ts:6:1"],
    ["a line past the end, at the last", at(join(own, "two/same-name.ts"), 99), "two/same-name.ts:2:1"],
    ["a file without a line, at its beginning", at(join(own, "functions.ts")), "functions.ts:1:1"],
  ];
  for (const [title, location, place] of opened) {
    test(`opens ${title}`, async () => {
      assert.equal(await api.source.open(location, true), "opened");
      assert.equal(cursor(), `spanlight-source-test/${place}`);
    });
  }

  test("shows the line in view", async () => {
    await api.source.open(at(join(own, "one/handler.ts"), 150), true);
    const ranges = vscode.window.activeTextEditor?.visibleRanges ?? [];
    assert.ok(ranges.some((range) => range.contains(new vscode.Position(149, 0))));
  });

  test("uses the group where the file stands already", async () => {
    const document = await vscode.workspace.openTextDocument(join(own, "one/handler.ts"));
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    const other = await vscode.workspace.openTextDocument(join(own, "functions.ts"));
    await vscode.window.showTextDocument(other, vscode.ViewColumn.Two);
    await api.source.open(at(join(own, "one/handler.ts"), 7), true);
    assert.equal(vscode.window.activeTextEditor?.viewColumn, vscode.ViewColumn.One);
    assert.equal(vscode.window.visibleTextEditors.length, 2);
  });

  test("never opens over the panel's tab", async () => {
    await vscode.commands.executeCommand("spanlight.openBeside");
    const tab = await eventually("the panel's tab", () =>
      vscode.window.tabGroups.all.find(({ activeTab }) => activeTab?.label === "Spanlight"),
    );
    await api.source.open(at(join(own, "functions.ts"), 1), true);
    assert.notEqual(vscode.window.activeTextEditor?.viewColumn, tab.viewColumn);
    assert.equal(tab.activeTab?.label, "Spanlight");
  });

  const refused: readonly [title: string, path: string][] = [
    ["a path that climbs out of the workspace", "../../../../etc/passwd"],
    ["a command", "command:workbench.action.terminal.new"],
    ["a web page", "https://evil.example/"],
    ["a URI of another extension", "vscode://spanlight.spanlight/run"],
    ["a network share", "\\\\evil.example\\share\\handler.js"],
    ["a network share's URL", "file://evil.example/share/a.js"],
    ["a file that is nowhere", "/nowhere/at-all-7.ts"],
    ["a folder", "."],
    ["a text that is no path", "<img src=x onerror=alert(1)>"],
  ];
  for (const [title, path] of refused) {
    test(`does not open ${title}`, async () => {
      const terminals = vscode.window.terminals.length;
      assert.equal(await api.source.open(at(path, 1), true), "not-found");
      assert.equal(await api.source.resolve(at(path, 1), true), undefined);
      assert.equal(vscode.window.activeTextEditor, undefined);
      assert.equal(vscode.window.terminals.length, terminals);
    });
  }

  test("asks before it opens a file outside the workspace", async () => {
    // Dialogs are refused while tests run, which is an answer of no.
    assert.equal(await api.source.open(at(join(outside.folder, "outside.js"), 1), true), "refused");
    assert.equal(vscode.window.activeTextEditor, undefined);
    const resolved = await api.source.resolve(at(join(outside.folder, "outside.js"), 1), true);
    assert.equal(resolved?.insideWorkspace, false);
    assert.equal(resolved.excerpt, undefined);
  });

  test("describes the place for the panel", async () => {
    const resolved = await api.source.resolve(at(join(own, "functions.ts"), 3, 3), true);
    assert.deepEqual(resolved, {
      uri: vscode.Uri.file(join(own, "functions.ts")).toString(),
      label: "spanlight-source-test/functions.ts",
      baseName: "functions.ts",
      line: 3,
      column: 3,
      evidence: "call-site",
      guess: false,
      insideWorkspace: true,
      excerpt: {
        firstLine: 1,
        lines: ["export function outer() {", "  const a = 1;", "  return a;", "}", ""],
      },
    });
  });

  test("marks it as a guess, where several files match equally", async () => {
    const resolved = await api.source.resolve(at("/app/same-name.ts", 1), false);
    assert.equal(resolved?.baseName, "same-name.ts");
    assert.equal(resolved.guess, true);
  });

  test("takes the first place that is certain, and follows the code as it is edited", async () => {
    const routes = join(own, "routes.js");
    const handler = 'app.get("/spanlight-test/:id", (request, reply) => {});\n';
    writeFileSync(routes, handler);
    const locations: readonly SourceLocation[] = [
      at("/usr/lib/not-here.ts", 3),
      {
        path: "",
        evidence: "route",
        lookup: { kind: "route", method: "GET", route: "/spanlight-test/:id", language: "nodejs" },
      },
    ];
    const found = async (): Promise<string | undefined> => {
      const best = await api.source.resolveBest(locations, false);
      return best && `${best.resolved.label}:${best.resolved.line} ${best.location.evidence}`;
    };
    assert.equal(await found(), "spanlight-source-test/routes.js:1 route");

    const document = await vscode.workspace.openTextDocument(routes);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "\n\n"));
    assert.equal(await found(), "spanlight-source-test/routes.js:3 route");
    await document.save();
  });
});
