import * as vscode from "vscode";
import { readSpan } from "../../protocol/engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { EditorNotes } from "./editor-notes.ts";
import { errorMessageOf, hoverText, SHOW_FUNCTION, SHOW_TRACE } from "./hover-text.ts";
import { timeOf } from "./note-words.ts";
import type { NotedOperation } from "./noted-operations.ts";

/** The details of a line: of its own operations, and of those that the lens over it is of. */
export class NoteHovers implements vscode.HoverProvider {
  readonly #notes: EditorNotes;
  readonly #engine: Pick<Engine, "ask">;
  readonly #isOn: () => boolean;

  constructor(notes: EditorNotes, engine: Pick<Engine, "ask">, isOn: () => boolean) {
    this.#notes = notes;
    this.#engine = engine;
    this.#isOn = isOn;
  }

  async provideHover(
    document: vscode.TextDocument,
    { line }: vscode.Position,
  ): Promise<vscode.Hover | undefined> {
    if (!this.#isOn()) return undefined;
    const functions = await this.#notes.functionsOf(document);
    const below = functions.filter((noted) => noted.line === line).flatMap(({ operations }) => operations);
    const own = this.#notes
      .operationsOf(document)
      .filter((operation) => operation.line === line)
      .toSorted((one, other) => timeOf([other]) - timeOf([one]));
    const keys = new Set(below.map(({ entry }) => entry.lastRow));
    const operations = [...below, ...own.filter(({ entry }) => !keys.has(entry.lastRow))];
    if (operations.length === 0) return undefined;
    const messages = new Map(
      await Promise.all(
        operations.map(async (operation) => [operation, await this.#lastError(operation)] as const),
      ),
    );
    const text = new vscode.MarkdownString(
      hoverText(operations, { uri: document.uri.toString(), line }, runName, (operation) =>
        messages.get(operation),
      ),
    );
    text.isTrusted = { enabledCommands: [SHOW_FUNCTION, SHOW_TRACE] };
    return new vscode.Hover(text, document.lineAt(line).range);
  }

  async #lastError({ entry }: NotedOperation): Promise<string | undefined> {
    if (entry.lastErrorRow === undefined) return undefined;
    const span = await this.#engine.ask(readSpan, { row: entry.lastErrorRow });
    return span.ok && span.value !== undefined ? errorMessageOf(span.value) : undefined;
  }
}

function runName(run: number): string {
  return run === 0 ? "" : `run ${run}`;
}
