import * as vscode from "vscode";
import { DisposableList } from "../../base/dispose.ts";
import type { SessionId } from "../../model/ids.ts";
import type { SourceLocation } from "../../model/source-location.ts";
import type { ResolvedSource } from "../../protocol/panel.ts";
import { bestSource } from "./best-source.ts";
import type { KnownPaths } from "./file-finder.ts";
import { excerptAround } from "./excerpt.ts";
import { baseNameOf, extensionOf } from "./slash-path.ts";
import { SEARCHED_EXTENSIONS } from "./source-extensions.ts";
import { isUncertain, SourceLocator, type FoundSource } from "./source-locator.ts";
import { pathOf, uriOf } from "./workspace-paths.ts";
import { WorkspaceWorld } from "./workspace-world.ts";

/** The files that a location may mean. */
export interface Resolution {
  /** The likeliest first; more than one only where they match equally well. */
  readonly uris: readonly vscode.Uri[];
  readonly line: number;
  readonly column: number;
  /** It was inferred, only the file's name agrees, or several files agree equally. */
  readonly uncertain: boolean;
}

/** Finds the documents of the workspace for locations, and forgets what it knows of files when these change. */
export class SourceResolver implements vscode.Disposable {
  readonly #world = new WorkspaceWorld();
  readonly #locator = new SourceLocator(this.#world);
  readonly #known: (session: SessionId | undefined) => KnownPaths;
  readonly #listening = new DisposableList();
  #isListening = false;

  /** @param known what the launch configurations of this window say of paths. */
  constructor(known: (session: SessionId | undefined) => KnownPaths) {
    this.#known = known;
  }

  async resolve(location: SourceLocation): Promise<Resolution | undefined> {
    this.#listen();
    const found = await this.#locator.locate(location, this.#known(location.session));
    return found && resolutionOf(location, found);
  }

  /** The sources that a location's file was compiled from, as its source map names them. */
  originals(location: SourceLocation): Promise<readonly string[]> {
    this.#listen();
    return this.#locator.originals(location, this.#known(location.session));
  }

  /** The first of a span's locations that leads into the person's program. */
  async resolveBest(
    locations: readonly SourceLocation[],
  ): Promise<{ readonly location: SourceLocation; readonly resolution: Resolution } | undefined> {
    this.#listen();
    const best = await bestSource(this.#locator, locations, this.#known(locations[0]?.session));
    return best && { location: best.location, resolution: resolutionOf(best.location, best.found) };
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
    const text = withExcerpt && insideWorkspace ? await this.#world.read(pathOf(uri)) : undefined;
    return {
      uri: uri.toString(),
      label: vscode.workspace.asRelativePath(uri),
      baseName: baseNameOf(uri.path),
      line: resolution.line,
      column: resolution.column,
      evidence: location.evidence,
      guess: resolution.uncertain,
      insideWorkspace,
      excerpt: text === undefined ? undefined : excerptAround(text, resolution.line),
    };
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** From the first look-up on: a window that debugs nothing watches nothing. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    const watcher = vscode.workspace.createFileSystemWatcher(`**/*.{${SEARCHED_EXTENSIONS.join()}}`);
    const moved = (uri: vscode.Uri): void => {
      this.#world.filesChanged();
      this.#locator.moved(pathOf(uri));
    };
    this.#listening.add(watcher);
    this.#listening.add(watcher.onDidCreate(moved));
    this.#listening.add(watcher.onDidDelete(moved));
    this.#listening.add(watcher.onDidChange((uri) => this.#locator.changed(pathOf(uri))));
    this.#listening.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        // Output channels and consoles are documents, too.
        if (contentChanges.length > 0 && SEARCHED.has(extensionOf(pathOf(document.uri))))
          this.#locator.edited(pathOf(document.uri));
      }),
    );
    this.#listening.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.#world.filesChanged();
        this.#locator.moved("");
      }),
    );
  }
}

const SEARCHED: ReadonlySet<string> = new Set(SEARCHED_EXTENSIONS);

function resolutionOf(location: SourceLocation, found: FoundSource): Resolution {
  const { paths, line, column } = found;
  return { uris: paths.map(uriOf), line, column, uncertain: isUncertain(location, found) };
}
