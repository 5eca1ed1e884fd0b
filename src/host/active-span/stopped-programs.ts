import * as vscode from "vscode";
import { Emitter, type Listen } from "../../base/events.ts";
import { isRecord } from "../../protocol/guard.ts";
import { numberField, type Debuggee } from "./debuggee.ts";
import { HeardDebuggee } from "./heard-debuggee.ts";
import { StackBook } from "./stack-book.ts";

/** A debug session, as it can be asked. */
export interface AskedSession {
  readonly debuggee: Debuggee;
  readonly stacks: StackBook;
}

/** A thread that has stopped, which VS Code has not selected yet. */
export interface StoppedThread {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
}

/** Listens to the debug adapters: for stops, for call stacks, and for the answers to what Spanlight asks. */
export class StoppedPrograms implements vscode.Disposable, vscode.DebugAdapterTrackerFactory {
  readonly #heard = new WeakMap<vscode.DebugSession, AskedSession>();
  readonly #stopped = new Emitter<StoppedThread>();
  readonly #registered: vscode.Disposable;

  /** Heard when an adapter says that a thread has stopped. */
  readonly onStopped: Listen<StoppedThread> = this.#stopped.listen;

  constructor() {
    this.#registered = vscode.debug.registerDebugAdapterTrackerFactory("*", this);
  }

  /** A session that began before anybody listened is asked all the same. */
  of(session: vscode.DebugSession): AskedSession {
    return this.#heard.get(session) ?? { debuggee: new HeardDebuggee(session), stacks: new StackBook() };
  }

  createDebugAdapterTracker(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const debuggee = new HeardDebuggee(session);
    const stacks = new StackBook();
    this.#heard.set(session, { debuggee, stacks });
    return {
      onWillReceiveMessage: (message: unknown) => {
        stacks.sent(message);
        debuggee.sent(message);
      },
      onDidSendMessage: (message: unknown) => {
        stacks.received(message);
        debuggee.received(message);
        if (!isRecord(message) || message["event"] !== "stopped") return;
        const { body } = message;
        const threadId = numberField(body, "threadId");
        stacks.stopped(isRecord(body) && body["allThreadsStopped"] === true ? undefined : threadId);
        if (threadId !== undefined) this.#stopped.emit({ session, threadId });
      },
    };
  }

  dispose(): void {
    this.#registered.dispose();
    this.#stopped.dispose();
  }
}
