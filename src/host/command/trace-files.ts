import { basename } from "node:path";
import * as vscode from "vscode";
import { messageOf, type Problem } from "../../base/result.ts";
import type { TraceId } from "../../model/ids.ts";
import { exportTraces, importTraces } from "../../protocol/engine.ts";
import type { Engine } from "../engine/engine.ts";
import { showProblem } from "./problem-message.ts";
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
  const exported = await engine.ask(exportTraces, {
    traceIds: traceId === undefined ? undefined : [traceId],
  });
  if (!exported.ok) {
    showProblem("The traces could not be saved.", exported.error);
    return;
  }
  if (exported.value.spanCount === 0) {
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
  try {
    await vscode.workspace.fs.writeFile(target, exported.value.json);
  } catch (thrown) {
    showProblem("The traces could not be saved.", { code: "cannot-write", message: messageOf(thrown) });
    return;
  }
  const { spanCount } = exported.value;
  void vscode.window.showInformationMessage(
    `Saved ${spanCount} ${spanCount === 1 ? "span" : "spans"} to ${basename(target.path)}.`,
  );
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
