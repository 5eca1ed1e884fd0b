import * as vscode from "vscode";
import { DisposableList } from "../base/dispose.ts";
import type { PanelState } from "../protocol/panel.ts";
import { ActiveSpanTracker } from "./active-span/active-span-tracker.ts";
import { registerSpanCommands } from "./active-span/span-commands.ts";
import { SpanTree } from "./active-span/span-tree.ts";
import { BreakpointBook } from "./breakpoints/breakpoint-book.ts";
import { startSpanBreakpoints } from "./breakpoints/span-breakpoints.ts";
import { registerCommands } from "./command/commands.ts";
import { keepContextKeys } from "./command/context-keys.ts";
import { onSettingsChanged, readSettings } from "./config/settings.ts";
import { registerEditor } from "./editor/register-editor.ts";
import { tellEngineMessages } from "./engine/engine-messages.ts";
import { backupPlan } from "./engine/backup-plan.ts";
import { Engine, megabytes } from "./engine/engine.ts";
import { logPlace } from "./engine/log-place.ts";
import { ReceiverHours } from "./engine/receiver-hours.ts";
import { openOnceForDebugging } from "./panel/open-on-debug.ts";
import { PanelHub } from "./panel/panel-hub.ts";
import { PanelPlaces } from "./panel/panel-places.ts";
import { composePanelState } from "./panel/panel-state.ts";
import { StatusItem } from "./panel/status-item.ts";
import { ConfigurationProvider } from "./session/configuration-provider.ts";
import { endpointOf } from "./session/endpoint.ts";
import { highestRun, rememberHighestRun } from "./session/highest-run.ts";
import { neededVariables } from "./session/needed-variables.ts";
import { outsideSessionId } from "./session/outside-session.ts";
import { PauseTracker } from "./session/pause-tracker.ts";
import { SessionBook } from "./session/session-book.ts";
import { sinceLastStopNs } from "./session/since-last-stop.ts";
import { SessionEvents } from "./session/session-events.ts";
import { LineHighlight } from "./source/line-highlight.ts";
import { OutsideConsent } from "./source/outside-consent.ts";
import { SourceOpener } from "./source/source-opener.ts";
import { SourceResolver } from "./source/source-resolver.ts";

/** Everything that lives as long as the extension is active. */
export class Spanlight implements vscode.Disposable {
  readonly engine: Engine;
  readonly hub: PanelHub;
  readonly source: SourceOpener;
  readonly #sessions: SessionBook;
  readonly #pauses: PauseTracker;
  readonly #activeSpans: ActiveSpanTracker;
  readonly #owned = new DisposableList();
  readonly #agentPath: string;
  /** The person has asked for the environment of other programs: the receiver stays open for these. */
  #openForOthers = false;

  constructor(context: vscode.ExtensionContext) {
    const own = this.#owned;
    this.#sessions = new SessionBook(Date.now, highestRun(context.workspaceState));
    const pathOf = (...names: string[]): string => vscode.Uri.joinPath(context.extensionUri, ...names).fsPath;
    this.#agentPath = pathOf("dist", "agent", "preload.cjs");
    const breakpoints = own.add(new BreakpointBook(context.workspaceState));
    this.engine = own.add(
      new Engine({
        script: pathOf("dist", "engine.cjs"),
        maxBytes: () => megabytes(readSettings().maxMegabytes),
        wantedPorts: () => readSettings().receiver,
        sessions: () => this.#sessions.issued,
        runOf: ({ run }) => this.#sessions.runOf(run),
        log: () => logPlace(context, readSettings().sessionLog),
        redaction: () => readSettings().redaction,
        backup: () => backupPlan(context, vscode.workspace.name, readSettings().backup),
        pauses: () => this.#pauses.pauses,
        spanBreakpoints: () => breakpoints.all,
      }),
    );
    own.add(this.engine.onRecovered(({ runs }) => this.#sessions.restoreRuns(runs)));
    own.add(rememberHighestRun(context.workspaceState, this.#sessions));
    const hours = own.add(
      new ReceiverHours({
        isNeeded: () => this.#openForOthers || this.#sessions.anyActive,
        close: () => void this.engine.closeReceiver(),
        graceMs: () => readSettings().receiver.graceSeconds * 1000,
      }),
    );
    this.#pauses = own.add(new PauseTracker(this.#sessions));
    own.add(this.#pauses.onPausesChanged((pauses) => this.engine.recordPauses(pauses)));
    this.hub = own.add(new PanelHub(this.engine, () => this.state));

    const events = own.add(
      new SessionEvents({
        sessions: this.#sessions,
        engine: this.engine,
        hours,
        onStarted: () => {
          if (!readSettings().openPanelOnDebug) return;
          void openOnceForDebugging(context.workspaceState, () => places.show(true));
        },
      }),
    );
    const memory = context.workspaceState;
    this.source = new SourceOpener({
      resolver: own.add(new SourceResolver((session) => events.paths.of(session))),
      consent: new OutsideConsent(memory),
      highlight: own.add(new LineHighlight()),
      memory,
    });
    const places = own.add(new PanelPlaces(context.extensionUri, this.hub, this.source));
    const provider = new ConfigurationProvider({
      sessions: this.#sessions,
      engine: this.engine,
      agentPath: this.#agentPath,
      outsideSession: outsideSessionId(memory),
      spanBreakpoints: () => breakpoints.all,
      onReceiverNeeded: () => hours.launching(),
    });
    own.add(vscode.debug.registerDebugConfigurationProvider("*", provider));
    own.add(
      registerCommands({
        engine: this.engine,
        hub: this.hub,
        places,
        runs: this.#sessions,
        environmentForOthers: () => this.#environmentForOthers(outsideSessionId(memory)),
      }),
    );
    this.#activeSpans = own.add(
      new ActiveSpanTracker({
        sessions: this.#sessions,
        engine: this.engine,
        pauses: this.#pauses,
        isEnabled: () => readSettings().activeSpan.enabled,
        timeoutMs: () => readSettings().activeSpan.timeoutMs,
      }),
    );
    own.add(
      new SpanTree(this.#activeSpans, this.source, memory, ({ sessionId }) =>
        sinceLastStopNs(this.#pauses.pauses, sessionId),
      ),
    );
    own.add(
      registerSpanCommands({
        engine: this.engine,
        hub: this.hub,
        places,
        source: this.source,
        activeSpans: this.#activeSpans,
        pauses: this.#pauses,
      }),
    );
    own.add(
      registerEditor({
        engine: this.engine,
        hub: this.hub,
        places,
        source: this.source,
        extensionUri: context.extensionUri,
        runStartMs: (run) => this.#sessions.runOf(run)?.startMs,
        highestRun: () => this.#sessions.highestRun,
      }),
    );
    own.add(
      startSpanBreakpoints(breakpoints, {
        engine: this.engine,
        sessions: this.#sessions,
        pauses: this.#pauses,
        activeSpans: this.#activeSpans,
        source: this.source,
      }),
    );
    own.add(keepContextKeys(this.hub));
    own.add(tellEngineMessages(this.engine));
    this.#keepShown(own.add(new StatusItem()));
  }

  /** What the panel and the status bar show. */
  get state(): PanelState {
    return composePanelState({
      trusted: vscode.workspace.isTrusted,
      enabled: readSettings().enabled,
      engine: this.engine,
      runs: this.#sessions.runs,
      sessions: this.#sessions.sessions,
      paused: this.#pauses.paused,
      activeSpan: this.#activeSpans.place,
      agentPath: this.#agentPath,
    });
  }

  /** What has to be done before the window closes and may take a moment. */
  close(): Promise<void> {
    return this.engine.closeLog();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** Lets the panel and the status bar follow everything that {@link state} is made of. */
  #keepShown(status: StatusItem): void {
    const changed = (): void => {
      this.hub.stateChanged();
      status.show(this.state);
    };
    this.#owned.add(this.engine.onChanged(changed));
    this.#owned.add(this.#sessions.onChanged(changed));
    this.#owned.add(this.#pauses.onChanged(changed));
    this.#owned.add(this.#activeSpans.onChanged(changed));
    this.#owned.add(onSettingsChanged(["enabled"], changed));
    this.#owned.add(onSettingsChanged(["activeSpan.enabled"], () => this.#activeSpans.enabledChanged()));
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(changed));
    this.#owned.add(onSettingsChanged(["memory", "redaction", "backup"], () => this.engine.configure()));
    status.show(this.state);
  }

  async #environmentForOthers(
    outside: ReturnType<typeof outsideSessionId>,
  ): Promise<Readonly<Record<string, string>> | undefined> {
    this.#openForOthers = true;
    const opened = await this.engine.openReceiver();
    if (!opened.ok) {
      void vscode.window.showErrorMessage(`Spanlight: ${opened.error.message}`);
      return undefined;
    }
    return neededVariables(endpointOf(opened.value, outside), "node", this.#agentPath);
  }
}
