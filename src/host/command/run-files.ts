import { basename } from "node:path";
import * as vscode from "vscode";
import type { RunNumber, TraceId } from "../../model/ids.ts";
import type { Run } from "../../model/session.ts";
import { describeRuns, restoreRuns, saveRuns } from "../../protocol/run-file.ts";
import type { Engine } from "../engine/engine.ts";
import { askWithProgress, tellUnlessCancelled } from "./file-progress.ts";
import { showProblem } from "./problem-message.ts";
import { restoredText, savedText } from "./run-file-text.ts";

/** The runs of this window, as far as files need them. */
export interface RunNumbers {
  readonly runs: readonly Run[];
  /** Numbers that no run has, and none will get. */
  reserveRuns(count: number): readonly RunNumber[];
  /** Shows runs whose traces are held. */
  restoreRuns(runs: readonly Run[]): void;
}

export const RUN_FILE_EXTENSION = "spanlight";

const FILTERS = { "Spanlight Runs": [RUN_FILE_EXTENSION] };

/** Writes one run into a file; the person says which, where there are several. */
export async function saveRun(engine: Engine, { runs }: RunNumbers): Promise<void> {
  if (runs.length === 0) {
    void vscode.window.showInformationMessage("There is no run to save yet. All Runs has what is held.");
    return;
  }
  const run = runs.length === 1 ? runs[0] : await pickRun(runs);
  if (run !== undefined) await save(engine, `${fileNameOf(run.name)}-run-${run.number}`, [run.number]);
}

/** Writes all that is held into one file. */
export function saveAllRuns(engine: Engine): Promise<void> {
  return save(engine, fileNameOf(vscode.workspace.name ?? "runs"), undefined);
}

/** Takes the runs of files in, and answers with the first trace. @param file asks the person where it is undefined. */
export async function restoreRunFiles(
  engine: Engine,
  numbers: RunNumbers,
  file?: vscode.Uri,
): Promise<TraceId | undefined> {
  const files =
    file !== undefined
      ? [file]
      : await vscode.window.showOpenDialog({ title: "Restore Runs", canSelectMany: true, filters: FILTERS });
  let first: TraceId | undefined;
  for (const uri of files ?? []) {
    const traceId = await restore(engine, numbers, uri);
    first ??= traceId;
  }
  return first;
}

async function pickRun(runs: readonly Run[]): Promise<Run | undefined> {
  const items = runs.toReversed().map((run) => ({
    label: `Run ${run.number}`,
    description: run.name,
    detail: new Date(run.startMs).toLocaleString(),
    run,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: "Save Run", matchOnDescription: true });
  return picked?.run;
}

async function save(engine: Engine, name: string, runs: readonly RunNumber[] | undefined): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: runs === undefined ? "Save All Runs" : "Save Run",
    filters: FILTERS,
    ...(folder === undefined
      ? {}
      : { defaultUri: vscode.Uri.joinPath(folder, `${name}.${RUN_FILE_EXTENSION}`) }),
  });
  if (target === undefined) return;
  const path = pathOf(target);
  if (path === undefined) return;
  const saved = await askWithProgress(engine, "Saving", saveRuns, { path, runs });
  if (saved.ok) void vscode.window.showInformationMessage(savedText(basename(path), saved.value));
  else tellUnlessCancelled("The runs could not be saved.", saved.error);
}

async function restore(engine: Engine, numbers: RunNumbers, uri: vscode.Uri): Promise<TraceId | undefined> {
  const path = pathOf(uri);
  if (path === undefined) return undefined;
  const name = basename(path);
  const described = await engine.ask(describeRuns, { path });
  if (!described.ok) {
    tellUnlessCancelled(`${name} could not be restored.`, described.error);
    return undefined;
  }
  const unknown = described.value.runs.filter(({ here }) => here === undefined);
  const reserved = numbers.reserveRuns(unknown.length);
  const renumbered = unknown.flatMap(({ number }, index) => {
    const to = reserved[index];
    return to === undefined ? [] : [{ from: number, to }];
  });
  const restored = await askWithProgress(engine, "Restoring", restoreRuns, {
    path,
    numbers: renumbered,
  });
  if (!restored.ok) {
    tellUnlessCancelled(`${name} could not be restored.`, restored.error);
    return undefined;
  }
  numbers.restoreRuns(restored.value.runs);
  const [problem] = restored.value.problems;
  if (problem !== undefined) showProblem(`${name} was restored in part.`, problem);
  else void vscode.window.showInformationMessage(restoredText(name, restored.value));
  return restored.value.traceIds[0];
}

/** The engine reads and writes files itself; those of a virtual workspace it cannot reach. */
function pathOf({ scheme, fsPath }: vscode.Uri): string | undefined {
  if (scheme === "file") return fsPath;
  showProblem("Runs are saved to and restored from files of this machine only.", {
    code: "not-on-disk",
    message: `${scheme}: is another place.`,
  });
  return undefined;
}

/** A name as every file system takes it. */
function fileNameOf(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 60) || "runs";
}
