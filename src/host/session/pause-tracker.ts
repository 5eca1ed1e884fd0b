import * as vscode from "vscode";
import type { Disposable } from "../../base/dispose.ts";
import { EpochClock } from "../../base/epoch-clock.ts";
import { Emitter, type Listen } from "../../base/events.ts";
import type { SessionId } from "../../model/ids.ts";
import type { Pause } from "../../model/pause.ts";
import { pauseOf, processIdOf } from "./debugged-process.ts";
import { PauseMachine, type Stop } from "./pause-machine.ts";
import { SESSION_MARK, type SessionBook } from "./session-book.ts";
import { isOfJsDebug, listenToV8 } from "./v8-pauses.ts";

/** A new engine hears of these again; older ones are in the session log. */
const MAX_KEPT = 1000;

/** A debug session that lives, and which process it is, as far as that is known. */
export interface DebuggedProgram {
  readonly session: vscode.DebugSession;
  readonly sessionId: SessionId | undefined;
  readonly processId: number | undefined;
}

/** Watches every debug adapter, and knows which sessions are paused and when they were. */
export class PauseTracker implements vscode.Disposable, vscode.DebugAdapterTrackerFactory {
  readonly #sessions: SessionBook;
  readonly #clock = new EpochClock();
  readonly #changed = new Emitter<undefined>();
  readonly #pausesChanged = new Emitter<readonly Pause[]>();
  readonly #machines = new Map<vscode.DebugSession, PauseMachine>();
  readonly #kept = new Map<string, Pause>();
  readonly #registered: vscode.Disposable;

  /** Heard when {@link paused} has changed. */
  readonly onChanged: Listen<undefined> = this.#changed.listen;
  /** Heard with the pauses that began or ended, or of which more is known. */
  readonly onPausesChanged: Listen<readonly Pause[]> = this.#pausesChanged.listen;

  constructor(sessions: SessionBook) {
    this.#sessions = sessions;
    this.#registered = vscode.debug.registerDebugAdapterTrackerFactory("*", this);
  }

  get paused(): readonly SessionId[] {
    const ids = [...this.#machines]
      .filter(([, machine]) => machine.isPaused)
      .map(([session]) => this.#sessionOf(session))
      .filter((id) => id !== undefined);
    return [...new Set(ids)];
  }

  /** The last pauses, those that last included. */
  get pauses(): readonly Pause[] {
    return [...this.#kept.values()];
  }

  get programs(): readonly DebuggedProgram[] {
    return [...this.#machines.keys()].map((session) => ({
      session,
      sessionId: this.#sessionOf(session),
      processId: this.processIdOf(session),
    }));
  }

  /** The process that a debug session is of. A worker's is its parent's to tell. */
  processIdOf(session: vscode.DebugSession): number | undefined {
    const processId = this.#machines.get(session)?.processId;
    return processIdOf({ processId, debuggerNames: [session.name] });
  }

  isStopped(session: vscode.DebugSession): boolean {
    return this.#machines.get(session)?.isPaused === true;
  }

  /** Tells that the session's stop is led to the person's code, or is no longer: its stops meanwhile are one. */
  led(session: vscode.DebugSession, isLed: boolean): void {
    this.#machines.get(session)?.led(isLed);
  }

  createDebugAdapterTracker(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const machine = new PauseMachine();
    this.#machines.set(session, machine);
    let v8: Disposable | undefined;
    const listen = (): void => {
      v8 ??= listenToV8(session, (word) => {
        if (word === "paused") machine.held(this.#clock.now());
        else machine.released();
      });
    };
    const end = (): void => {
      v8?.dispose();
      this.#tell(session, machine, machine.ended(this.#clock.now()));
      this.#machines.delete(session);
    };
    return {
      onWillReceiveMessage: (message: unknown) => machine.sent(message, this.#clock.now()),
      onDidSendMessage: (message: unknown) => {
        this.#tell(session, machine, machine.received(message, this.#clock.now()));
        if (machine.hasThreads && isOfJsDebug(session.type)) listen();
      },
      onWillStopSession: end,
      onExit: end,
    };
  }

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
    this.#pausesChanged.dispose();
  }

  #tell(session: vscode.DebugSession, { processId }: PauseMachine, stops: readonly Stop[]): void {
    if (stops.length === 0) return;
    const sessionId = this.#sessionOf(session);
    const name = this.#sessions.find(sessionId)?.name;
    const debuggerNames = lineOf(session).map((one) => one.name);
    const process = { debuggerId: session.id, debuggerNames, sessionId, name, processId };
    const pauses = stops.map((stop) => pauseOf(stop, process));
    for (const pause of pauses) {
      this.#kept.delete(pause.id);
      this.#kept.set(pause.id, pause);
    }
    for (const id of [...this.#kept.keys()].slice(0, -MAX_KEPT)) this.#kept.delete(id);
    this.#pausesChanged.emit(pauses);
    this.#changed.emit(undefined);
  }

  /** An adapter may stop before VS Code tells that the session has started, so the launch's own mark counts as well. */
  #sessionOf({ id, parentSession, configuration }: vscode.DebugSession): SessionId | undefined {
    return (
      this.#sessions.ofDebugger(id) ??
      this.#sessions.find(configuration[SESSION_MARK])?.id ??
      (parentSession === undefined ? undefined : this.#sessionOf(parentSession))
    );
  }
}

/** A session and those that it is a child of. */
function lineOf(session: vscode.DebugSession): readonly vscode.DebugSession[] {
  const { parentSession } = session;
  return parentSession === undefined ? [session] : [session, ...lineOf(parentSession)];
}
