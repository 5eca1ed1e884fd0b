import * as vscode from "vscode";
import { Emitter, type Listen } from "../../base/events.ts";
import { isRecord } from "../../protocol/guard.ts";
import { STOP_SCRIPT } from "../session/stack-place.ts";
import { leadToOwnFrame, type SpanStop } from "./own-frame.ts";

/** A step that takes longer has led into something that waits. */
const STEP_TIMEOUT_MS = 3000;

interface LiveSession {
  /** A stop of ours is being led to the person's code: what it stops at on the way is nobody's business. */
  isLed: boolean;
  /** Those who wait for the next stop; undefined says that the session has ended. */
  readonly waiting: Set<(stop: Stop | undefined) => void>;
}

/** A stop that an adapter has told. */
interface Stop {
  readonly threadId: number | undefined;
}

export interface DebuggedProgramsParts {
  /** Whether agents may stop their programs at all. */
  readonly isWatching: () => boolean;
  readonly isStopped: (session: vscode.DebugSession) => boolean;
  /** Hears that a stop is being led to the person's code, and that it no longer is. */
  readonly onLed: (session: vscode.DebugSession, isLed: boolean) => void;
}

/** Hits of span breakpoints, with the debug session that they stopped. */
export interface Hit {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
  readonly stop: SpanStop;
}

/** Watches the debug sessions for the agent's stops. */
export class DebuggedPrograms implements vscode.Disposable, vscode.DebugAdapterTrackerFactory {
  readonly #live = new Map<vscode.DebugSession, LiveSession>();
  readonly #parts: DebuggedProgramsParts;
  readonly #hit = new Emitter<Hit>();
  readonly #registered: vscode.Disposable;

  /** Heard when a program has been stopped by a span, and stands in the person's code as far as that could be. */
  readonly onHit: Listen<Hit> = this.#hit.listen;

  constructor(parts: DebuggedProgramsParts) {
    this.#parts = parts;
    this.#registered = vscode.debug.registerDebugAdapterTrackerFactory("*", this);
  }

  createDebugAdapterTracker(session: vscode.DebugSession): vscode.DebugAdapterTracker {
    const live: LiveSession = { isLed: false, waiting: new Set() };
    this.#live.set(session, live);
    const end = (): void => {
      this.#live.delete(session);
      tellStop(live, undefined);
    };
    return {
      onDidSendMessage: (message: unknown) => this.#heard(session, live, message),
      onWillStopSession: end,
      onExit: end,
    };
  }

  /** The stop of a session, or its next one within this time (milliseconds; undefined: until it ends). */
  nextStop(session: vscode.DebugSession, withinMs: number | undefined): Promise<Stop | undefined> {
    if (this.#parts.isStopped(session)) return Promise.resolve({ threadId: undefined });
    const live = this.#live.get(session);
    return live === undefined ? Promise.resolve(undefined) : stopWithin(live, withinMs);
  }

  dispose(): void {
    this.#registered.dispose();
    this.#hit.dispose();
  }

  /** Called for every message: cheap first. */
  #heard(session: vscode.DebugSession, live: LiveSession, message: unknown): void {
    if (!isRecord(message) || message["type"] !== "event" || message["event"] !== "stopped") return;
    const body = isRecord(message["body"]) ? message["body"] : {};
    const threadId = typeof body["threadId"] === "number" ? body["threadId"] : undefined;
    tellStop(live, { threadId });
    // js-debug's reason for a `debugger` statement.
    const mayBeOurs = session.type === "pwa-node" && body["reason"] === "pause" && this.#parts.isWatching();
    if (live.isLed || !mayBeOurs || threadId === undefined) return;
    void this.#lead(session, live, threadId);
  }

  async #lead(session: vscode.DebugSession, live: LiveSession, threadId: number): Promise<void> {
    live.isLed = true;
    const request = (command: string, args: Readonly<Record<string, unknown>>): Promise<unknown> =>
      Promise.resolve(session.customRequest(command, args));
    const step = async (command: string): Promise<boolean> => {
      this.#parts.onLed(session, true);
      const stopped = stopWithin(live, STEP_TIMEOUT_MS);
      await request(command, { threadId });
      return (await stopped) !== undefined;
    };
    try {
      const stop = await leadToOwnFrame({ request, step }, threadId);
      if (stop === undefined) return;
      this.#hit.emit({ session, threadId, stop });
      if (stop.where !== "nowhere") await closeStopScript();
    } catch {
      // The session has ended on the way.
    } finally {
      live.isLed = false;
      this.#parts.onLed(session, false);
    }
  }
}

function stopWithin({ waiting }: LiveSession, withinMs: number | undefined): Promise<Stop | undefined> {
  return new Promise((resolve) => {
    const settle = (stop: Stop | undefined): void => {
      clearTimeout(timer);
      waiting.delete(settle);
      resolve(stop);
    };
    const timer = withinMs === undefined ? undefined : setTimeout(() => settle(undefined), withinMs);
    waiting.add(settle);
  });
}

function tellStop({ waiting }: LiveSession, stop: Stop | undefined): void {
  for (const settle of [...waiting]) settle(stop);
}

/** VS Code has opened the script of the first stop, which nobody wants to see. */
export async function closeStopScript(): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const isStopScript = ({ input }: vscode.Tab): boolean =>
    input instanceof vscode.TabInputText && input.uri.path.endsWith(STOP_SCRIPT);
  await vscode.window.tabGroups.close(tabs.filter(isStopScript), true);
}
