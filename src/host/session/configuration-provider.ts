import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Session } from "../../model/session.ts";
import type { SpanBreakpoint } from "../../protocol/span-breakpoint.ts";
import { readSettings } from "../config/settings.ts";
import { prepareForBreakpoints } from "../breakpoints/prepare-launch.ts";
import type { Engine } from "../engine/engine.ts";
import { completeEnvironment } from "./complete-environment.ts";
import { parseCompounds } from "./compounds.ts";
import { endpointOf } from "./endpoint.ts";
import { parseEnvFile } from "./env-file.ts";
import { decideLaunch } from "./launch-decision.ts";
import { neededVariables } from "./needed-variables.ts";
import { serviceNameOf } from "./service-name.ts";
import type { Compound } from "./run-book.ts";
import { SESSION_MARK, type SessionBook } from "./session-book.ts";

export interface ConfigurationProviderOptions {
  readonly sessions: SessionBook;
  readonly engine: Engine;
  /** Absolute path of the Node agent's preload script. */
  readonly agentPath: string;
  /** The endpoint's session of programs that the debugger did not start, such as those it attaches to. */
  readonly outsideSession: Session["id"];
  /** What a Node program is to be stopped by from its start on. */
  readonly spanBreakpoints: () => readonly SpanBreakpoint[];
  /** Called before the receiver is opened for a launch. */
  readonly onReceiverNeeded: () => void;
}

/**
 * Completes the environment of whatever is launched. VS Code asks for one launch several times, with and without the
 * variables of launch.json substituted, and again for child sessions; every answer applied to itself stays the same.
 */
export class ConfigurationProvider implements vscode.DebugConfigurationProvider {
  readonly #options: ConfigurationProviderOptions;

  constructor(options: ConfigurationProviderOptions) {
    this.#options = options;
  }

  /** Comes before `preLaunchTask` and at the same moment for all of a compound: here the launch gets its run. */
  resolveDebugConfiguration(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration {
    // Without a type no debugger has been found yet; VS Code asks again when there is one.
    if (typeof configuration.type !== "string" || "__pendingTargetId" in configuration) return configuration;
    return this.#entered(folder, configuration).configuration;
  }

  /** The last word before the debugger starts: paths are whole, other providers have spoken. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    folder: vscode.WorkspaceFolder | undefined,
    asked: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration> {
    const settings = readSettings(folder);
    const decision = decideLaunch(asked, { ...settings, trusted: vscode.workspace.isTrusted });
    if (decision.kind === "child") return asked;
    const { configuration, session } = this.#entered(folder, asked);
    if (decision.kind === "untrusted" || decision.kind === "disabled" || decision.kind === "excluded") {
      this.#options.sessions.annotate(session.id, configuration.type, [{ kind: decision.kind }]);
      return configuration;
    }

    this.#options.onReceiverNeeded();
    const opened = await this.#options.engine.openReceiver();
    // A program starts without Spanlight rather than not at all; the panel and the status bar tell the problem.
    if (!opened.ok) return configuration;
    await this.#options.engine.announce(session);
    if (decision.kind !== "complete") {
      const endpoint = endpointOf(opened.value, this.#options.outsideSession);
      const variables = neededVariables(endpoint, configuration.type, this.#options.agentPath);
      this.#options.sessions.annotate(session.id, configuration.type, [{ kind: decision.kind, variables }]);
      return configuration;
    }
    const completed = completeEnvironment(configuration, decision.type, {
      endpoint: endpointOf(opened.value, session.id),
      agentPath: this.#options.agentPath,
      traceFunctions: settings.traceFunctions.map((glob) => absoluteGlob(glob, folder)),
      service: serviceNameOf(configuration),
      envFile: await readEnvFile(configuration["envFile"]),
      inherited: process.env,
      foldCase: process.platform === "win32",
      isIssued: (endpoint) => this.#options.sessions.find(endpoint.split("/").at(-1)) !== undefined,
    });
    if (completed.configuration !== configuration)
      this.#options.sessions.annotate(session.id, configuration.type, completed.notes);
    if (!decision.type.node) return completed.configuration;
    const { agentPath, spanBreakpoints } = this.#options;
    return prepareForBreakpoints(completed.configuration, agentPath, spanBreakpoints());
  }

  /** The configuration with its session's mark. A mark whose session is over comes from a configuration that is used again. */
  #entered(
    folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): { readonly configuration: vscode.DebugConfiguration; readonly session: Session } {
    const { sessions } = this.#options;
    const marked = sessions.find(configuration[SESSION_MARK]);
    if (marked !== undefined && !sessions.isOver(marked.id)) return { configuration, session: marked };
    const session = sessions.enter(configuration, folder?.name, allCompounds());
    return { configuration: { ...configuration, [SESSION_MARK]: session.id }, session };
  }
}

/** The compounds of every launch.json, and of the workspace: one may name the configurations of several folders. */
function allCompounds(): readonly Compound[] {
  const inspect = (folder?: vscode.WorkspaceFolder): LaunchValues =>
    vscode.workspace.getConfiguration("launch", folder?.uri).inspect("compounds");
  const folders = vscode.workspace.workspaceFolders ?? [];
  const shared = inspect();
  return [
    ...folders.map((folder) => inspect(folder)?.workspaceFolderValue),
    shared?.workspaceValue,
    shared?.globalValue,
  ].flatMap(parseCompounds);
}

type LaunchValues = ReturnType<vscode.WorkspaceConfiguration["inspect"]>;

/** A relative glob is one of the workspace folder. */
function absoluteGlob(glob: string, folder: vscode.WorkspaceFolder | undefined): string {
  const isAbsolute = glob.startsWith("/") || /^[A-Za-z]:[\\/]/.test(glob);
  return isAbsolute || folder === undefined ? glob : join(folder.uri.fsPath, glob);
}

/** What cannot be read has no variables; the adapter reports it to the person itself. */
async function readEnvFile(path: unknown): Promise<ReadonlyMap<string, string>> {
  if (typeof path !== "string" || path === "") return new Map();
  return parseEnvFile(await readFile(path, "utf8").catch(() => ""));
}
