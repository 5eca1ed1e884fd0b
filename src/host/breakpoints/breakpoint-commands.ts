import * as vscode from "vscode";
import { isRecord } from "../../protocol/guard.ts";
import type { SpanBreakpoint, SpanMoment } from "../../protocol/span-breakpoint.ts";
import type { BreakpointBook } from "./breakpoint-book.ts";
import type { BreakpointItem } from "./breakpoint-tree.ts";
import { parseSpanCondition, spanConditionText } from "./breakpoint-words.ts";
import { askForTracepoint } from "./tracepoints.ts";

/** The list's commands, and those of the panel's and the editor's context menus. */
export function registerBreakpointCommands(book: BreakpointBook): vscode.Disposable {
  const forSpan = (command: string, moment: SpanMoment): vscode.Disposable =>
    vscode.commands.registerCommand(command, async (context: unknown) => {
      const name =
        isRecord(context) && typeof context["spanName"] === "string" ? context["spanName"] : undefined;
      // From the palette there is no span.
      if (name === undefined) await askForBreakpoint(book, moment);
      else if (moment === "slow") await askForBreakpoint(book, moment, { name });
      // Wildcards in a name are text here.
      else book.add({ moment, name: name.replaceAll("*", "?") });
      await vscode.commands.executeCommand("setContext", "spanlight.hasSpanBreakpoints", true);
    });
  return vscode.Disposable.from(
    forSpan("spanlight.breakWhenSpanStarts", "starts"),
    forSpan("spanlight.breakWhenSpanEnds", "ends"),
    forSpan("spanlight.breakWhenSpanFails", "fails"),
    forSpan("spanlight.pauseWhenSpanSlow", "slow"),
    vscode.commands.registerCommand("spanlight.addSpanBreakpoint", async () => {
      const moment = await askForMoment();
      if (moment !== undefined) await askForBreakpoint(book, moment);
    }),
    vscode.commands.registerCommand("spanlight.editSpanBreakpoint", async (item: BreakpointItem) => {
      if (item.kind === "span") await askForBreakpoint(book, item.breakpoint.moment, item.breakpoint);
    }),
    vscode.commands.registerCommand("spanlight.removeSpanBreakpoint", (item: BreakpointItem) => {
      if (item.kind === "span") book.remove(item.breakpoint.id);
      else vscode.debug.removeBreakpoints([item.tracepoint.breakpoint]);
    }),
    vscode.commands.registerCommand("spanlight.recordOnSpan", (place: unknown) => recordOnSpan(place)),
  );
}

const MOMENTS: readonly {
  readonly label: string;
  readonly description: string;
  readonly moment: SpanMoment;
}[] = [
  { moment: "starts", label: "Starts", description: "Node: stop when such a span starts" },
  { moment: "ends", label: "Ends", description: "Node: stop when it ends" },
  { moment: "fails", label: "Fails", description: "Node: stop when it ends with status error" },
  { moment: "slow", label: "Runs too long", description: "every language: pause the process" },
];

async function askForMoment(): Promise<SpanMoment | undefined> {
  const picked = await vscode.window.showQuickPick(MOMENTS, { title: "Add Span Breakpoint: when?" });
  return picked?.moment;
}

async function askForBreakpoint(
  book: BreakpointBook,
  moment: SpanMoment,
  before?: Partial<SpanBreakpoint>,
): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: "Span Breakpoint: which spans?",
    prompt: "A name, key=value or status=error, joined by “ & ”. * and ? are wildcards.",
    placeHolder: "GET /cart* & http.request.method=GET",
    value: before === undefined ? "" : spanConditionText(before),
    validateInput: (typed) => {
      const condition = parseSpanCondition(typed);
      return typeof condition === "string" ? condition : undefined;
    },
  });
  const condition = text === undefined ? undefined : parseSpanCondition(text);
  if (condition === undefined || typeof condition === "string") return;
  const overMs = moment === "slow" ? await askForTime(before?.overMs ?? 500) : undefined;
  if (moment === "slow" && overMs === undefined) return;
  const wish = { ...condition, moment, overMs };
  if (before?.id === undefined) book.add(wish);
  else book.replace({ ...wish, id: before.id, enabled: before.enabled ?? true });
}

async function askForTime(before: number): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: "Span Breakpoint: how long may it run?",
    prompt: "Milliseconds. Time during which its process is paused does not count.",
    value: String(before),
    validateInput: (typed) => (Number(typed) > 0 ? undefined : "A number of milliseconds."),
  });
  return text === undefined ? undefined : Number(text);
}

/** From the gutter VS Code hands the line (from 1); from the editor and the palette it is the cursor's. */
async function recordOnSpan(place: unknown): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const fromGutter =
    isRecord(place) && typeof place["lineNumber"] === "number" ? place["lineNumber"] - 1 : undefined;
  const uri = isRecord(place) && place["uri"] instanceof vscode.Uri ? place["uri"] : editor?.document.uri;
  const line = fromGutter ?? editor?.selection.active.line;
  if (uri === undefined || line === undefined) {
    void vscode.window.showInformationMessage(
      "Open a file and put the cursor on the line that is to be recorded.",
    );
    return;
  }
  const selected =
    fromGutter === undefined && editor !== undefined ? editor.document.getText(editor.selection) : "";
  await askForTracepoint(uri, line, selected);
}
