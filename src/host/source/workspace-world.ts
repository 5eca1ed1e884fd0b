import { realpath } from "node:fs/promises";
import * as vscode from "vscode";
import { relativeTo, slashPath } from "./slash-path.ts";
import type { FoundSymbol, SourceWorld, WorkspaceFolder } from "./source-world.ts";
import { FOLDS_CASE, pathOf, uriOf, workspaceFolders } from "./workspace-paths.ts";

/** Larger than a source that people edit; bundles with inline maps come near. */
const MAX_BYTES = 16 * 1024 * 1024;
/** More files of one name than a person can choose from. */
const MAX_CANDIDATES = 200;
/** For as long a search for a file's name is believed. Spans of one trace ask for the same few names in a burst. */
const SEARCH_TTL_MS = 10_000;
/** Languages' extensions may load for minutes before they answer. */
const SYMBOLS_TIMEOUT_MS = 1500;

const DEPENDENCIES = "node_modules,.git,site-packages,.venv,.yarn,bower_components";
const GENERATED = "dist,build,out,target,bin,obj,.next,coverage,vendor,venv,__pycache__";

interface Search {
  readonly atMs: number;
  readonly found: Promise<readonly string[]>;
}

/** The window's workspace, as the source locator needs it. */
export class WorkspaceWorld implements SourceWorld {
  readonly windows = process.platform === "win32";
  readonly foldsCase = FOLDS_CASE;
  readonly environment = process.env;
  readonly #searches = new Map<string, Search>();

  get folders(): readonly WorkspaceFolder[] {
    return workspaceFolders();
  }

  async actual(path: string): Promise<string | undefined> {
    try {
      const uri = uriOf(path);
      if (((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) === 0) return undefined;
      if (uri.scheme !== "file") return path;
      const real = slashPath(await realpath(uri.fsPath));
      const isInside = this.folders.some((folder) => relativeTo(folder.path, real, FOLDS_CASE) !== undefined);
      return isInside ? real : path;
    } catch {
      return undefined;
    }
  }

  /** As it stands in an open editor, else from the disk. */
  async read(path: string): Promise<string | undefined> {
    const uri = uriOf(path);
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

  named(baseName: string): Promise<readonly string[]> {
    const known = this.#searches.get(baseName);
    if (known !== undefined && Date.now() - known.atMs < SEARCH_TTL_MS) return known.found;
    const glob = `**/${baseName.replace(/[*?[\]{}!,]/g, "?")}`;
    const found = find(glob, `**/{${DEPENDENCIES}}/**`, MAX_CANDIDATES).then((paths) =>
      paths.sort((one, other) => one.length - other.length || (one < other ? -1 : 1)),
    );
    this.#searches.set(baseName, { atMs: Date.now(), found });
    return found;
  }

  sources(extensions: readonly string[], max: number): Promise<readonly string[]> {
    const ending = extensions.length === 1 ? (extensions[0] ?? "") : `{${extensions.join()}}`;
    return find(`**/*.${ending}`, `**/{${DEPENDENCIES},${GENERATED}}/**`, max);
  }

  async symbols(name: string): Promise<readonly FoundSymbol[]> {
    const asked = vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>(
      "vscode.executeWorkspaceSymbolProvider",
      name,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), SYMBOLS_TIMEOUT_MS);
    });
    const found = await Promise.race([asked.then(undefined, () => undefined), late]);
    clearTimeout(timer);
    return (found ?? []).slice(0, MAX_CANDIDATES).map((symbol) => ({
      name: symbol.name,
      container: symbol.containerName,
      path: pathOf(symbol.location.uri),
      line: symbol.location.range.start.line + 1,
      column: symbol.location.range.start.character + 1,
    }));
  }

  /** A file has appeared or gone. */
  filesChanged(): void {
    this.#searches.clear();
  }
}

async function find(include: string, exclude: string, max: number): Promise<string[]> {
  try {
    return (await vscode.workspace.findFiles(include, exclude, max)).map(pathOf);
  } catch {
    return [];
  }
}
