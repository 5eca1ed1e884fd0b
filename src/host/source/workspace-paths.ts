import * as vscode from "vscode";
import { relativeTo, slashPath } from "./slash-path.ts";
import type { WorkspaceFolder } from "./source-world.ts";

/** The file systems of Windows and macOS do not tell case apart, as they are usually set up. */
export const FOLDS_CASE = process.platform !== "linux";

export function folderOfWorkspace({ name, uri }: vscode.WorkspaceFolder): WorkspaceFolder {
  return { name, path: pathOf(uri) };
}

export function workspaceFolders(): readonly WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).map(folderOfWorkspace);
}

/** A document's path as the source locator has it; what is not on a disk has its path within its own file system. */
export function pathOf(uri: vscode.Uri): string {
  return uri.authority !== "" && uri.scheme === "file"
    ? `//${uri.authority}${slashPath(uri.path)}`
    : slashPath(uri.path);
}

/** The document of a path: in the file system of the workspace folder that it lies in, else on the disk. */
export function uriOf(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.find(
    (one) => one.uri.scheme !== "file" && relativeTo(pathOf(one.uri), path, false) !== undefined,
  );
  return folder === undefined ? vscode.Uri.file(path) : folder.uri.with({ path });
}
