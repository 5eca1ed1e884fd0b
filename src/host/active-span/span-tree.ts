import * as vscode from "vscode";
import { DisposableList } from "../../base/dispose.ts";
import { formatDuration } from "../../base/time.ts";
import type { SpanFrame } from "../../model/span-stack.ts";
import type { SourceOpener } from "../source/source-opener.ts";
import type { ActiveSpan, ActiveSpanLack } from "./active-span.ts";
import type { ActiveSpanTracker } from "./active-span-tracker.ts";

/** Ids of package.json. */
export const SPAN_VIEW = "spanlight.spans";
const SHOWN_KEY = "spans.shown";
const OPEN_SOURCE = "spanlight.openSpanSource";

const LACKS: Readonly<Record<ActiveSpanLack, string>> = {
  "no span": "This thread is in no span: what it does belongs to no request that is traced.",
  "no answer":
    "The program did not say in time which span this thread is in. Ask again above, or give it longer (spanlight.activeSpan.timeout).",
  "no way":
    "Nobody knows how to ask a program of this debugger for its span, and no unfinished span was made in a function of this stack.",
};

/** A line of the tree: a span of the stack, or that its outermost parent is not here. */
export type SpanTreeItem =
  | {
      readonly kind: "frame";
      readonly frame: SpanFrame;
      readonly isActive: boolean;
      readonly isGuess: boolean;
    }
  | { readonly kind: "missing" };

/** The tree "Spans" in the debug side bar: the active span of the paused thread and its ancestors through all processes. */
export class SpanTree implements vscode.Disposable, vscode.TreeDataProvider<SpanTreeItem> {
  readonly #source: Pick<SourceOpener, "resolve">;
  readonly #memory: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<SpanTreeItem>;
  readonly #listening: DisposableList;
  /** The same objects from one change to the next, by which VS Code knows them. */
  #items: SpanTreeItem[] = [];
  readonly onDidChangeTreeData = this.#changed.event;

  /** @param sinceLastStopNs how long the session's program ran since it stopped before; undefined where it had not */
  constructor(
    tracker: ActiveSpanTracker,
    source: Pick<SourceOpener, "resolve">,
    memory: vscode.Memento,
    sinceLastStopNs: (active: ActiveSpan) => number | undefined,
  ) {
    this.#source = source;
    this.#memory = memory;
    this.#view = vscode.window.createTreeView(SPAN_VIEW, { treeDataProvider: this });
    const show = (active: ActiveSpan | undefined): void => {
      const sinceNs = active === undefined ? undefined : sinceLastStopNs(active);
      this.#view.description =
        sinceNs === undefined ? "" : `${formatDuration(sinceNs)} running since the last stop`;
      this.#view.message = tracker.lack === undefined ? "" : LACKS[tracker.lack];
      this.#items = active === undefined ? [] : itemsOf(active);
      this.#changed.fire(undefined);
      this.#showOnce();
    };
    this.#listening = new DisposableList();
    this.#listening.add(tracker.onChanged(show));
    this.#listening.add(tracker.onRefreshed(show));
  }

  getChildren(parent?: SpanTreeItem): SpanTreeItem[] {
    return parent === undefined ? this.#items : [];
  }

  async getTreeItem(item: SpanTreeItem): Promise<vscode.TreeItem> {
    if (item.kind === "missing") {
      const label = "The caller's span has not arrived";
      const missing = new vscode.TreeItem(label);
      missing.accessibilityInformation = { label };
      missing.iconPath = new vscode.ThemeIcon("question");
      missing.tooltip = "It comes when its process exports it. A process without telemetry never does.";
      return missing;
    }
    const { frame, isActive, isGuess } = item;
    const place = await this.#placeOf(frame);
    const line = new vscode.TreeItem(`${frame.service}: ${frame.name}`);
    line.id = String(frame.row);
    const running = `${formatDuration(frame.runningNs)}${frame.state === "running" ? "" : ` ${frame.state}`}`;
    line.description = [place, running, isGuess ? "a guess" : undefined].filter(Boolean).join(" · ");
    line.iconPath = new vscode.ThemeIcon(isActive ? "debug-stackframe-active" : "debug-stackframe");
    line.contextValue = "spanlight.spanFrame";
    line.tooltip = tooltipOf(frame, place, isGuess);
    line.accessibilityInformation = { label: `${frame.service}, ${frame.name}, ${line.description}` };
    if (frame.location !== undefined)
      line.command = { command: OPEN_SOURCE, title: "Open Source", arguments: [item] };
    return line;
  }

  /** Only the top level exists. */
  getParent(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  /**
   * Opens the view the first time that it has something to say in this workspace; afterwards it stays as the person leaves
   * it. VS Code cannot reveal what has been replaced meanwhile, a guess by the answer: then the next change opens it.
   */
  #showOnce(): void {
    const [first] = this.#items;
    if (first === undefined || this.#memory.get<boolean>(SHOWN_KEY) === true) return;
    this.#view.reveal(first, { select: false, focus: false }).then(
      () => this.#memory.update(SHOWN_KEY, true),
      () => undefined,
    );
  }

  async #placeOf({ location }: SpanFrame): Promise<string | undefined> {
    if (location === undefined) return undefined;
    const resolved = await this.#source.resolve(location, false);
    return resolved === undefined ? undefined : `${resolved.baseName}:${resolved.line}`;
  }
}

function itemsOf({ stack, guess }: ActiveSpan): SpanTreeItem[] {
  const frames = stack.frames.map((frame, index): SpanTreeItem => ({
    kind: "frame",
    frame,
    isActive: index === 0,
    isGuess: frame.guessedCaller || (index === 0 && guess),
  }));
  return stack.parentMissing ? [...frames, { kind: "missing" }] : frames;
}

function tooltipOf(frame: SpanFrame, place: string | undefined, isGuess: boolean): string {
  const { service, name, runningNs, state } = frame;
  const lines = [
    `${service}: ${name}`,
    state === "running"
      ? `running for ${formatDuration(runningNs)}, without pauses`
      : `${state}, ran ${formatDuration(runningNs)}`,
    place,
    isGuess ? guessReason(frame) : undefined,
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

function guessReason({ guessedCaller }: SpanFrame): string {
  return guessedCaller
    ? "A guess: the span that made the call has not arrived. This one of its trace was running then."
    : "A guess: the program could not be asked. This unfinished span was made in a function of the stack.";
}
