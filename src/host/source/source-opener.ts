import * as vscode from "vscode";
import { isGuess, type SourceLocation } from "../../model/source-location.ts";
import type { OpenOutcome, ResolvedSource } from "../../protocol/panel.ts";
import { chooseColumn, type EditorGroup } from "./editor-column.ts";
import type { LineHighlight } from "./line-highlight.ts";
import type { OutsideConsent } from "./outside-consent.ts";
import type { Resolution, SourceResolver } from "./source-resolver.ts";

const CHOICES_KEY = "source.choices";
const MAX_CHOICES = 500;

/** Leads from a span's location to its line in an editor. */
export class SourceOpener {
  readonly #resolver: SourceResolver;
  readonly #consent: OutsideConsent;
  readonly #highlight: LineHighlight;
  readonly #memory: vscode.Memento;

  constructor(parts: {
    readonly resolver: SourceResolver;
    readonly consent: OutsideConsent;
    readonly highlight: LineHighlight;
    readonly memory: vscode.Memento;
  }) {
    this.#resolver = parts.resolver;
    this.#consent = parts.consent;
    this.#highlight = parts.highlight;
    this.#memory = parts.memory;
  }

  /** The one file that a location leads to, and the line there; undefined where several are equal or only the name agrees. */
  async place(
    location: SourceLocation,
  ): Promise<{ readonly uri: string; readonly line: number } | undefined> {
    const found = await this.#resolver.resolve(location);
    const resolution = found && this.#remembered(location, found);
    const [uri, ...others] = resolution?.uris ?? [];
    if (resolution === undefined || uri === undefined || others.length > 0) return undefined;
    if (resolution.uncertain && !isGuess(location.evidence)) return undefined;
    return { uri: uri.toString(), line: resolution.line };
  }

  /** The sources that a location's file was compiled from, as its source map names them. */
  originals(location: SourceLocation): Promise<readonly string[]> {
    return this.#resolver.originals(location);
  }

  async resolve(location: SourceLocation, excerpt: boolean): Promise<ResolvedSource | undefined> {
    const resolution = await this.#resolver.resolve(location);
    if (resolution === undefined) return undefined;
    return this.#resolver.describe(location, this.#remembered(location, resolution), excerpt);
  }

  /** Resolves the first of a span's locations that leads into the person's program. */
  async resolveBest(
    locations: readonly SourceLocation[],
    excerpt: boolean,
  ): Promise<{ readonly location: SourceLocation; readonly resolved: ResolvedSource } | undefined> {
    const best = await this.#resolver.resolveBest(locations);
    if (best === undefined) return undefined;
    const { location, resolution } = best;
    const chosen = this.#remembered(location, resolution);
    const resolved = await this.#resolver.describe(location, chosen, excerpt);
    return resolved && { location, resolved };
  }

  async open(location: SourceLocation, focus: boolean): Promise<OpenOutcome> {
    const resolution = await this.#resolver.resolve(location);
    if (resolution === undefined) return "not-found";
    const uri = await this.#choose(location, resolution);
    if (uri === undefined) return "refused";
    const isInside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    if (!isInside && !(await this.#consent.allows(uri))) return "refused";
    try {
      await this.#show(uri, resolution, focus);
      return "opened";
    } catch {
      // Gone since it was found, or no text.
      return "not-found";
    }
  }

  async #show(uri: vscode.Uri, { line, column }: Resolution, focus: boolean): Promise<void> {
    const document = await vscode.workspace.openTextDocument(uri);
    const position = document.validatePosition(new vscode.Position(line - 1, column - 1));
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: chooseColumn(editorGroups(), uri.toString()) ?? vscode.ViewColumn.Beside,
      preserveFocus: !focus,
      selection: new vscode.Range(position, position),
    });
    editor.revealRange(
      new vscode.Range(position, position),
      vscode.TextEditorRevealType.InCenterIfOutsideViewport,
    );
    this.#highlight.mark(editor, position);
  }

  /** Asks once, where several files match equally well. */
  async #choose(location: SourceLocation, resolution: Resolution): Promise<vscode.Uri | undefined> {
    const { uris } = this.#remembered(location, resolution);
    if (uris.length === 1) return uris[0];
    const items = uris.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
    const picked = await vscode.window.showQuickPick(items, {
      title: "Which file made this span?",
      placeHolder: location.path === "" ? (location.functionName ?? "Several places match") : location.path,
    });
    if (picked === undefined) return undefined;
    const choices = this.#memory.get<Readonly<Record<string, string>>>(CHOICES_KEY, {});
    const kept = [...Object.entries(choices), [choiceKey(location), picked.uri.toString()] as const];
    await this.#memory.update(CHOICES_KEY, Object.fromEntries(kept.slice(-MAX_CHOICES)));
    return picked.uri;
  }

  #remembered(location: SourceLocation, resolution: Resolution): Resolution {
    const choices = this.#memory.get<Readonly<Record<string, string>>>(CHOICES_KEY, {});
    const chosen = resolution.uris.find((uri) => uri.toString() === choices[choiceKey(location)]);
    return chosen === undefined ? resolution : { ...resolution, uris: [chosen], uncertain: false };
  }
}

/** A service's paths are its own: `/app/index.js` is another file in each container. */
function choiceKey({ path, service = "", lookup }: SourceLocation): string {
  const what = lookup === undefined ? path : JSON.stringify(lookup);
  return service === "" ? what : `${service}\n${what}`;
}

function editorGroups(): readonly EditorGroup<vscode.ViewColumn>[] {
  return vscode.window.tabGroups.all.map(({ viewColumn, isActive, activeTab }) => {
    const input = activeTab?.input;
    return {
      column: viewColumn,
      isActive,
      shownDocument: input instanceof vscode.TabInputText ? input.uri.toString() : undefined,
      // VS Code puts a prefix of its own before a webview's type.
      showsPanel: input instanceof vscode.TabInputWebview && input.viewType.endsWith("spanlight.tab"),
    };
  });
}
