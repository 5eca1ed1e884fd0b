import * as vscode from "vscode";
import type { SpanFrame } from "../../model/span-stack.ts";
import type { Engine } from "../engine/engine.ts";
import type { PanelHub } from "../panel/panel-hub.ts";
import type { PanelPlaces } from "../panel/panel-places.ts";
import type { PauseTracker } from "../session/pause-tracker.ts";
import type { SourceOpener } from "../source/source-opener.ts";
import type { ActiveSpanTracker } from "./active-span-tracker.ts";
import { SPAN_VIEW, type SpanTreeItem } from "./span-tree.ts";
import { pickUnfinished } from "./unfinished-list.ts";
import { waitsAt } from "./waits-at.ts";

export interface SpanCommandParts {
  readonly engine: Engine;
  readonly hub: PanelHub;
  readonly places: PanelPlaces;
  readonly source: SourceOpener;
  readonly activeSpans: ActiveSpanTracker;
  readonly pauses: Pick<PauseTracker, "pauses">;
}

/** The commands of the tree "Spans", and the list of what is unfinished; the panel follows what becomes active. */
export function registerSpanCommands(parts: SpanCommandParts): vscode.Disposable {
  const { engine, hub, source, activeSpans, pauses } = parts;
  const following = activeSpans.onChanged((active) => {
    const frame = active?.stack.frames[0];
    if (frame !== undefined) hub.command({ command: "select-trace", traceId: frame.traceId, row: frame.row });
  });
  return vscode.Disposable.from(
    following,
    vscode.commands.registerCommand("spanlight.openSpanSource", (item: SpanTreeItem) =>
      item.kind === "frame" ? openSource(source, item.frame) : undefined,
    ),
    vscode.commands.registerCommand("spanlight.showTraceOfSpan", (item: SpanTreeItem) =>
      item.kind === "frame" ? showTrace(parts, item.frame) : undefined,
    ),
    vscode.commands.registerCommand("spanlight.askAgain", () =>
      vscode.window.withProgress({ location: { viewId: SPAN_VIEW } }, () => activeSpans.askAgain()),
    ),
    vscode.commands.registerCommand("spanlight.showUnfinished", async () => {
      const frame = await pickUnfinished(engine, source, (one) =>
        waitsAt(one, activeSpans.active, pauses.pauses),
      );
      if (frame === undefined) return;
      await showTrace(parts, frame);
      await openSource(source, frame);
    }),
  );
}

async function openSource(source: SourceOpener, { location, name }: SpanFrame): Promise<void> {
  if (location !== undefined && (await source.open(location, false)) !== "not-found") return;
  void vscode.window.showInformationMessage(
    `Where “${name}” was made is not known, or not in this workspace.`,
  );
}

async function showTrace({ hub, places }: SpanCommandParts, { traceId, row }: SpanFrame): Promise<void> {
  await places.show(true);
  hub.command({ command: "select-trace", traceId, row });
}
