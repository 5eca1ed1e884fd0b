import * as vscode from "vscode";
import type { Engine } from "../engine/engine.ts";
import type { ReceiverHours } from "../engine/receiver-hours.ts";
import { pathMappingsOf, type PathMapping } from "../source/path-mappings.ts";
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
  readonly #mappings = new Map<string, readonly PathMapping[]>();

  constructor({ sessions, engine, hours, onStarted }: SessionEventsOptions) {
    this.#registered = vscode.Disposable.from(
      vscode.debug.onDidStartDebugSession((session) => {
        if (sessions.started(session) === undefined) return;
        const { name, ...attributes } = session.configuration;
        this.#mappings.set(`${session.workspaceFolder?.uri.path ?? ""}:${name}`, pathMappingsOf(attributes));
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

  /** What the configurations that were started say of paths. */
  get pathMappings(): readonly PathMapping[] {
    return [...this.#mappings.values()].flat();
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
