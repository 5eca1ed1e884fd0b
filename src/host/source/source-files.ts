import * as vscode from "vscode";

/** Larger than a source that people edit; bundles with inline maps come near. */
const MAX_BYTES = 16 * 1024 * 1024;
/** More files of one name than a person can choose from. */
const MAX_CANDIDATES = 200;
/** For as long a search for a file's name is believed. Spans of one trace ask for the same few names in a burst. */
const SEARCH_TTL_MS = 10_000;

interface Search {
  readonly atMs: number;
  readonly found: Promise<readonly vscode.Uri[]>;
}

/** The workspace's files as the resolver needs them. */
export class SourceFiles {
  readonly #searches = new Map<string, Search>();

  async exists(uri: vscode.Uri): Promise<boolean> {
    try {
      return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
    } catch {
      return false;
    }
  }

  /** The text of a file: as it stands in an open editor, else from the disk. Undefined where it cannot be read as a source. */
  async read(uri: vscode.Uri): Promise<string | undefined> {
    const open = vscode.workspace.textDocuments.find(
      (document) => document.uri.toString() === uri.toString(),
    );
    if (open !== undefined) return open.getText();
    try {
      if ((await vscode.workspace.fs.stat(uri)).size > MAX_BYTES) return undefined;
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    } catch {
      return undefined;
    }
  }

  /** The workspace's files of this name, without those of dependencies. */
  named(baseName: string): Promise<readonly vscode.Uri[]> {
    const known = this.#searches.get(baseName);
    if (known !== undefined && Date.now() - known.atMs < SEARCH_TTL_MS) return known.found;
    const glob = `**/${baseName.replace(/[*?[\]{}!,]/g, "?")}`;
    const found = Promise.resolve(
      vscode.workspace.findFiles(glob, "**/{node_modules,.git}/**", MAX_CANDIDATES),
    ).then(
      (uris) =>
        uris.sort((one, other) => one.path.length - other.path.length || (one.path < other.path ? -1 : 1)),
      () => [],
    );
    this.#searches.set(baseName, { atMs: Date.now(), found });
    return found;
  }
}
