import * as vscode from "vscode";
import type { LineNote } from "./file-notes.ts";

/** Quiet text at the ends of lines, and marks beside lines with errors. */
export class NoteDecorations implements vscode.Disposable {
  readonly #note = vscode.window.createTextEditorDecorationType({
    // Slanted: in high contrast its colour is nearly that of the code.
    after: {
      color: new vscode.ThemeColor("editorCodeLens.foreground"),
      fontStyle: "italic",
      margin: "0 0 0 3ch",
    },
    // What is typed at the end of the line stands before the note.
    rangeBehavior: vscode.DecorationRangeBehavior.OpenOpen,
  });
  readonly #error: vscode.TextEditorDecorationType;
  /** What each editor shows. */
  readonly #shown = new WeakMap<vscode.TextEditor, string>();

  /** @param media the folder of the icons. */
  constructor(media: vscode.Uri) {
    const icon = (theme: string): { readonly gutterIconPath: vscode.Uri } => ({
      gutterIconPath: vscode.Uri.joinPath(media, `gutter-error-${theme}.svg`),
    });
    this.#error = vscode.window.createTextEditorDecorationType({
      gutterIconSize: "70%",
      light: icon("light"),
      dark: icon("dark"),
    });
  }

  /**
   * Shows these and no others; where an editor shows just these already, nothing is touched.
   * @param moved lines were added or taken: what the editor made of the notes there is not known.
   */
  show(
    editor: vscode.TextEditor,
    notes: readonly LineNote[],
    errorLines: readonly number[],
    moved: boolean,
  ): void {
    const content = JSON.stringify([notes, errorLines]);
    if (!moved && (this.#shown.get(editor) ?? NOTHING) === content) return;
    this.#shown.set(editor, content);
    const { document } = editor;
    const isThere = (line: number): boolean => line < document.lineCount;
    editor.setDecorations(
      this.#note,
      notes
        .filter(({ line }) => isThere(line))
        .map(({ line, text }) => ({
          range: document.lineAt(line).range,
          renderOptions: { after: { contentText: text } },
        })),
    );
    editor.setDecorations(
      this.#error,
      errorLines.filter(isThere).map((line) => document.lineAt(line).range),
    );
  }

  dispose(): void {
    this.#note.dispose();
    this.#error.dispose();
  }
}

const NOTHING = "[[],[]]";
