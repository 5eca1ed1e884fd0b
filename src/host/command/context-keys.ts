import * as vscode from "vscode";
import type { PanelHub } from "../panel/panel-hub.ts";

/** Keeps the context keys that menus ask for (package.json, `when`). */
export function keepContextKeys(hub: PanelHub): vscode.Disposable {
  const set = (key: string, value: boolean): void => {
    void vscode.commands.executeCommand("setContext", `spanlight.${key}`, value);
  };
  set("active", true);
  const listening = hub.onSelectionChanged(({ traceId, pinned }) => {
    set("traceSelected", traceId !== undefined);
    set("tracePinned", pinned);
  });
  return vscode.Disposable.from(listening);
}
