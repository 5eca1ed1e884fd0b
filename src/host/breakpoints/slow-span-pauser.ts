import * as vscode from "vscode";
import type { FoundSpan, SpanStack } from "../../model/span-stack.ts";
import { isRecord } from "../../protocol/guard.ts";
import type { Debuggee } from "../active-span/debuggee.ts";
import { placeText, slowWords, waitingWords } from "./breakpoint-words.ts";
import type { DebuggedPrograms } from "./debugged-programs.ts";
import { findHangingThread, findWaitingPlace } from "./hanging-thread.ts";

/** A span that has run too long, as the engine tells it. */
export type SlowSpan = Pick<FoundSpan, "traceId" | "spanId" | "name"> & { readonly runningMs: number };

export interface SlowSpanPauserParts {
  readonly programs: Pick<DebuggedPrograms, "nextStop">;
  /** Above the list; undefined takes it away. */
  readonly tell: (session: vscode.DebugSession, message: string, isStopped: boolean) => void;
  /** Which span a stop is about that the debugger's frames do not tell of. */
  readonly stoppedIn: (
    session: vscode.DebugSession,
    threadId: number,
    spans: readonly FoundSpan[],
  ) => Promise<SpanStack | undefined>;
  readonly open: (place: { readonly path: string; readonly line: number }) => Promise<unknown>;
}

/** Longer than a wish to stop is valid in the agent (src/agent/breakpoints/engine-text.ts): two stops would be one too many. */
const AGENT_PATIENCE_MS = 250;
/** Delve takes up to a second. */
const PAUSE_PATIENCE_MS = 1500;

/** Pauses the process of a span that runs too long, and shows where it hangs. */
export class SlowSpanPauser {
  readonly #parts: SlowSpanPauserParts;

  constructor(parts: SlowSpanPauserParts) {
    this.#parts = parts;
  }

  /**
   * A Node program that waits is stopped by its agent; everything else by the debugger's `pause`. A program that cannot be
   * paused at once, such as a Python thread in a library's call, is when that returns; until then it is told where it waits.
   */
  async pause(session: vscode.DebugSession, span: SlowSpan): Promise<void> {
    const { programs, tell } = this.#parts;
    if (session.type === "pwa-node" && (await programs.nextStop(session, AGENT_PATIENCE_MS))) return;
    const threadId = await firstThread(session);
    if (threadId === undefined) return;
    let stopped = programs.nextStop(session, PAUSE_PATIENCE_MS);
    await session.customRequest("pause", { threadId });
    if ((await stopped) === undefined) {
      stopped = programs.nextStop(session, undefined);
      const place = await findWaitingPlace(debuggeeOf(session), isOwnFile).catch(() => undefined);
      tell(session, waitingWords(span.name, span.runningMs, place && placeText(place)), false);
    }
    const stop = await stopped;
    if (stop !== undefined) await this.#show(session, span);
  }

  async #show(session: vscode.DebugSession, span: SlowSpan): Promise<void> {
    const { tell, stoppedIn, open } = this.#parts;
    tell(session, slowWords(span.name, span.runningMs, undefined), true);
    const found = await findHangingThread(session.type, debuggeeOf(session), span, isOwnFile).catch(
      () => undefined,
    );
    if (found === undefined) return;
    tell(session, slowWords(span.name, span.runningMs, placeText(found)), true);
    const shown = vscode.debug.activeStackItem;
    const isShown = shown?.session.id === session.id && shown.threadId === found.threadId;
    if (isShown) return;
    // Delve does not say which goroutine is of interest, and VS Code stays with a session that it showed before.
    await stoppedIn(session, found.threadId, found.spans);
    await open(found);
  }
}

function debuggeeOf(session: vscode.DebugSession): Debuggee {
  return { request: (command, args) => Promise.resolve(session.customRequest(command, args)) };
}

/** js-debug's outer sessions have no threads. Which one is named matters to nobody: adapters stop what they can. */
async function firstThread(session: vscode.DebugSession): Promise<number | undefined> {
  const reply: unknown = await session.customRequest("threads");
  const threads = isRecord(reply) && Array.isArray(reply["threads"]) ? (reply["threads"] as unknown[]) : [];
  const first = threads.find((thread) => isRecord(thread) && typeof thread["id"] === "number");
  return isRecord(first) ? (first["id"] as number) : undefined;
}

function isOwnFile(path: string): boolean {
  if (path === "" || /[\\/](?:node_modules|site-packages)[\\/]/.test(path)) return false;
  const uri = path.startsWith("vscode-remote:")
    ? vscode.Uri.file(vscode.Uri.parse(path).path)
    : vscode.Uri.file(path);
  return vscode.workspace.getWorkspaceFolder(uri) !== undefined;
}
