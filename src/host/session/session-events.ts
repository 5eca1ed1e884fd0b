import * as vscode from "vscode";
import type { Engine } from "../engine/engine.ts";
import type { ReceiverHours } from "../engine/receiver-hours.ts";
import { LaunchPaths } from "../source/launch-paths.ts";
import { folderOfWorkspace, workspaceFolders } from "../source/workspace-paths.ts";
import type { SessionBook } from "./session-book.ts";

export interface SessionEventsOptions {
  readonly sessions: SessionBook;
  readonly engine: Engine;
  readonly hours: ReceiverHours;
  /** Called when a session that was entered has started, not for its children. */
  readonly onStarted: () => void;
}

/** Keeps the book of sessions in step with the debugger. */
export class SessionEvents implements vscode.Disposable {
  readonly #registered: vscode.Disposable;
  /** What the configurations that were started say of paths. */
  readonly paths = new LaunchPaths();

  constructor({ sessions, engine, hours, onStarted }: SessionEventsOptions) {
    this.#registered = vscode.Disposable.from(
      vscode.debug.onDidStartDebugSession((session) => {
        const entered = sessions.started(session);
        if (entered === undefined) return;
        const folder = session.workspaceFolder && folderOfWorkspace(session.workspaceFolder);
        const folders = workspaceFolders();
        this.paths.add(entered.id, session.configuration, folder ?? folders[0], folders);
        if (session.parentSession === undefined) onStarted();
      }),
      vscode.debug.onDidTerminateDebugSession(({ id }) => {
        const ended = sessions.ended(id);
        if (ended === undefined) return;
        void engine.sessionEnded(ended.id);
        hours.sessionEnded();
      }),
    );
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
