import * as vscode from "vscode";
import { Emitter, type Listen } from "../../base/events.ts";
import type { SessionId } from "../../model/ids.ts";
import { guessActiveSpan, noteActiveSpan } from "../../protocol/active-span.ts";
import type { FoundSpan, SpanStack } from "../../model/span-stack.ts";
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
/**
 * After this nothing more is asked: a person steps on, and wants the debugger for themselves. Go's way through frames and
 * contexts takes several requests, which together are seldom answered within the time that a person waits.
 */
const ASK_TIMEOUT_MS = 5000;

/** A thread that was stopped because of a span, and this span, which its frames may not tell of. */
interface GivenStop {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
  readonly spans: readonly FoundSpan[];
}

/** Follows the frame that is selected in the debugger, and finds the span that its thread is in. */
export class ActiveSpanTracker implements vscode.Disposable {
  readonly #options: ActiveSpanTrackerOptions;
  readonly #changed = new Emitter<ActiveSpan | undefined>();
  readonly #registered: vscode.Disposable;
  #active: ActiveSpan | undefined;
  #search = new AbortController();
  #given: GivenStop | undefined;

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

  /**
   * Says which span a thread was stopped in, the active one first: it is shown where the selected frame tells of none, or
   * none is selected. @returns its call stack
   */
  async stoppedIn(
    session: vscode.DebugSession,
    threadId: number,
    spans: readonly FoundSpan[],
  ): Promise<SpanStack | undefined> {
    this.#given = { session, threadId, spans };
    const stack = await this.#note(this.#given, performance.timeOrigin + performance.now());
    await this.#follow(vscode.debug.activeStackItem);
    return stack;
  }

  /** The session goes on, or has ended. */
  goesOn(session: vscode.DebugSession): void {
    if (this.#given?.session.id !== session.id) return;
    this.#given = undefined;
    if (!(vscode.debug.activeStackItem instanceof vscode.DebugStackFrame)) void this.#follow(undefined);
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
    if (item instanceof vscode.DebugStackFrame && sessionId !== undefined && this.#options.isEnabled())
      await this.#find(item, sessionId, search.signal);
    // A thread without a frame runs, or is about to get one.
    else if (this.#given === undefined) this.#set(undefined);
    else await this.#showGiven(this.#given, search.signal);
  }

  async #showGiven(given: GivenStop, signal: AbortSignal): Promise<void> {
    const stack = await this.#note(given, performance.timeOrigin + performance.now());
    const sessionId = this.#options.sessions.ofDebugger(given.session.id);
    if (stack !== undefined && sessionId !== undefined && !isOver(signal))
      this.#set({ sessionId, stack, guess: false });
  }

  async #note(
    { session, spans }: Pick<GivenStop, "session" | "spans">,
    atMs: number,
  ): Promise<SpanStack | undefined> {
    const { sessions, engine } = this.#options;
    const sessionId = sessions.ofDebugger(session.id);
    if (sessionId === undefined) return undefined;
    const service = sessions.find(sessionId)?.name ?? session.name;
    const noted = await engine.ask(noteActiveSpan, { sessionId, spans, service, atMs });
    return noted.ok && noted.value.frames.length > 0 ? noted.value : undefined;
  }

  /** Waits for the program's answer as long as a person does, and makes do with a guess until it comes. */
  async #find(
    { session, threadId, frameId }: vscode.DebugStackFrame,
    sessionId: SessionId,
    signal: AbortSignal,
  ): Promise<void> {
    const atMs = performance.timeOrigin + performance.now();
    const frame: StoppedFrame = { threadId, frameId };
    const debuggee: Debuggee = {
      request: (command, args) => Promise.resolve(session.customRequest(command, args)),
    };
    const stop = AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
    const given = this.#given;
    const isGiven = given?.session.id === session.id && given.threadId === threadId;
    const finding = findActiveSpan(session.type, debuggee, frame, stop).then((found) =>
      found.length === 0 && isGiven ? given.spans : found,
    );
    const timely = await Promise.race([
      finding,
      aborted(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])),
    ]);
    if (timely === undefined || timely.length === 0)
      await this.#guess(debuggee, frame, sessionId, atMs, signal);
    const spans = await finding;
    if (isOver(signal) || spans.length === 0) return;
    const stack = await this.#note({ session, spans }, atMs);
    if (isOver(signal)) return;
    if (stack !== undefined) this.#set({ sessionId, stack, guess: false });
    else if (timely === spans) await this.#guess(debuggee, frame, sessionId, atMs, signal);
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
