import * as vscode from "vscode";
import { Emitter, type Listen } from "../../base/events.ts";
import { isRecord } from "../../protocol/guard.ts";
import { pauseOf } from "../session/debugged-process.ts";
import { leadToOwnFrame, type SpanStop } from "./own-frame.ts";

/** A step that takes longer has led into something that waits. */
const STEP_TIMEOUT_MS = 3000;

/** As src/agent/breakpoints/stop-here.ts names it. */
const STOP_SCRIPT = "spanlight-span-breakpoint.js";

interface LiveSession {
  processId: number | undefined;
  /** A stop of ours is being led to the person's code: what it stops at on the way is nobody's business. */
  isLed: boolean;
  onStop: () => void;
}

/** Hits of span breakpoints, with the debug session that they stopped. */
export interface Hit {
  readonly session: vscode.DebugSession;
  readonly stop: SpanStop;
}

/** Watches the debug sessions for the agent's stops, and pauses processes. */
export class DebuggedPrograms implements vscode.Disposable, vscode.DebugAdapterTrackerFactory {
  readonly #live = new Map<vscode.DebugSession, LiveSession>();
  readonly #isWatching: () => boolean;
  readonly #hit = new Emitter<Hit>();
  readonly #resumed = new Emitter<undefined>();
  readonly #registered: vscode.Disposable;

  /** Heard when a program has been stopped by a span, and stands in the person's code as far as that could be. */
  readonly onHit: Listen<Hit> = this.#hit.listen;
  /** Heard when a program goes on or ends. */
  readonly onResumed: Listen<undefined> = this.#resumed.listen;

  /** @param isWatching whether agents may stop their programs at all */
  constructor(isWatching: () => boolean) {
    this.#isWatching = isWatching;
    this.#registered = vscode.debug.registerDebugAdapterTrackerFactory("*", this);
  }

  createDebugAdapterTracker(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const live: LiveSession = { processId: undefined, isLed: false, onStop: () => undefined };
    this.#live.set(session, live);
    const end = (): void => {
      this.#live.delete(session);
      this.#resumed.emit(undefined);
    };
    return {
      onDidSendMessage: (message: unknown) => this.#heard(session, live, message),
      onWillStopSession: end,
      onExit: end,
    };
  }

  /**
   * Pauses the process with this number, or the session's only one where the number is not known.
   * @param isOf tells the debug sessions of the span's session
   * @returns whether the debugger took it
   */
  async pause(
    isOf: (session: vscode.DebugSession) => boolean,
    processId: number | undefined,
  ): Promise<boolean> {
    const sessions = [...this.#live.keys()].filter(isOf);
    const exact = sessions.filter((session) => this.#processOf(session) === processId);
    const candidates = processId !== undefined && exact.length > 0 ? exact : sessions;
    let paused = false;
    for (const session of candidates) paused = (await pauseSession(session)) || paused;
    return paused;
  }

  dispose(): void {
    this.#registered.dispose();
    this.#hit.dispose();
    this.#resumed.dispose();
  }

  #processOf(session: vscode.DebugSession): number | undefined {
    const stop = { number: 0, startNs: 0n, endNs: undefined, thread: undefined, place: undefined };
    const { processId } = pauseOf(stop, {
      debuggerId: session.id,
      debuggerNames: [session.name],
      sessionId: undefined,
      name: undefined,
      processId: this.#live.get(session)?.processId,
    });
    return processId;
  }

  /** Called for every message: cheap first. */
  #heard(session: vscode.DebugSession, live: LiveSession, message: unknown): void {
    if (!isRecord(message) || message["type"] !== "event") return;
    const body = isRecord(message["body"]) ? message["body"] : {};
    if (message["event"] === "process" && typeof body["systemProcessId"] === "number")
      live.processId = body["systemProcessId"];
    if (message["event"] === "continued" && !live.isLed) this.#resumed.emit(undefined);
    if (message["event"] !== "stopped") return;
    live.onStop();
    // js-debug's reason for a `debugger` statement.
    const mayBeOurs = session.type === "pwa-node" && body["reason"] === "pause" && this.#isWatching();
    if (live.isLed || !mayBeOurs || typeof body["threadId"] !== "number") return;
    void this.#lead(session, live, body["threadId"]);
  }

  async #lead(session: vscode.DebugSession, live: LiveSession, threadId: number): Promise<void> {
    live.isLed = true;
    const request = (command: string, args: Readonly<Record<string, unknown>>): Promise<unknown> =>
      Promise.resolve(session.customRequest(command, args));
    const step = async (command: string): Promise<boolean> => {
      const stopped = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), STEP_TIMEOUT_MS);
        live.onStop = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      await request(command, { threadId });
      return stopped;
    };
    try {
      const stop = await leadToOwnFrame({ request, step }, threadId);
      if (stop === undefined) return;
      this.#hit.emit({ session, stop });
      if (stop.where !== "nowhere") await closeStopScript();
    } catch {
      // The session has ended on the way.
    } finally {
      live.isLed = false;
      live.onStop = () => undefined;
    }
  }
}

/** VS Code has opened the script of the first stop, which nobody wants to see. */
async function closeStopScript(): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const isStopScript = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputText && input.uri.path.endsWith(STOP_SCRIPT);
  await vscode.window.tabGroups.close(tabs.filter(isStopScript), true);
}

/** js-debug's outer sessions have no threads; the adapters' word on which thread is paused counts for the process. */
async function pauseSession(session: vscode.DebugSession): Promise<boolean> {
  try {
    const reply: unknown = await session.customRequest("threads");
    const threads = isRecord(reply) && Array.isArray(reply["threads"]) ? (reply["threads"] as unknown[]) : [];
    const first = threads.find((thread) => isRecord(thread) && typeof thread["id"] === "number");
    if (!isRecord(first)) return false;
    await session.customRequest("pause", { threadId: first["id"] });
    return true;
  } catch {
    return false;
  }
}
