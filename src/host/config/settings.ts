import * as vscode from "vscode";

/** The settings under `spanlight.`, read afresh each time: a change holds from the next use on. */
export interface Settings {
  readonly enabled: boolean;
  readonly excludeConfigurations: readonly string[];
  readonly receiver: ReceiverSettings;
  readonly maxMegabytes: number;
  readonly sessionLog: SessionLogSettings;
  readonly backup: BackupSettings;
  readonly redaction: RedactionSettings;
  readonly traceFunctions: readonly string[];
  readonly openPanelOnDebug: boolean;
  /** Whether a paused program is asked for the span that its thread is in. */
  readonly activeSpan: {
    readonly enabled: boolean;
    /** How long a paused program is asked, in milliseconds. */
    readonly timeoutMs: number;
  };
  readonly editor: EditorSettings;
}

/** What editors show of traces. */
export interface EditorSettings {
  readonly lens: boolean;
  readonly lineNotes: boolean;
  readonly hover: boolean;
  readonly gutter: boolean;
  /** Whether figures count spans that failed because of a pause elsewhere. */
  readonly failedInPause: boolean;
}

export interface SessionLogSettings {
  readonly enabled: boolean;
  readonly maxMegabytes: number;
  readonly maxDays: number;
  /** Empty where there is none. */
  readonly secondFolder: string;
}

export interface BackupSettings {
  /** 0 where nothing is saved by itself. */
  readonly everyMinutes: number;
  /** Absolute path; empty where there is none. */
  readonly folder: string;
  /** Files that stay. */
  readonly keep: number;
}

export interface RedactionSettings {
  readonly enabled: boolean;
  readonly keys: readonly string[];
}

export interface ReceiverSettings {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly graceSeconds: number;
}

/** @param scope the workspace folder whose settings count; some differ from folder to folder. */
export function readSettings(scope?: vscode.WorkspaceFolder): Settings {
  const settings = vscode.workspace.getConfiguration("spanlight", scope?.uri);
  return {
    enabled: settings.get("enabled", true),
    excludeConfigurations: settings.get<readonly string[]>("excludeConfigurations", []),
    receiver: {
      httpPort: settings.get("receiver.httpPort", 4318),
      grpcPort: settings.get("receiver.grpcPort", 4317),
      graceSeconds: settings.get("receiver.graceSeconds", 30),
    },
    maxMegabytes: settings.get("memory.maxMegabytes", 256),
    sessionLog: {
      enabled: settings.get("sessionLog.enabled", true),
      maxMegabytes: settings.get("sessionLog.maxMegabytes", 32),
      maxDays: settings.get("sessionLog.maxDays", 7),
      secondFolder: settings.get("sessionLog.secondFolder", ""),
    },
    backup: {
      everyMinutes: settings.get("backup.everyMinutes", 0),
      folder: settings.get("backup.folder", ""),
      keep: settings.get("backup.keep", 10),
    },
    redaction: {
      enabled: settings.get("redaction.enabled", true),
      keys: settings.get<readonly string[]>("redaction.keys", []),
    },
    traceFunctions: settings.get<readonly string[]>("node.traceFunctions", []),
    openPanelOnDebug: settings.get("panel.openOnDebug", true),
    activeSpan: {
      enabled: settings.get("activeSpan.enabled", true),
      timeoutMs: settings.get("activeSpan.timeout", 300),
    },
    editor: {
      lens: settings.get("editor.lens", true),
      lineNotes: settings.get("editor.lineNotes", true),
      hover: settings.get("editor.hover", true),
      gutter: settings.get("editor.gutter", true),
      failedInPause: settings.get("editor.failedInPause", false),
    },
  };
}

/** Calls back when one of the settings named changes. */
export function onSettingsChanged(names: readonly string[], changed: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (names.some((name) => event.affectsConfiguration(`spanlight.${name}`))) changed();
  });
}
