import { basename } from "node:path";
import * as vscode from "vscode";
import { DisposableList } from "../../base/dispose.ts";
import { Emitter, type Listen } from "../../base/events.ts";
import type { RunNumber } from "../../model/ids.ts";
import { onSettingsChanged, readSettings } from "../config/settings.ts";
import type { Engine } from "../engine/engine.ts";
import type { SourceOpener } from "../source/source-opener.ts";
import { DocumentSources, type DocumentEntry } from "./document-sources.ts";
import { notedFunctions, receivedPlace, searchTextOf, type NotedFunction } from "./file-notes.ts";
import { documentSymbols, FUNCTION_KINDS, functionAround, type Place } from "./function-place.ts";
import type { CodeLine } from "./hover-text.ts";
import { lineEditsOf, MovingLines } from "./moving-lines.ts";
import { notedOperations, type NotedOperation } from "./noted-operations.ts";
import { OpenRegistrations } from "./open-registrations.ts";
import { SpacedJob } from "./spaced-job.ts";

export interface EditorNotesParts {
  readonly engine: Engine;
  readonly source: Pick<SourceOpener, "place" | "originals">;
  /** When a run began, milliseconds since the epoch: its lines are those of the files at that moment. */
  readonly runStartMs: (run: RunNumber) => number | undefined;
  readonly highestRun: () => number;
}

/** How often, at most, the engine is asked while traces change. */
const REFRESH_MS = 500;

/** What traces know of the files in visible editors, moved along as these are edited. Nothing is asked while nothing is held. */
export class EditorNotes implements vscode.Disposable {
  readonly #parts: EditorNotesParts;
  readonly #sources: DocumentSources;
  readonly #listening = new DisposableList();
  readonly #refresh: SpacedJob;
  readonly #changed = new Emitter<undefined>();
  readonly #moved = new Emitter<vscode.TextDocument>();
  /** By the document's URI. */
  readonly #entries = new Map<string, readonly DocumentEntry[]>();
  readonly #lines = new Map<string, MovingLines>();
  #spanCount = 0;
  /** Runs up to this one are not shown: the person has cleared them away. */
  #clearedRun = -1;

  /** Heard when {@link operationsOf} has changed for some document for another reason than edits. */
  readonly onChanged: Listen<undefined> = this.#changed.listen;
  /** Heard when lines of a document with notes were added or taken. */
  readonly onMoved: Listen<vscode.TextDocument> = this.#moved.listen;

  constructor(parts: EditorNotesParts) {
    this.#parts = parts;
    const { engine, source } = parts;
    const registrations = new OpenRegistrations();
    this.#sources = new DocumentSources({
      ask: (type, params) => engine.ask(type, params),
      resolve: (location) => source.place(location),
      originals: (location) => source.originals(location),
      mayHold: (uri, lookup) => {
        const document = openDocument(uri);
        return document !== undefined && registrations.mayHold(document, lookup);
      },
      mayHandle: (uri, lookup) => {
        const document = openDocument(uri);
        return document !== undefined && registrations.mayHandle(document, lookup);
      },
      now: Date.now,
      withFailedInPause: () => readSettings().editor.failedInPause,
    });
    const own = this.#listening;
    this.#refresh = own.add(new SpacedJob(() => this.#read(), REFRESH_MS));
    const refresh = (): void => this.#refresh.request();
    const forget = (): void => this.#sources.forget();
    own.add(engine.onTracesChanged(refresh));
    own.add(
      engine.onChanged(() => {
        const spanCount = engine.state?.spanCount ?? 0;
        if (spanCount === this.#spanCount) return;
        this.#spanCount = spanCount;
        if (spanCount === 0) this.#clearedRun = -1;
        refresh();
      }),
    );
    own.add(vscode.window.onDidChangeVisibleTextEditors(refresh));
    own.add(onSettingsChanged(["editor.failedInPause"], refresh));
    own.add(vscode.workspace.onDidChangeTextDocument((event) => this.#edited(event)));
    own.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#entries.delete(uri.toString());
        this.#lines.delete(uri.toString());
      }),
    );
    own.add(vscode.workspace.onDidCreateFiles(forget));
    own.add(vscode.workspace.onDidDeleteFiles(forget));
    own.add(vscode.workspace.onDidRenameFiles(forget));
    own.add(vscode.workspace.onDidChangeWorkspaceFolders(forget));
  }

  /** What is shown of a document, by line. */
  operationsOf({ uri }: vscode.TextDocument): readonly NotedOperation[] {
    const entries = this.#entries.get(uri.toString());
    if (entries === undefined) return [];
    const moving = this.#lines.get(uri.toString());
    const since = new Map<RunNumber, number>();
    const startOf = (run: RunNumber): number => {
      const startMs = since.get(run) ?? this.#parts.runStartMs(run) ?? 0;
      since.set(run, startMs);
      return startMs;
    };
    return notedOperations(
      entries,
      ({ lineHere, run, asOfMs }) =>
        moving === undefined ? lineHere - 1 : moving.now(lineHere - 1, asOfMs ?? startOf(run)),
      (run) => run <= this.#clearedRun,
    );
  }

  /** What stands over the functions of a document. */
  async functionsOf(document: vscode.TextDocument): Promise<readonly NotedFunction[]> {
    const operations = this.operationsOf(document);
    if (operations.length === 0) return [];
    return notedFunctions(operations, await documentSymbols(document.uri), FUNCTION_KINDS);
  }

  /**
   * The function that a lens stands over, else the one around a line, as traces name it where they know it. Where their
   * spans do not name it, a text that finds them.
   */
  async placeAt({
    uri,
    line,
    lens,
  }: CodeLine): Promise<{ readonly place: Place } | { readonly text: string }> {
    const target = vscode.Uri.parse(uri, true);
    const document = openDocument(target.toString());
    const functions = document === undefined || lens !== true ? [] : await this.functionsOf(document);
    const noted = functions.find((one) => one.line === line);
    const place = noted === undefined ? await functionAround(target, line) : placeOf(noted, target);
    const [first, last] = [place.firstLine - 1, place.lastLine - 1];
    const operations = document === undefined ? [] : this.operationsOf(document);
    const received = receivedPlace(operations, first, last);
    const text = received === undefined ? searchTextOf(operations, first, last) : undefined;
    return text === undefined ? { place: { ...place, ...received } } : { text };
  }

  /** Shows nothing of the runs so far; the next one is shown again. */
  clear(): void {
    this.#clearedRun = this.#parts.highestRun();
    this.#changed.emit(undefined);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
    this.#moved.dispose();
  }

  async #read(): Promise<void> {
    if (this.#spanCount === 0 && this.#entries.size === 0) return;
    const visible = new Set(
      vscode.window.visibleTextEditors
        .filter(({ document }) => isSource(document))
        .map(({ document }) => document.uri.toString()),
    );
    if (visible.size === 0) return;
    const read = this.#spanCount === 0 ? new Map<string, never>() : await this.#sources.read(visible);
    if (read === undefined) return;
    let changed = false;
    for (const uri of visible) {
      const entries = read.get(uri);
      if (JSON.stringify(entries) === JSON.stringify(this.#entries.get(uri))) continue;
      changed = true;
      if (entries === undefined) this.#entries.delete(uri);
      else this.#entries.set(uri, entries);
    }
    if (changed) this.#changed.emit(undefined);
  }

  #edited({ document, contentChanges, reason }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0 || !isSource(document)) return;
    const textNow = (line: number): string => (line < document.lineCount ? document.lineAt(line).text : "");
    const edits = lineEditsOf(contentChanges, textNow);
    if (edits.length === 0) return;
    const uri = document.uri.toString();
    const lines = this.#lines.get(uri) ?? new MovingLines();
    this.#lines.set(uri, lines);
    lines.edited(edits, Date.now(), reason === vscode.TextDocumentChangeReason.Undo);
    if (this.#entries.has(uri)) this.#moved.emit(document);
  }
}

function openDocument(uri: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
}

/** A file of the workspace or the disk; no cell of a notebook, no output, nobody's virtual document. */
function isSource({ uri }: vscode.TextDocument): boolean {
  if (uri.scheme === "file") return true;
  return uri.scheme !== "vscode-notebook-cell" && vscode.workspace.getWorkspaceFolder(uri) !== undefined;
}

function placeOf({ firstLine, lastLine, name }: NotedFunction, { fsPath }: vscode.Uri): Place {
  const label = name ?? `${basename(fsPath)} line ${firstLine + 1}`;
  return { path: fsPath, firstLine: firstLine + 1, lastLine: lastLine + 1, label };
}
