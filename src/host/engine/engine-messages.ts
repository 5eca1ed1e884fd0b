import * as vscode from "vscode";
import type { Engine } from "./engine.ts";

/** Tells the person what the panel alone might tell too late: that the engine died, and the first problem of each kind. */
export function tellEngineMessages(engine: Engine): vscode.Disposable {
  const told = new Set<string>();
  const restarted = engine.onRestarted((note) => {
    void vscode.window.showWarningMessage(`Spanlight: ${note}`);
  });
  const problem = engine.onProblemFound(({ code, message, advice }) => {
    if (told.has(code)) return;
    told.add(code);
    const text = `Spanlight: ${message}${advice === undefined ? "" : ` ${advice}`}`;
    void vscode.window.showWarningMessage(text, "Copy Details").then((answer) => {
      if (answer !== undefined) void vscode.env.clipboard.writeText(`${code}: ${text}`);
    });
  });
  return vscode.Disposable.from(restarted, problem);
}
