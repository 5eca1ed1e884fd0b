import * as vscode from "vscode";
import { functionAround } from "../editor/function-place.ts";
import type { StackFrame } from "./stack-book.ts";

/** Functions further out tell little, and each file's symbols cost a request to its language. */
const MAX_FRAMES = 8;

interface Place {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** The functions that these frames are in, in their order: where an unfinished span may have been made. */
export function guessPlaces(frames: readonly StackFrame[]): Promise<readonly Place[]> {
  const own = frames
    .flatMap((frame) => placeOf(frame) ?? [])
    .filter(({ uri }) => vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  return Promise.all(own.slice(0, MAX_FRAMES).map(({ uri, line }) => functionAround(uri, line)));
}

function placeOf({
  path,
  line,
}: StackFrame): { readonly uri: vscode.Uri; readonly line: number } | undefined {
  return path === undefined || line < 1 ? undefined : { uri: uriOf(path), line: line - 1 };
}

/** In a remote window some replies name files by the window's URIs, which are plain files where the extension runs. */
function uriOf(path: string): vscode.Uri {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return vscode.Uri.file(path);
  const uri = vscode.Uri.parse(path);
  return uri.scheme === "vscode-remote" ? vscode.Uri.file(uri.path) : uri;
}
