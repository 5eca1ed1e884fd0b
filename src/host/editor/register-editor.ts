import * as vscode from "vscode";
import { disposable, DisposableList, type Disposable } from "../../base/dispose.ts";
import { isTraceId } from "../../model/ids.ts";
import { onSettingsChanged, readSettings } from "../config/settings.ts";
import type { Engine } from "../engine/engine.ts";
import type { PanelHub } from "../panel/panel-hub.ts";
import type { PanelPlaces } from "../panel/panel-places.ts";
import { EditorNotes, type EditorNotesParts } from "./editor-notes.ts";
import { errorLines, lineNotes } from "./file-notes.ts";
import { functionAround } from "./function-place.ts";
import { SHOW_FUNCTION, SHOW_TRACE, type CodeLine } from "./hover-text.ts";
import { NoteDecorations } from "./note-decorations.ts";
import { NoteHovers } from "./note-hovers.ts";
import { NoteLenses } from "./note-lenses.ts";

export interface EditorParts extends EditorNotesParts {
  readonly engine: Engine;
  readonly hub: PanelHub;
  readonly places: PanelPlaces;
  readonly extensionUri: vscode.Uri;
}

/** Typing is not followed line by line. */
const MOVED_MS = 100;
/**
 * An editor that loses the focus just when it is told of lenses does not ask for them, and shows none until it has the
 * focus again. So it is told once more.
 */
const LENSES_AGAIN_MS = 1000;

/**
 * All that editors show of traces, and the commands that lead from there to the panel. A window that receives nothing
 * only has the commands.
 */
export function registerEditor(parts: EditorParts): Disposable {
  const { engine, hub, places } = parts;
  const own = new DisposableList();
  let notes: EditorNotes | undefined;
  const start = (): void => {
    if (notes !== undefined || engine.state === undefined) return;
    notes = own.add(new EditorNotes(parts));
    own.add(showNotes(notes, parts));
  };
  own.add(engine.onChanged(start));
  const commands: Readonly<Record<string, (argument: unknown) => unknown>> = {
    [SHOW_FUNCTION]: async (argument) => {
      const line = isCodeLine(argument) ? argument : cursorLine();
      if (line === undefined) return;
      const found = (await notes?.placeAt(line)) ?? {
        place: await functionAround(vscode.Uri.parse(line.uri), line.line),
      };
      await places.show(true);
      if ("text" in found) hub.command({ command: "search", text: found.text });
      else hub.command({ command: "filter-place", place: found.place });
    },
    [SHOW_TRACE]: async (traceId) => {
      if (!isTraceId(traceId)) return;
      await places.show(true);
      hub.command({ command: "select-trace", traceId });
    },
    "spanlight.clearEditorNotes": () => notes?.clear(),
  };
  for (const [name, run] of Object.entries(commands)) own.add(vscode.commands.registerCommand(name, run));
  return own;
}

function showNotes(notes: EditorNotes, { engine, extensionUri }: EditorParts): Disposable {
  const own = new DisposableList();
  const isOn = (feature: "lens" | "hover"): boolean => readSettings().editor[feature];
  const lenses = own.add(new NoteLenses(notes, () => isOn("lens")));
  const decorations = own.add(new NoteDecorations(vscode.Uri.joinPath(extensionUri, "media")));
  const decorate = (moved?: ReadonlySet<vscode.TextDocument>): void => {
    const { lineNotes: withNotes, gutter: withMarks } = readSettings().editor;
    for (const editor of vscode.window.visibleTextEditors) {
      const operations = notes.operationsOf(editor.document);
      decorations.show(
        editor,
        withNotes ? lineNotes(operations) : [],
        withMarks ? errorLines(operations) : [],
        moved?.has(editor.document) === true,
      );
    }
  };
  let again: NodeJS.Timeout | undefined;
  own.add(disposable(() => clearTimeout(again)));
  const lensesAgain = (): void => {
    clearTimeout(again);
    again = setTimeout(() => lenses.changed(), LENSES_AGAIN_MS);
  };
  const changed = (): void => {
    lenses.changed();
    lensesAgain();
    decorate();
  };
  const moved = new Set<vscode.TextDocument>();
  let due: NodeJS.Timeout | undefined;
  own.add(disposable(() => clearTimeout(due)));
  own.add(
    notes.onMoved((document) => {
      moved.add(document);
      clearTimeout(due);
      due = setTimeout(() => {
        decorate(moved);
        moved.clear();
      }, MOVED_MS);
    }),
  );
  own.add(notes.onChanged(changed));
  own.add(
    vscode.window.onDidChangeVisibleTextEditors((editors) => {
      decorate();
      if (editors.some(({ document }) => notes.operationsOf(document).length > 0)) lensesAgain();
    }),
  );
  own.add(onSettingsChanged(["editor"], changed));
  const selector = sourceSelector();
  own.add(vscode.languages.registerCodeLensProvider(selector, lenses));
  own.add(
    vscode.languages.registerHoverProvider(selector, new NoteHovers(notes, engine, () => isOn("hover"))),
  );
  return own;
}

/** Documents on the disk and in the file systems of the workspace. */
function sourceSelector(): vscode.DocumentFilter[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return [...new Set(["file", ...folders.map(({ uri }) => uri.scheme)])].map((scheme) => ({ scheme }));
}

function cursorLine(): CodeLine | undefined {
  const editor = vscode.window.activeTextEditor;
  return editor && { uri: editor.document.uri.toString(), line: editor.selection.active.line };
}

function isCodeLine(argument: unknown): argument is CodeLine {
  if (typeof argument !== "object" || argument === null) return false;
  const { uri, line } = argument as Partial<Record<keyof CodeLine, unknown>>;
  return typeof uri === "string" && Number.isSafeInteger(line);
}
