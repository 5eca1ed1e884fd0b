import * as vscode from "vscode";
import {
  parseTracepoint,
  problemOfExpression,
  tracepointCondition,
  tracepointLanguage,
  type Tracepoint,
} from "./tracepoint-condition.ts";

/** A tracepoint is a breakpoint of VS Code whose condition records; nothing else of it is kept anywhere. */
export interface SetTracepoint extends Tracepoint {
  readonly breakpoint: vscode.SourceBreakpoint;
}

/** The tracepoints among VS Code's breakpoints, in its order. */
export function setTracepoints(): readonly SetTracepoint[] {
  return vscode.debug.breakpoints.flatMap((breakpoint) => {
    if (!(breakpoint instanceof vscode.SourceBreakpoint)) return [];
    const tracepoint = parseTracepoint(breakpoint.condition);
    return tracepoint === undefined ? [] : [{ ...tracepoint, breakpoint }];
  });
}

/** Asks for an expression, and records it whenever the line runs. */
export async function askForTracepoint(uri: vscode.Uri, line: number, suggested: string): Promise<void> {
  const { languageId } = await vscode.workspace.openTextDocument(uri);
  const language = tracepointLanguage(languageId);
  if (language === undefined) {
    void vscode.window.showInformationMessage(
      "Recording on the span works in JavaScript and TypeScript for Node, and in Python.",
    );
    return;
  }
  const expression = await vscode.window.showInputBox({
    title: `Record on Span: line ${line + 1}`,
    prompt: "An expression. Its value becomes an event on the active span whenever the line runs.",
    value: suggested,
    placeHolder: "cart.total",
    validateInput: (text) => problemOfExpression(text, language),
  });
  if (expression === undefined || expression.trim() === "") return;
  const label = expression.trim();
  const place = new vscode.Location(uri, new vscode.Position(line, 0));
  addTracepoint(
    { label, expression: label },
    tracepointCondition({ label, expression: label }, language),
    place,
    true,
  );
}

/** VS Code's breakpoints cannot be switched from here; one that is switched takes the other's place. */
export function enableTracepoint({ breakpoint, label, expression }: SetTracepoint, enabled: boolean): void {
  vscode.debug.removeBreakpoints([breakpoint]);
  addTracepoint({ label, expression }, breakpoint.condition ?? "", breakpoint.location, enabled);
}

/** With a message it is drawn as a logpoint is. The message is never printed, as the condition never holds. */
function addTracepoint(
  { label }: Tracepoint,
  condition: string,
  place: vscode.Location,
  enabled: boolean,
): void {
  const message = `records on the span: ${label.replace(/[{}]/g, "")}`;
  vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place, enabled, condition, undefined, message)]);
}
