import * as vscode from "vscode";

/** Marks the line that a span led to, until the person moves on: selects something else, edits, or opens another. */
export class LineHighlight implements vscode.Disposable {
  readonly #decoration = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.findMatchHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.findMatchForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
  });
  readonly #listening: vscode.Disposable;
  #marked: { readonly editor: vscode.TextEditor; readonly position: vscode.Position } | undefined;

  constructor() {
    this.#listening = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        if (textEditor !== this.#marked?.editor) return;
        if (selections[0]?.active.isEqual(this.#marked.position) !== true) this.clear();
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && document === this.#marked?.editor.document) this.clear();
      }),
    );
  }

  mark(editor: vscode.TextEditor, position: vscode.Position): void {
    this.clear();
    this.#marked = { editor, position };
    editor.setDecorations(this.#decoration, [new vscode.Range(position, position)]);
  }

  clear(): void {
    this.#marked?.editor.setDecorations(this.#decoration, []);
    this.#marked = undefined;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#decoration.dispose();
  }
}
