import * as vscode from "vscode";
import { formatDuration } from "../../base/time.ts";
import type { SpanFrame } from "../../model/span-stack.ts";
import { listUnfinished } from "../../protocol/active-span.ts";
import type { Engine } from "../engine/engine.ts";
import type { SourceOpener } from "../source/source-opener.ts";

/** More than a person looks through. */
const MAX_SHOWN = 200;

/**
 * The span that a person picked from those that are unfinished right now; undefined where none was.
 * @param waitsAt what is known of where it hangs, in words
 */
export async function pickUnfinished(
  engine: Pick<Engine, "ask">,
  source: Pick<SourceOpener, "resolve">,
  waitsAt: (frame: SpanFrame) => string | undefined,
): Promise<SpanFrame | undefined> {
  const listed = await engine.ask(listUnfinished, { limit: MAX_SHOWN, atMs: Date.now() });
  if (!listed.ok) {
    void vscode.window.showErrorMessage(`Spanlight: ${listed.error.message}`);
    return undefined;
  }
  const { spans, count } = listed.value;
  if (count === 0) {
    void vscode.window.showInformationMessage("No span is unfinished: nothing hangs right now.");
    return undefined;
  }
  const items = await Promise.all(spans.map((frame) => itemOf(frame, source, waitsAt(frame))));
  const more = count > spans.length ? `, the ${spans.length} that began first` : "";
  const picked = await vscode.window.showQuickPick(items, {
    title: `Unfinished spans: ${count}${more}`,
    placeHolder: "Pick one to see its trace and its line",
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.frame;
}

async function itemOf(
  frame: SpanFrame,
  source: Pick<SourceOpener, "resolve">,
  waiting: string | undefined,
): Promise<vscode.QuickPickItem & { readonly frame: SpanFrame }> {
  const resolved = frame.location === undefined ? undefined : await source.resolve(frame.location, false);
  const place = resolved === undefined ? "" : ` at ${resolved.baseName}:${resolved.line}`;
  return {
    frame,
    label: `${frame.service}: ${frame.name}`,
    description: `running for ${formatDuration(frame.runningNs)}${place}`,
    ...(waiting !== undefined && { detail: waiting }),
  };
}
