import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { err, messageOf, type Problem, type Result } from "../../base/result.ts";
import type { TraceId } from "../../model/ids.ts";
import { importTraces } from "../../protocol/engine.ts";
import { saveTraces as saveTracesToFile } from "../../protocol/run-file.ts";
import type { Engine } from "../engine/engine.ts";
import { askWithProgress, tellUnlessCancelled } from "./file-progress.ts";
import { showProblem } from "./problem-message.ts";
import { savedText } from "./run-file-text.ts";
import { restoreRunFiles, RUN_FILE_EXTENSION, type RunNumbers } from "./run-files.ts";

/** A file is read whole; one that is larger than the engine may hold is refused before that. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

const SAVE_FILTERS = { "OTLP JSON": ["json"] };
const OPEN_FILTERS = {
  Traces: ["json", "jsonl", "ndjson", "pb", "bin", "binpb", "otlp", RUN_FILE_EXTENSION],
  "All Files": ["*"],
};

/** Writes traces to a file as OTLP JSON. @param traceId one trace; all that are held where it is undefined. */
export async function saveTraces(engine: Engine, traceId: TraceId | undefined): Promise<void> {
  if (engine.state?.spanCount === 0) {
    void vscode.window.showInformationMessage("There are no traces to save yet.");
    return;
  }
  const name = traceId === undefined ? "traces.json" : `trace-${traceId.slice(0, 8)}.json`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({
    title: "Save as OTLP JSON",
    filters: SAVE_FILTERS,
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (target === undefined) return;
  const saved = await throughDisk(target, (path) =>
    askWithProgress(engine, "Saving", saveTracesToFile, {
      path,
      traceIds: traceId === undefined ? undefined : [traceId],
    }),
  );
  if (!saved.ok) {
    tellUnlessCancelled("The traces could not be saved.", saved.error);
    return;
  }
  const counts = { pointCount: 0, logCount: 0, ...saved.value };
  void vscode.window.showInformationMessage(savedText(basename(target.path), counts));
}

/** The engine writes files of this machine only; for another place it writes one that is copied there. */
async function throughDisk<Value>(
  target: vscode.Uri,
  write: (path: string) => Thenable<Result<Value, Problem>>,
): Promise<Result<Value, Problem>> {
  if (target.scheme === "file") return write(target.fsPath);
  try {
    const folder = await mkdtemp(join(tmpdir(), "spanlight-"));
    try {
      const path = join(folder, basename(target.path));
      const written = await write(path);
      if (written.ok) await vscode.workspace.fs.copy(vscode.Uri.file(path), target, { overwrite: true });
      return written;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (thrown) {
    return err({ code: "cannot-write", message: messageOf(thrown) });
  }
}

/**
 * Reads files of traces into the engine, saved runs among them. Answers with the first trace that was read.
 * @param file asks the person where it is undefined.
 */
export async function openTraceFiles(
  engine: Engine,
  numbers: RunNumbers,
  file?: vscode.Uri,
): Promise<TraceId | undefined> {
  const files =
    file !== undefined
      ? [file]
      : await vscode.window.showOpenDialog({
          title: "Open Traces (OTLP JSON or protobuf, or saved runs)",
          canSelectMany: true,
          filters: OPEN_FILTERS,
        });
  let first: TraceId | undefined;
  for (const uri of files ?? []) {
    const isRunFile = uri.path.endsWith(`.${RUN_FILE_EXTENSION}`);
    const traceId = isRunFile
      ? await restoreRunFiles(engine, numbers, uri)
      : await openTraceFile(engine, uri);
    first ??= traceId;
  }
  return first;
}

async function openTraceFile(engine: Engine, uri: vscode.Uri): Promise<TraceId | undefined> {
  const name = basename(uri.path);
  const bytes = await readWhole(uri);
  if (!(bytes instanceof Uint8Array)) {
    showProblem(`${name} could not be read.`, bytes);
    return undefined;
  }
  const imported = await engine.ask(importTraces, { name, bytes });
  if (!imported.ok) {
    showProblem(`${name} could not be opened.`, imported.error);
    return undefined;
  }
  const { traceIds, spanCount, rejectedCount, problem } = imported.value;
  if (spanCount === 0) {
    showProblem(
      `${name} holds no traces.`,
      problem ?? {
        code: "no-traces",
        message: "OTLP JSON (one object, or one a line) and OTLP protobuf are read.",
      },
    );
  } else if (rejectedCount > 0 || problem !== undefined) {
    const reason = problem === undefined ? "" : `: ${problem.message}`;
    void vscode.window.showWarningMessage(
      `${name}: ${spanCount} spans were read, ${rejectedCount} were not${reason}`,
    );
  }
  return traceIds[0];
}

async function readWhole(uri: vscode.Uri): Promise<Uint8Array | Problem> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MAX_FILE_BYTES)
      return { code: "file-too-large", message: `It has ${size} bytes; ${MAX_FILE_BYTES} can be opened.` };
    return await vscode.workspace.fs.readFile(uri);
  } catch (thrown) {
    return { code: "cannot-read", message: messageOf(thrown) };
  }
}
