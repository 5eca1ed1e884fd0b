import * as vscode from "vscode";
import { functionAround } from "../editor/function-place.ts";
import { listField, numberField, textField, type Debuggee, type StoppedFrame } from "./debuggee.ts";

/** Functions further out tell little, and each file's symbols cost a request to its language. */
const MAX_FRAMES = 8;

interface Place {
  readonly path: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** The functions that a stopped thread is in, from the selected frame outwards: where an unfinished span may have been made. */
export async function guessPlaces(
  debuggee: Debuggee,
  { threadId, frameId }: StoppedFrame,
): Promise<readonly Place[]> {
  const stack = await debuggee.request("stackTrace", { threadId, levels: 50 }).catch(() => undefined);
  const frames = listField(stack, "stackFrames");
  const at = frames.findIndex((frame) => numberField(frame, "id") === frameId);
  const inner = frames.slice(Math.max(0, at)).flatMap((frame) => placeOf(frame) ?? []);
  const own = inner.filter(({ uri }) => vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  return Promise.all(own.slice(0, MAX_FRAMES).map(({ uri, line }) => functionAround(uri, line)));
}

function placeOf(frame: unknown): { readonly uri: vscode.Uri; readonly line: number } | undefined {
  const source: unknown =
    typeof frame === "object" && frame !== null ? Reflect.get(frame, "source") : undefined;
  const path = textField(source, "path");
  const line = numberField(frame, "line");
  if (path === undefined || line === undefined || line < 1) return undefined;
  return { uri: uriOf(path), line: line - 1 };
}

/** In a remote window some replies name files by the window's URIs, which are plain files where the extension runs. */
function uriOf(path: string): vscode.Uri {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return vscode.Uri.file(path);
  const uri = vscode.Uri.parse(path);
  return uri.scheme === "vscode-remote" ? vscode.Uri.file(uri.path) : uri;
}
