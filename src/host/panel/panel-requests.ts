import * as vscode from "vscode";
import type { Connection } from "../../protocol/connection.ts";
import { copyText, openSource, resolveBestSource, runPanelCommand } from "../../protocol/panel.ts";
import type { SourceOpener } from "../source/source-opener.ts";

/** What the panel's buttons do: the commands that the person has in the palette too, and a few of VS Code's. */
const COMMANDS: ReadonlyMap<string, readonly [command: string, argument?: string]> = new Map<
  string,
  readonly [string, string?]
>([
  ["save-trace", ["spanlight.saveTrace"]],
  ["open-file", ["spanlight.openTraceFile"]],
  ["clear", ["spanlight.clear"]],
  ["open-settings", ["workbench.action.openSettings", "@ext:spanlight.spanlight"]],
  ["start-debugging", ["workbench.action.debug.start"]],
  ["manage-trust", ["workbench.trust.manage"]],
  ["open-beside", ["spanlight.openBeside"]],
  ["show-walkthrough", ["spanlight.showWalkthrough"]],
  ["copy-environment", ["spanlight.copyEnvironment"]],
]);

/** Answers what the panel asks of VS Code. */
export function answerPanelRequests(connection: Connection, source: SourceOpener): void {
  connection.handle(resolveBestSource, ({ locations, excerpt }) => source.resolveBest(locations, excerpt));
  connection.handle(openSource, ({ location, focus }) => source.open(location, focus));
  connection.handle(copyText, async ({ text }) => {
    await vscode.env.clipboard.writeText(text);
    return undefined;
  });
  connection.handle(runPanelCommand, ({ command, traceId }) => {
    const [id, argument] = COMMANDS.get(command) ?? [];
    // Not awaited: a dialog that the command opens may stay as long as it likes.
    if (id !== undefined) void vscode.commands.executeCommand(id, argument ?? traceId);
    return undefined;
  });
}
