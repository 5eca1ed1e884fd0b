import * as vscode from "vscode";
import type { PanelState } from "../../protocol/panel.ts";
import { statusText } from "./status-text.ts";

/** Spanlight's one item in the status bar; a click opens the panel. */
export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("traces", vscode.StatusBarAlignment.Left, 0);

  constructor() {
    this.#item.name = "Spanlight";
    this.#item.command = "spanlight.openPanel";
  }

  show(state: PanelState): void {
    const { text, label, tooltip, isError } = statusText(state);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label, role: "button" };
    this.#item.backgroundColor = isError ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
