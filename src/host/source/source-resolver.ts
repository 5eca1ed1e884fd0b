import { basename } from "node:path";
import * as vscode from "vscode";
import { isGuess, type LocationEvidence, type SourceLocation } from "../../model/source-location.ts";
import type { ResolvedSource } from "../../protocol/panel.ts";
import { excerptAround } from "./excerpt.ts";
import { parseLocationPath, type LocationPath } from "./location-path.ts";
import { longestEnding } from "./longest-ending.ts";
import { originalPosition } from "./original-position.ts";
import { mapToLocal, type PathMapping } from "./path-mappings.ts";
import type { SourceFiles } from "./source-files.ts";

/** The files that a location may mean. */
export interface Resolution {
  /** The likeliest first; more than one only where they match equally well. */
  readonly uris: readonly vscode.Uri[];
  readonly line: number;
  readonly column: number;
  /** Only the file's name agrees, or several files agree equally. */
  readonly uncertain: boolean;
}

/** Places that come from what a runtime printed, and so may lie in compiled code. */
const UNMAPPED: ReadonlySet<LocationEvidence> = new Set([
  "code-attributes",
  "exception-frame",
  "stack-frame",
]);
const COMPILED = /\.[cm]?js$/;

/** Finds the workspace's file for a location, in the order of trust: the mapped path, the path itself, its longest ending. */
export class SourceResolver {
  readonly #files: SourceFiles;
  readonly #mappings: () => readonly PathMapping[];

  /** @param mappings what the launch configurations of this window say of paths. */
  constructor(files: SourceFiles, mappings: () => readonly PathMapping[]) {
    this.#files = files;
    this.#mappings = mappings;
  }

  async resolve(location: SourceLocation): Promise<Resolution | undefined> {
    const path = parseLocationPath(location.path, process.platform === "win32");
    if (path === undefined) return undefined;
    const found = await this.#find(path);
    if (found === undefined) return undefined;
    const place = { line: wholeFrom1(location.line), column: wholeFrom1(location.column) };
    const original = await this.#original(found.uris, location, place);
    return original ?? { ...found, ...place };
  }

  /** The resolution as the panel shows it. */
  async describe(
    location: SourceLocation,
    resolution: Resolution,
    withExcerpt: boolean,
  ): Promise<ResolvedSource | undefined> {
    const uri = resolution.uris[0];
    if (uri === undefined) return undefined;
    const insideWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    const text = withExcerpt && insideWorkspace ? await this.#files.read(uri) : undefined;
    return {
      uri: uri.toString(),
      label: vscode.workspace.asRelativePath(uri),
      baseName: basename(uri.path),
      line: resolution.line,
      column: resolution.column,
      evidence: location.evidence,
      guess: isGuess(location.evidence) || resolution.uncertain,
      insideWorkspace,
      excerpt: text === undefined ? undefined : excerptAround(text, resolution.line),
    };
  }

  async #find(path: LocationPath): Promise<Pick<Resolution, "uris" | "uncertain"> | undefined> {
    for (const uri of this.#exact(path)) {
      if (await this.#files.exists(uri)) return { uris: [uri], uncertain: false };
    }
    const baseName = path.segments.at(-1);
    if (baseName === undefined) return undefined;
    const byPath = new Map((await this.#files.named(baseName)).map((uri) => [uri.path, uri]));
    const match = longestEnding(path.segments, [...byPath.keys()], process.platform !== "linux");
    const uris = match.paths.flatMap((matching) => byPath.get(matching) ?? []);
    if (uris.length === 0) return undefined;
    return { uris, uncertain: uris.length > 1 || (match.length === 1 && path.segments.length > 1) };
  }

  /** The places where the file may stand without any search. */
  #exact(path: LocationPath): readonly vscode.Uri[] {
    if (path.kind === "absolute")
      return [...mapToLocal(path.path, this.#mappings()), path.path].map((local) => vscode.Uri.file(local));
    return [
      ...mapToLocal(`/${path.segments.join("/")}`, this.#mappings()).map((local) => vscode.Uri.file(local)),
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) =>
        vscode.Uri.joinPath(uri, ...path.segments),
      ),
    ];
  }

  async #original(
    uris: readonly vscode.Uri[],
    { evidence }: SourceLocation,
    place: { readonly line: number; readonly column: number },
  ): Promise<Resolution | undefined> {
    const compiled = uris[0];
    if (compiled?.scheme !== "file" || !UNMAPPED.has(evidence) || !COMPILED.test(compiled.path))
      return undefined;
    const original = await originalPosition({ path: compiled.fsPath, ...place }, (path) =>
      this.#files.read(vscode.Uri.file(path)),
    );
    if (original === undefined) return undefined;
    const uri = vscode.Uri.file(original.path);
    if (!(await this.#files.exists(uri))) return undefined;
    return { uris: [uri], line: original.line, column: original.column, uncertain: false };
  }
}

function wholeFrom1(value: number | undefined): number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 1 ? value : 1;
}
