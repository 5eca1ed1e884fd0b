import * as vscode from "vscode";
import { Emitter, type Listen } from "../../base/events.ts";
import type { SessionId } from "../../model/ids.ts";
import { guessActiveSpan, noteActiveSpan } from "../../protocol/active-span.ts";
import type { ActiveSpanPlace } from "../../protocol/panel.ts";
import type { Engine } from "../engine/engine.ts";
import type { SessionBook } from "../session/session-book.ts";
import type { ActiveSpan } from "./active-span.ts";
import type { Debuggee, StoppedFrame } from "./debuggee.ts";
import { findActiveSpan } from "./find-active-span.ts";
import { guessPlaces } from "./guess-places.ts";

export interface ActiveSpanTrackerOptions {
  readonly sessions: SessionBook;
  readonly engine: Pick<Engine, "ask">;
  readonly isEnabled: () => boolean;
}

/** After this a person sees a guess, where there is one. */
const PATIENCE_MS = 300;
/** After this nothing more is asked: a person steps on, and wants the debugger for themselves. */
const ASK_TIMEOUT_MS = 5000;

/** Follows the frame that is selected in the debugger, and finds the span that its thread is in. */
export class ActiveSpanTracker implements vscode.Disposable {
  readonly #options: ActiveSpanTrackerOptions;
  readonly #changed = new Emitter<ActiveSpan | undefined>();
  readonly #registered: vscode.Disposable;
  #active: ActiveSpan | undefined;
  #search = new AbortController();

  /** Heard when another span is active, or none is any more. */
  readonly onChanged: Listen<ActiveSpan | undefined> = this.#changed.listen;

  constructor(options: ActiveSpanTrackerOptions) {
    this.#options = options;
    this.#registered = vscode.debug.onDidChangeActiveStackItem((item) => void this.#follow(item));
  }

  get active(): ActiveSpan | undefined {
    return this.#active;
  }

  /** The active span as the panel marks it. */
  get place(): ActiveSpanPlace | undefined {
    const frame = this.#active?.stack.frames[0];
    return frame && { traceId: frame.traceId, row: frame.row, guess: this.#active?.guess === true };
  }

  dispose(): void {
    this.#search.abort();
    this.#registered.dispose();
    this.#changed.dispose();
  }

  async #follow(item: vscode.DebugThread | vscode.DebugStackFrame | undefined): Promise<void> {
    this.#search.abort();
    const search = new AbortController();
    this.#search = search;
    const sessionId = item && this.#options.sessions.ofDebugger(item.session.id);
    // A thread without a frame runs, or is about to get one.
    if (!(item instanceof vscode.DebugStackFrame) || sessionId === undefined || !this.#options.isEnabled())
      this.#set(undefined);
    else await this.#find(item, sessionId, search.signal);
  }

  /** Waits for the program's answer as long as a person does, and makes do with a guess until it comes. */
  async #find(
    { session, threadId, frameId }: vscode.DebugStackFrame,
    sessionId: SessionId,
    given: AbortSignal,
  ): Promise<void> {
    const atMs = performance.timeOrigin + performance.now();
    const frame: StoppedFrame = { threadId, frameId };
    const debuggee: Debuggee = {
      request: (command, args) => Promise.resolve(session.customRequest(command, args)),
    };
    const stop = AbortSignal.any([given, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
    const finding = findActiveSpan(session.type, debuggee, frame, stop);
    const timely = await Promise.race([
      finding,
      aborted(AbortSignal.any([given, AbortSignal.timeout(PATIENCE_MS)])),
    ]);
    if (timely === undefined || timely.length === 0)
      await this.#guess(debuggee, frame, sessionId, atMs, given);
    const spans = await finding;
    if (isOver(given) || spans.length === 0) return;
    const service = this.#options.sessions.find(sessionId)?.name ?? session.name;
    const noted = await this.#options.engine.ask(noteActiveSpan, { sessionId, spans, service, atMs });
    if (noted.ok && !isOver(given)) this.#set({ sessionId, stack: noted.value, guess: false });
  }

  async #guess(
    debuggee: Debuggee,
    frame: StoppedFrame,
    sessionId: SessionId,
    atMs: number,
    given: AbortSignal,
  ): Promise<void> {
    const places = await guessPlaces(debuggee, frame);
    if (isOver(given)) return;
    const guessed = await this.#options.engine.ask(guessActiveSpan, { sessionId, places, atMs });
    if (isOver(given)) return;
    this.#set(guessed.ok && guessed.value ? { sessionId, stack: guessed.value, guess: true } : undefined);
  }

  #set(active: ActiveSpan | undefined): void {
    if (active === undefined && this.#active === undefined) return;
    this.#active = active;
    this.#changed.emit(active);
  }
}

/** Another frame was selected while something was waited for. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Settles with the signal, also where it was aborted before. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
