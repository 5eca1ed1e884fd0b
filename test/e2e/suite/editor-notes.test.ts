import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setup, suite, suiteSetup, suiteTeardown, teardown, test } from "mocha";
import * as vscode from "vscode";
import type { TestApi } from "../../../src/host/test-api.ts";
import { clearStore } from "../../../src/protocol/engine.ts";
import { activated, eventually } from "./launch.ts";

const SOURCE = `export function charge(amount: number) {
  return pay(amount);
}

export function pay(amount: number) {
  return amount;
}
`;

interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly path: string;
  readonly line: number;
  readonly ms: number;
  readonly failure?: string;
  /** Names the route instead of the place. */
  readonly route?: string;
}

/** OTLP JSON of spans, each a trace of its own. */
function tracesJson(spans: readonly SentSpan[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "till" } }] },
        scopeSpans: [
          {
            spans: spans.map(({ name, kind, path, line, ms, failure, route }, at) => ({
              traceId: (at + 1).toString(16).padStart(32, "a"),
              spanId: (at + 1).toString(16).padStart(16, "b"),
              name,
              kind,
              startTimeUnixNano: "1700000000000000000",
              endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(ms) * 1_000_000n),
              status: failure === undefined ? {} : { code: 2, message: failure },
              attributes:
                route === undefined
                  ? [
                      { key: "code.file.path", value: { stringValue: path } },
                      { key: "code.line.number", value: { intValue: String(line) } },
                    ]
                  : [
                      { key: "http.request.method", value: { stringValue: "GET" } },
                      { key: "http.route", value: { stringValue: route } },
                    ],
            })),
          },
        ],
      },
    ],
  });
}

suite("traces in the editor", () => {
  let api: TestApi;
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const folder = join(root, "spanlight-editor-test");
  /** A file of its own for each test: editors forget what was edited only some time after they close. */
  let uri = vscode.Uri.file("");
  let tests = 0;
  const other = vscode.Uri.file(join(folder, "other.ts"));
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("spanlight.editor");

  const lenses = async (of = uri): Promise<readonly string[]> => {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      of,
      100,
    );
    return found
      .filter(({ command }) => command?.command.startsWith("spanlight."))
      .map(({ range, command }) => `${range.start.line + 1}: ${command?.title ?? ""}`);
  };
  const hover = async (line: number): Promise<string> => {
    const found = await vscode.commands.executeCommand<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      uri,
      new vscode.Position(line - 1, 3),
    );
    const texts = found.flatMap(({ contents }) =>
      contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : "")),
    );
    return texts.find((text) => text.includes("command:spanlight.")) ?? "";
  };
  const receive = async (spans: readonly SentSpan[]): Promise<void> => {
    const file = join(folder, "traces.json");
    writeFileSync(file, tracesJson(spans));
    await vscode.commands.executeCommand("spanlight.openTraceFile", vscode.Uri.file(file));
  };
  const received = (): readonly SentSpan[] => [
    { name: "POST /charge", kind: 2, path: uri.fsPath, line: 1, ms: 40 },
    { name: "POST /charge", kind: 2, path: uri.fsPath, line: 1, ms: 300, failure: "no *money* <b>left</b>" },
    // As a container names it.
    { name: "POST bank", kind: 3, path: uri.fsPath.replace(root, "/srv"), line: 2, ms: 7 },
  ];
  const LENS = /^1: 2× · p50 \d+(\.\d+)? ms · p95 \d+ ms · 1 error$/;
  /** With what was asked for there, once TypeScript's own extension tells of functions. */
  const shown = (what: string, isIt: (lenses: readonly string[]) => boolean): Promise<readonly string[]> =>
    eventually(what, async () => {
      const found = await lenses();
      return isIt(found) ? found : undefined;
    });

  suiteSetup(async () => {
    api = await activated();
    mkdirSync(folder, { recursive: true });
    writeFileSync(other.fsPath, SOURCE);
  });
  setup(() => {
    uri = vscode.Uri.file(join(folder, `till-${++tests}.ts`));
    writeFileSync(uri.fsPath, SOURCE);
  });
  suiteTeardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  teardown(async () => {
    for (const name of ["lens", "hover"])
      await settings().update(name, undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("spanlight.clear");
  });

  test("are a lens over the function, and its way to the last trace; nothing in a file without data", async () => {
    await vscode.window.showTextDocument(uri);
    await vscode.window.showTextDocument(other, { viewColumn: vscode.ViewColumn.Beside });
    await receive(received());
    const found = await shown("the lens", (each) => each.length > 0);
    assert.match(found[0] ?? "", LENS);
    assert.deepEqual(found.slice(1), ["1: last trace"]);
    assert.deepEqual(await lenses(other), []);
  });

  test("are in a hover, with the last error's message as plain text, and links", async () => {
    await vscode.window.showTextDocument(uri);
    await receive(received());
    const text = await eventually("the hover", async () => (await hover(1)) || undefined);
    assert.match(text, /2× · p50 .* · p95 .* · 1 error/);
    assert.match(text, /Last error: no \\\*money\\\* &lt;b/);
    assert.match(text, /\[Last trace\]\(command:spanlight\.showTrace\?/);
    assert.match(text, /\[Slowest trace\]|\[Last trace\]/);
    assert.match(text, /\[Show Traces of This Function\]\(command:spanlight\.showTracesOfFunction\?/);
    // By its longest ending, since the path is one of another machine.
    assert.match(await hover(2), /POST bank[^]*1× · /);
    assert.equal(await hover(5), "");
  });

  test("move along with the code, and leave with their line", async () => {
    const editor = await vscode.window.showTextDocument(uri);
    await receive(received());
    await shown("the lens", (each) => each.length > 0);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "// one\n// two\n"));
    await shown("the lens two lines further down", ([first]) => first?.startsWith("3: ") === true);
    assert.match(await hover(4), /POST bank/);
    await editor.edit((edit) => edit.delete(new vscode.Range(2, 0, 3, 0)));
    await shown("no lens", (each) => each.length === 0);
    await vscode.commands.executeCommand("undo");
    await shown("the lens again", ([first]) => first?.startsWith("3: ") === true);
  });

  test("can be switched off, each by itself", async () => {
    await vscode.window.showTextDocument(uri);
    await receive(received());
    await shown("the lens", (each) => each.length > 0);
    await settings().update("lens", false, vscode.ConfigurationTarget.Global);
    await shown("no lens", (each) => each.length === 0);
    assert.notEqual(await hover(1), "");
    await settings().update("hover", false, vscode.ConfigurationTarget.Global);
    await eventually("no hover", async () => ((await hover(1)) === "" ? true : undefined));
  });

  test("are cleared away when asked, and with the traces", async () => {
    await vscode.window.showTextDocument(uri);
    await receive(received());
    await shown("the lens", (each) => each.length > 0);
    await vscode.commands.executeCommand("spanlight.clearEditorNotes");
    assert.deepEqual(await lenses(), []);
    await api.ask(clearStore, { keepPinned: false });
    await eventually("an empty store", () => (api.state().engine?.spanCount === 0 ? true : undefined));
    await receive(received());
    await shown("the lens of new traces", (each) => each.length > 0);
    await vscode.commands.executeCommand("spanlight.clear");
    await shown("no lens", (each) => each.length === 0);
  });

  test("are found by the route where spans name no place, and say that it was looked up", async () => {
    writeFileSync(
      uri.fsPath,
      `import { app } from "./app.ts";\n\napp.get("/till-${tests}/:id", (request) => {\n  return 1;\n});\n`,
    );
    await vscode.window.showTextDocument(uri);
    const route = `/till-${tests}/:id`;
    await receive([{ name: `GET ${route}`, kind: 2, path: "", line: 0, ms: 40, route }]);
    const found = await shown("the lens", (each) => each.length > 0);
    assert.match(found[0] ?? "", /^3: 1× · 40(\.\d)? ms · looked up$/);
  });

  test("lead to the panel", async () => {
    await vscode.window.showTextDocument(uri);
    await receive(received());
    await shown("the lens", (each) => each.length > 0);
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      uri,
      100,
    );
    for (const { command } of found) {
      if (command?.command.startsWith("spanlight.") === true)
        await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
    }
  });

  test("stay out of notebooks", async () => {
    await receive(received());
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, SOURCE, "typescript");
    const notebook = await vscode.workspace.openNotebookDocument(
      "jupyter-notebook",
      new vscode.NotebookData([cell]),
    );
    await vscode.window.showNotebookDocument(notebook);
    const document = notebook.cellAt(0).document;
    assert.deepEqual(await lenses(document.uri), []);
  });
});
