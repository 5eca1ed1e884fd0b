import * as vscode from "vscode";
import type { Listen } from "../../base/events.ts";
import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";
import type { BreakpointBook } from "./breakpoint-book.ts";
import { momentWords, spanConditionText, unsupportedWords } from "./breakpoint-words.ts";
import { enableTracepoint, setTracepoints, type SetTracepoint } from "./tracepoints.ts";

/** Id of package.json. */
const VIEW = "spanlight.spanBreakpoints";

/** A line of the list. */
export type BreakpointItem =
  | { readonly kind: "span"; readonly breakpoint: SpanBreakpoint }
  | { readonly kind: "record"; readonly tracepoint: SetTracepoint };

/** The list "Span Breakpoints" in the debug side bar, each with its checkbox: span breakpoints, then tracepoints. */
export class BreakpointTree implements vscode.Disposable, vscode.TreeDataProvider<BreakpointItem> {
  readonly #book: BreakpointBook;
  readonly #types: () => readonly string[];
  #shownTypes = "";
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<BreakpointItem>;
  readonly #listening: vscode.Disposable;
  readonly onDidChangeTreeData = this.#changed.event;

  /** @param types the debug types of the programs that run, and when these change */
  constructor(
    book: BreakpointBook,
    types: { readonly running: () => readonly string[]; readonly onChanged: Listen<undefined> },
  ) {
    this.#book = book;
    this.#types = types.running;
    this.#view = vscode.window.createTreeView(VIEW, {
      treeDataProvider: this,
      manageCheckboxStateManually: true,
    });
    const changed = (): void => {
      this.#changed.fire(undefined);
      this.#tellWhetherAny();
    };
    let count = book.all.length;
    this.#listening = vscode.Disposable.from(
      book.onChanged(() => {
        changed();
        if (book.all.length > count) this.#show(book.all.at(-1));
        count = book.all.length;
      }),
      vscode.debug.onDidChangeBreakpoints(changed),
      types.onChanged(() => {
        const shown = types.running().join(" ");
        if (shown !== this.#shownTypes) changed();
        this.#shownTypes = shown;
      }),
      this.#view.onDidChangeCheckboxState(({ items }) => {
        for (const [item, state] of items) this.#enable(item, state === vscode.TreeItemCheckboxState.Checked);
      }),
    );
    this.#tellWhetherAny();
  }

  /** Says why a program stands, above the list; undefined takes it away. */
  tell(message: string | undefined): void {
    this.#view.message = message ?? "";
  }

  getChildren(parent?: BreakpointItem): BreakpointItem[] {
    if (parent !== undefined) return [];
    return [
      ...this.#book.all.map((breakpoint): BreakpointItem => ({ kind: "span", breakpoint })),
      ...setTracepoints().map((tracepoint): BreakpointItem => ({ kind: "record", tracepoint })),
    ];
  }

  getTreeItem(item: BreakpointItem): vscode.TreeItem {
    return item.kind === "span" ? spanLine(item.breakpoint, this.#types()) : recordLine(item.tracepoint);
  }

  dispose(): void {
    this.#listening.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  /** A list nests nothing. */
  getParent(): undefined {
    return undefined;
  }

  /** What was just added is shown, wherever it was added from. */
  #show(breakpoint: SpanBreakpoint | undefined): void {
    if (breakpoint === undefined) return;
    // A view that the person has hidden cannot be revealed.
    this.#view
      .reveal({ kind: "span", breakpoint }, { select: false, focus: false })
      .then(undefined, () => undefined);
  }

  #enable(item: BreakpointItem, enabled: boolean): void {
    if (item.kind === "span") this.#book.replace({ ...item.breakpoint, enabled });
    else enableTracepoint(item.tracepoint, enabled);
  }

  /** The view is there while the list has something, also without a debug session. */
  #tellWhetherAny(): void {
    const any = this.getChildren().length > 0;
    void vscode.commands.executeCommand("setContext", "spanlight.hasSpanBreakpoints", any);
  }
}

function spanLine(breakpoint: SpanBreakpoint, types: readonly string[]): vscode.TreeItem {
  const line = new vscode.TreeItem(spanConditionText(breakpoint));
  line.id = `span ${breakpoint.id}`;
  const unsupported = unsupportedWords(breakpoint, types);
  line.description = [momentWords(breakpoint), unsupported].filter(Boolean).join(" · ");
  if (unsupported !== undefined) line.iconPath = new vscode.ThemeIcon("warning");
  line.contextValue = "spanlight.spanBreakpoint";
  line.checkboxState = checkbox(breakpoint.enabled);
  line.tooltip = `${line.label as string} ${line.description}`;
  line.accessibilityInformation = { label: line.tooltip };
  return line;
}

function recordLine({ breakpoint, label }: SetTracepoint): vscode.TreeItem {
  const { uri, range } = breakpoint.location;
  const place = `${uri.path.replace(/^.*\//, "")}:${range.start.line + 1}`;
  const line = new vscode.TreeItem(label);
  line.id = `record ${breakpoint.id}`;
  line.description = `recorded at ${place}`;
  line.contextValue = "spanlight.tracepoint";
  line.checkboxState = checkbox(breakpoint.enabled);
  line.tooltip = `${label} ${line.description}`;
  line.accessibilityInformation = { label: line.tooltip };
  line.command = { command: "vscode.open", title: "Open", arguments: [uri, { selection: range }] };
  return line;
}

function checkbox(enabled: boolean): vscode.TreeItemCheckboxState {
  return enabled ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
}
