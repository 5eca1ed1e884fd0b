import type { TraceColumns } from "../../src/model/trace.ts";

/**
 * What VS Code's own context menu knows of a span, for an element's `data-vscode-context`: package.json, `webview/context`,
 * shows commands where `webviewSection` is `span` and hands them these values.
 */
export function spanContext(columns: TraceColumns, span: number): string {
  return JSON.stringify({
    webviewSection: "span",
    spanName: columns.strings[columns.name[span] ?? 0] ?? "",
    preventDefaultContextMenuItems: true,
  });
}
