import * as vscode from "vscode";
import { isTraceId, type TraceId } from "../../model/ids.ts";
import { clearStore, pinTrace } from "../../protocol/engine.ts";
import type { Engine } from "../engine/engine.ts";
import type { PanelHub } from "../panel/panel-hub.ts";
import type { PanelPlaces } from "../panel/panel-places.ts";
import { restoreRunFiles, saveAllRuns, saveRun, type RunNumbers } from "./run-files.ts";
import { openTraceFiles, saveTraces } from "./trace-files.ts";

export interface CommandParts {
  readonly engine: Engine;
  readonly hub: PanelHub;
  readonly places: PanelPlaces;
  readonly runs: RunNumbers;
  /** Opens the receiver for programs that are started outside the debugger, and tells the variables they need. */
  readonly environmentForOthers: () => Promise<Readonly<Record<string, string>> | undefined>;
}

/** The commands of package.json, without their prefix. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const { engine, hub, places, runs } = parts;
  const show = async (traceId: TraceId | undefined): Promise<void> => {
    if (traceId === undefined) return;
    await places.show(true);
    hub.command({ command: "select-trace", traceId });
  };
  const commands: Readonly<Record<string, (argument: unknown) => unknown>> = {
    openPanel: () => places.show(false),
    openBeside: () => places.openBeside(),
    clear: async () => {
      await engine.ask(clearStore, { keepPinned: true });
      engine.forgetRestart();
    },
    pinTrace: () => pin(parts, true),
    unpinTrace: () => pin(parts, false),
    saveTrace: (argument) => {
      const traceId = isTraceId(argument) ? argument : hub.selection.traceId;
      if (traceId !== undefined) return saveTraces(engine, traceId);
      return vscode.window.showInformationMessage("Select a trace in the panel, then save it.");
    },
    saveAllTraces: () => saveTraces(engine, undefined),
    openTraceFile: async (argument) => {
      // A tab's menu hands over the tab's own URI, which is no file.
      const file = argument instanceof vscode.Uri && argument.scheme === "file" ? argument : undefined;
      await show(await openTraceFiles(engine, runs, file));
    },
    saveRun: () => saveRun(engine, runs),
    saveAllRuns: () => saveAllRuns(engine),
    restoreRuns: async (argument) => {
      const file = argument instanceof vscode.Uri && argument.scheme === "file" ? argument : undefined;
      await show(await restoreRunFiles(engine, runs, file));
    },
    searchTraces: async () => {
      await places.show(false);
      hub.command({ command: "focus-search" });
    },
    zoomToFit: () => hub.command({ command: "zoom-fit" }),
    copyEnvironment: () => copyEnvironment(parts),
    restartEngine: () => engine.restart(),
    showWalkthrough: () =>
      vscode.commands.executeCommand("workbench.action.openWalkthrough", "spanlight.spanlight#start", false),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`spanlight.${name}`, run),
    ),
  );
}

async function pin({ engine, hub }: CommandParts, pinned: boolean): Promise<void> {
  const { traceId } = hub.selection;
  if (traceId !== undefined) await engine.ask(pinTrace, { traceId, pinned });
}

async function copyEnvironment({ environmentForOthers }: CommandParts): Promise<void> {
  const variables = await environmentForOthers();
  if (variables === undefined) return;
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  await vscode.env.clipboard.writeText(`${lines.join("\n")}\n`);
  void vscode.window.setStatusBarMessage(`Copied ${lines.length} variables`, 4000);
}
