import * as vscode from "vscode";
import { Emitter, type Listen } from "../../base/events.ts";
import type { SessionId } from "../../model/ids.ts";
import type { SessionBook } from "./session-book.ts";
import { StoppedThreads } from "./stopped-threads.ts";

/** Knows which sessions are paused in the debugger. */
export class PauseTracker implements vscode.Disposable, vscode.DebugAdapterTrackerFactory {
  readonly #sessions: SessionBook;
  readonly #changed = new Emitter<undefined>();
  readonly #stopped = new Map<string, StoppedThreads>();
  readonly #registered: vscode.Disposable;

  readonly onChanged: Listen<undefined> = this.#changed.listen;

  constructor(sessions: SessionBook) {
    this.#sessions = sessions;
    this.#registered = vscode.debug.registerDebugAdapterTrackerFactory("*", this);
  }

  get paused(): readonly SessionId[] {
    const ids = [...this.#stopped]
      .filter(([, threads]) => threads.isPaused)
      .map(([debuggerId]) => this.#sessions.ofDebugger(debuggerId))
      .filter((id) => id !== undefined);
    return [...new Set(ids)];
  }

  createDebugAdapterTracker({ id }: vscode.DebugSession): vscode.DebugAdapterTracker {
    const threads = new StoppedThreads();
    this.#stopped.set(id, threads);
    return {
      onDidSendMessage: (message: unknown) => {
        if (threads.receive(message)) this.#changed.emit(undefined);
      },
      onWillStopSession: () => {
        this.#stopped.delete(id);
        if (threads.isPaused) this.#changed.emit(undefined);
      },
    };
  }

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
  }
}
