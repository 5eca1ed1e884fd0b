import * as vscode from "vscode";
import type { Problem } from "../../base/result.ts";

/** Shows what happened, and why, and offers the details for a report. */
export function showProblem(what: string, { code, message, advice }: Problem): void {
  const text = [what, message, advice].filter((part) => part !== undefined).join(" ");
  void vscode.window.showErrorMessage(text, "Copy Details").then((answer) => {
    if (answer !== undefined) void vscode.env.clipboard.writeText(`${code}: ${text}`);
  });
}
