import * as vscode from "vscode";
import { DisposableList } from "../../base/dispose.ts";
import { Emitter, type Listen } from "../../base/events.ts";
import type { SessionId } from "../../model/ids.ts";
import { guessActiveSpan, noteActiveSpan } from "../../protocol/active-span.ts";
import type { FoundSpan, SpanStack } from "../../model/span-stack.ts";
import type { ActiveSpanPlace } from "../../protocol/panel.ts";
import type { Engine, TracesChange } from "../engine/engine.ts";
import type { PauseTracker } from "../session/pause-tracker.ts";
import type { SessionBook } from "../session/session-book.ts";
import type { ActiveSpan, ActiveSpanLack } from "./active-span.ts";
import { canFindActiveSpan, findActiveSpan, findWithoutFrame } from "./find-active-span.ts";
import { guessPlaces } from "./guess-places.ts";
import type { StackFrame } from "./stack-book.ts";
import { aborted, isAbout, isOver, type StopSearch } from "./stop-search.ts";
import { StoppedPrograms, type StoppedThread } from "./stopped-programs.ts";

export interface ActiveSpanTrackerOptions {
  readonly sessions: SessionBook;
  readonly engine: Pick<Engine, "ask" | "onTracesChanged">;
  readonly pauses: Pick<PauseTracker, "isStopped" | "onChanged" | "processIdOf">;
  readonly isEnabled: () => boolean;
  /** How long a program is asked, in milliseconds; what was asked by then may be answered later. */
  readonly timeoutMs: () => number;
}

/** How long a program is asked when a person asks once more, in milliseconds: they have seen that it takes long. */
const PATIENT_MS = 10_000;

/** A call stack of spans is read anew no more often than this, in milliseconds: a person reads it. */
const REFRESH_MS = 500;

/** Frames that are looked through; a request's context is handed down all the way. */
const MAX_FRAMES = 20;

/** A thread that was stopped because of a span, and this span, which its frames may not tell of. */
interface GivenStop {
  readonly session: vscode.DebugSession;
  readonly threadId: number;
  readonly spans: readonly FoundSpan[];
}

/**
 * Follows where the debugger stops and which frame is selected in it, and finds the span that its thread is in. A stop is
 * not asked about twice: it begins when the adapter tells of it, and VS Code selects a frame only later.
 */
export class ActiveSpanTracker implements vscode.Disposable {
  readonly #options: ActiveSpanTrackerOptions;
  readonly #programs = new StoppedPrograms();
  readonly #changed = new Emitter<ActiveSpan | undefined>();
  readonly #refreshed = new Emitter<ActiveSpan>();
  readonly #owned: DisposableList;
  #active: ActiveSpan | undefined;
  #lack: ActiveSpanLack | undefined;
  /** Reads the call stack that is shown once more. */
  #again: (() => Promise<SpanStack | undefined>) | undefined;
  #refreshing: NodeJS.Timeout | undefined;
  #search: StopSearch | undefined;
  #ending = new AbortController();
  #given: GivenStop | undefined;

  /** Heard when another span is active, or none is any more, or it is known why none is. */
  readonly onChanged: Listen<ActiveSpan | undefined> = this.#changed.listen;
  /** Heard when more has arrived of the same one and its callers. */
  readonly onRefreshed: Listen<ActiveSpan> = this.#refreshed.listen;

  constructor(options: ActiveSpanTrackerOptions) {
    this.#options = options;
    this.#owned = new DisposableList();
    this.#owned.add(this.#programs);
    this.#owned.add(this.#programs.onStopped((thread) => void this.#stopped(thread)));
    this.#owned.add(vscode.debug.onDidChangeActiveStackItem((item) => void this.#follow(item)));
    this.#owned.add(options.engine.onTracesChanged((change) => this.#tracesChanged(change)));
    this.#owned.add(
      options.pauses.onChanged(() => {
        const search = this.#search;
        // VS Code tells only of what it had selected.
        if (search?.isSelected === false && !options.pauses.isStopped(search.session))
          void this.#followAnew();
      }),
    );
  }

  get active(): ActiveSpan | undefined {
    return this.#active;
  }

  /** Why there is no active span, though a frame was asked about. */
  get lack(): ActiveSpanLack | undefined {
    return this.#lack;
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
    const stack = await this.#note(this.#given, nowMs());
    await this.#followAnew();
    return stack;
  }

  /** The session goes on, or has ended. */
  goesOn(session: vscode.DebugSession): void {
    if (this.#given?.session.id !== session.id) return;
    this.#given = undefined;
    if (!(vscode.debug.activeStackItem instanceof vscode.DebugStackFrame)) void this.#followAnew();
  }

  /** Whether programs are asked has changed. */
  enabledChanged(): void {
    void this.#followAnew();
  }

  /** Asks about the selected frame once more, and with patience. */
  async askAgain(): Promise<void> {
    this.#end();
    await this.#follow(vscode.debug.activeStackItem, PATIENT_MS);
  }

  dispose(): void {
    this.#ending.abort();
    clearTimeout(this.#refreshing);
    this.#owned.dispose();
    this.#changed.dispose();
    this.#refreshed.dispose();
  }

  async #stopped({ session, threadId }: StoppedThread): Promise<void> {
    const selected = vscode.debug.activeStackItem;
    // VS Code stays with a session that it showed before, as long as that stands.
    const staysElsewhere =
      selected instanceof vscode.DebugStackFrame &&
      selected.session.id !== session.id &&
      this.#options.pauses.isStopped(selected.session);
    const sessionId = this.#askable(session);
    // What was asked at the stop before is not about this one.
    if (this.#search?.session.id === session.id) this.#end();
    if (staysElsewhere || sessionId === undefined || !canFindActiveSpan(session.type)) return;
    const search = this.#begin({ session, threadId, sessionId });
    const { debuggee, stacks } = this.#programs.of(session);
    const found = findWithoutFrame(session.type, debuggee, search.late).then((spans) =>
      this.#show(search, spans),
    );
    await debuggee
      .request("stackTrace", { threadId, startFrame: 0, levels: MAX_FRAMES })
      .catch(() => undefined);
    const frame = stacks.shownFrame(threadId);
    if (isOver(search.over) || frame === undefined) return;
    search.depth = stacks.depthOf(frame.id);
    if (!(await found)) await this.#find(search, frame.id);
  }

  async #follow(
    item: vscode.DebugThread | vscode.DebugStackFrame | undefined,
    timeoutMs = this.#options.timeoutMs(),
  ): Promise<void> {
    const before = this.#search;
    if (item instanceof vscode.DebugStackFrame) {
      const { session, threadId, frameId } = item;
      const sessionId = this.#askable(session);
      const depth = this.#programs.of(session).stacks.depthOf(frameId);
      if (before !== undefined && isAbout(before, item, depth)) before.isSelected = true;
      else if (sessionId !== undefined) {
        const search = this.#begin({ session, threadId, sessionId }, timeoutMs);
        search.isSelected = true;
        search.depth = depth;
        await this.#find(search, frameId);
      } else await this.#none();
    }
    // A thread without a frame runs, or is about to get one.
    else if (before?.isSelected !== false || !this.#options.pauses.isStopped(before.session))
      await this.#none();
  }

  async #followAnew(): Promise<void> {
    this.#end();
    await this.#follow(vscode.debug.activeStackItem);
  }

  /** The session that a debugger's is, where its programs are to be asked. */
  #askable(session: vscode.DebugSession): SessionId | undefined {
    return this.#options.isEnabled() ? this.#options.sessions.ofDebugger(session.id) : undefined;
  }

  #begin(
    thread: Pick<StopSearch, "session" | "threadId" | "sessionId">,
    timeoutMs = this.#options.timeoutMs(),
  ): StopSearch {
    const over = this.#end();
    this.#search = {
      ...thread,
      over,
      late: AbortSignal.any([over, AbortSignal.timeout(timeoutMs)]),
      atMs: nowMs(),
      ...{ depth: undefined, isSelected: false, ranOut: false },
    };
    return this.#search;
  }

  /** @returns what tells the next search that it is over */
  #end(): AbortSignal {
    this.#ending.abort();
    this.#ending = new AbortController();
    this.#search = undefined;
    return this.#ending.signal;
  }

  async #none(): Promise<void> {
    const over = this.#end();
    if (this.#given === undefined) this.#set(undefined);
    else await this.#showGiven(this.#given, over);
  }

  async #showGiven(given: GivenStop, signal: AbortSignal): Promise<void> {
    const again = (): Promise<SpanStack | undefined> => this.#note(given, nowMs());
    const stack = await again();
    const sessionId = this.#options.sessions.ofDebugger(given.session.id);
    if (stack !== undefined && sessionId !== undefined && !isOver(signal))
      this.#set({ sessionId, stack, guess: false }, { again });
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
  async #find(search: StopSearch, frameId: number): Promise<void> {
    const { session, threadId, over, late } = search;
    const { debuggee, stacks } = this.#programs.of(session);
    const frames = stacks.outwardsFrom(frameId);
    const frame = { threadId, frameId, callers: frames.slice(1).map(({ id }) => id) };
    const given = this.#given;
    const isGiven = given?.session.id === session.id && given.threadId === threadId;
    const finding = findActiveSpan(session.type, debuggee, frame, late).then((found) =>
      found.length === 0 && isGiven ? given.spans : found,
    );
    const timely = await Promise.race([finding, aborted(late)]);
    if (timely === undefined || timely.length === 0) await this.#guess(search, frames);
    const spans = await finding;
    search.ranOut = spans.length === 0 && late.aborted;
    if (isOver(over)) return;
    if (spans.length === 0) {
      if (this.#active === undefined) this.#set(undefined, { lack: lackOf(search) });
    } else if (!(await this.#show(search, spans)) && timely === spans) await this.#guess(search, frames);
  }

  /** @returns whether one of them is shown now, or nobody asks any more */
  async #show({ session, sessionId, atMs, over }: StopSearch, spans: readonly FoundSpan[]): Promise<boolean> {
    if (spans.length === 0) return false;
    const stack = isOver(over) ? undefined : await this.#note({ session, spans }, atMs);
    const again = (): Promise<SpanStack | undefined> => this.#note({ session, spans }, nowMs());
    if (stack !== undefined && !isOver(over)) this.#set({ sessionId, stack, guess: false }, { again });
    return stack !== undefined || isOver(over);
  }

  async #guess({ session, sessionId, atMs, over }: StopSearch, frames: readonly StackFrame[]): Promise<void> {
    const processId = this.#options.pauses.processIdOf(session);
    const places = await guessPlaces(frames);
    if (isOver(over)) return;
    const guess = async (whenMs: number): Promise<SpanStack | undefined> => {
      const guessed = await this.#options.engine.ask(guessActiveSpan, {
        sessionId,
        processId,
        places,
        atMs: whenMs,
      });
      return guessed.ok ? guessed.value : undefined;
    };
    const stack = await guess(atMs);
    if (isOver(over)) return;
    if (stack === undefined) this.#set(undefined);
    else this.#set({ sessionId, stack, guess: true }, { again: () => guess(nowMs()) });
  }

  /** Callers may arrive, and end, while the program stands. */
  #tracesChanged({ traceIds, more }: TracesChange): void {
    const traceId = this.#active?.stack.frames[0]?.traceId;
    if (traceId === undefined || !(more || traceIds.includes(traceId))) return;
    this.#refreshing ??= setTimeout(() => void this.#refresh(), REFRESH_MS);
  }

  async #refresh(): Promise<void> {
    this.#refreshing = undefined;
    const before = this.#active;
    const stack = await this.#again?.();
    if (before === undefined || stack === undefined || this.#active !== before) return;
    if (JSON.stringify(stack) === JSON.stringify(before.stack)) return;
    this.#active = { ...before, stack };
    this.#refreshed.emit(this.#active);
  }

  #set(
    active: ActiveSpan | undefined,
    {
      lack,
      again,
    }: { readonly lack?: ActiveSpanLack; readonly again?: () => Promise<SpanStack | undefined> } = {},
  ): void {
    this.#again = again;
    if (active === undefined && this.#active === undefined && lack === this.#lack) return;
    this.#active = active;
    this.#lack = lack;
    this.#changed.emit(active);
  }
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Why nothing was found, and no guess either. */
function lackOf({ session, ranOut }: StopSearch): ActiveSpanLack {
  if (!canFindActiveSpan(session.type)) return "no way";
  return ranOut ? "no answer" : "no span";
}
