import * as vscode from "vscode";
import type { EditorNotes } from "./editor-notes.ts";
import type { NotedFunction } from "./file-notes.ts";
import { SHOW_FUNCTION, SHOW_TRACE, type CodeLine } from "./hover-text.ts";
import { lensWords, operationNames } from "./note-words.ts";

/** Operations of one function that have a lens; the hover has the others. */
const MAX_LENSES = 3;

/** The lenses over functions. */
export class NoteLenses implements vscode.CodeLensProvider, vscode.Disposable {
  readonly #notes: EditorNotes;
  readonly #isOn: () => boolean;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(notes: EditorNotes, isOn: () => boolean) {
    this.#notes = notes;
    this.#isOn = isOn;
  }

  changed(): void {
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!this.#isOn()) return [];
    const functions = await this.#notes.functionsOf(document);
    return functions.flatMap((noted) => lensesOf(noted, document.uri.toString()));
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

function lensesOf({ line, operations }: NotedFunction, uri: string): vscode.CodeLens[] {
  const range = new vscode.Range(line, 0, line, 0);
  const place: CodeLine = { uri, line, lens: true };
  const names = operationNames(operations);
  const lenses = operations.slice(0, MAX_LENSES).map((operation, at) => {
    const name = names[at] ?? "";
    return new vscode.CodeLens(range, {
      title: name === "" ? lensWords(operation) : `${name}: ${lensWords(operation)}`,
      tooltip: "Show Traces of This Function",
      command: SHOW_FUNCTION,
      arguments: [place],
    });
  });
  const [first, ...others] = operations;
  if (first === undefined) return [];
  const last = others.reduce(
    (latest, one) => (one.entry.lastRow > latest.entry.lastRow ? one : latest),
    first,
  );
  const lastTrace = { title: "last trace", command: SHOW_TRACE, arguments: [last.entry.lastTraceId] };
  return [...lenses, new vscode.CodeLens(range, lastTrace)];
}
