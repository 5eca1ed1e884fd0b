import { hostname } from "node:os";
import * as vscode from "vscode";
import { DisposableList, type Disposable } from "../../base/dispose.ts";
import type { FoundSpan, SpanStack } from "../../model/span-stack.ts";
import { setSpanBreakpoints } from "../../protocol/breakpoints.ts";
import type { ActiveSpanTracker } from "../active-span/active-span-tracker.ts";
import type { Engine } from "../engine/engine.ts";
import type { PauseTracker } from "../session/pause-tracker.ts";
import type { SessionBook } from "../session/session-book.ts";
import type { SourceOpener } from "../source/source-opener.ts";
import type { BreakpointBook } from "./breakpoint-book.ts";
import { registerBreakpointCommands } from "./breakpoint-commands.ts";
import { BreakpointTree } from "./breakpoint-tree.ts";
import { placeText, slowWords, stopWords } from "./breakpoint-words.ts";
import { closeStopScript, DebuggedPrograms, type Hit } from "./debugged-programs.ts";
import { programsOfSpan } from "./programs-of-span.ts";
import { SlowSpanPauser } from "./slow-span-pauser.ts";

export interface SpanBreakpointParts {
  readonly engine: Pick<Engine, "ask" | "onSlowSpan">;
  readonly sessions: SessionBook;
  readonly pauses: Pick<PauseTracker, "isStopped" | "led" | "onChanged" | "programs">;
  readonly activeSpans: Pick<ActiveSpanTracker, "stoppedIn" | "goesOn">;
  readonly source: Pick<SourceOpener, "open">;
}

/** Stopping by trace: the list, its commands, and what happens when one is hit. */
export function startSpanBreakpoints(book: BreakpointBook, parts: SpanBreakpointParts): Disposable {
  const { engine, sessions, pauses, activeSpans, source } = parts;
  const own = new DisposableList();
  const tree = own.add(
    new BreakpointTree(book, {
      running: () => sessions.sessions.filter(({ active }) => active).map(({ type }) => type),
      onChanged: sessions.onChanged,
    }),
  );
  const programs = own.add(
    new DebuggedPrograms({
      isWatching: () => book.all.some(({ enabled }) => enabled),
      isStopped: (session) => pauses.isStopped(session),
      onLed: (session, isLed) => pauses.led(session, isLed),
    }),
  );
  own.add(registerBreakpointCommands(book));
  own.add(book.onChanged(() => void engine.ask(setSpanBreakpoints, { breakpoints: book.all })));

  /** What is told above the list, until that session goes on, or has ended. */
  let told: { readonly session: vscode.DebugSession; readonly isStopped: boolean } | undefined;
  const tell = (session: vscode.DebugSession, message: string, isStopped: boolean): void => {
    told = { session, isStopped };
    tree.tell(message);
  };
  const forget = (): void => {
    if (told !== undefined) activeSpans.goesOn(told.session);
    tree.tell(undefined);
    told = undefined;
  };
  own.add(
    pauses.onChanged(() => {
      if (told?.isStopped === true && !pauses.isStopped(told.session)) forget();
    }),
  );
  own.add(
    vscode.debug.onDidTerminateDebugSession(({ id }) => {
      if (told?.session.id === id) forget();
    }),
  );
  const pauser = new SlowSpanPauser({
    programs,
    tell,
    stoppedIn: (session, threadId, spans) => activeSpans.stoppedIn(session, threadId, spans),
    open: ({ path, line }) => source.open({ path, line, evidence: "stack-frame" }, false),
  });
  own.add(
    programs.onHit((hit) => {
      tell(hit.session, stopWords(hit.stop.moment, hit.stop.name), true);
      if (hit.stop.where === "nowhere")
        void showSpanOf(hit, parts).then((words) => words && tell(hit.session, words, true));
    }),
  );
  own.add(
    engine.onSlowSpan((span) => {
      // The endpoint of programs that were not launched here, and runs of old, have sessions that no debugger's is.
      const sessionId = sessions.find(span.sessionId)?.id;
      for (const { session } of programsOfSpan(pauses.programs, { ...span, sessionId }, hostname()))
        // A session that has ended meanwhile refuses.
        pauser.pause(session, span).catch(() => undefined);
    }),
  );
  return own;
}

/** No code of the person's runs at this stop: what they see instead is where the span comes from, such as the call that is awaited. */
async function showSpanOf(
  { session, threadId, stop }: Hit,
  { activeSpans, source }: Pick<SpanBreakpointParts, "activeSpans" | "source">,
): Promise<string | undefined> {
  const stack = await activeSpans.stoppedIn(session, threadId, [spanOf(stop)]);
  const location = stack && locationIn(stack);
  if (location !== undefined && (await source.open(location, false)) === "opened") await closeStopScript();
  const hit = stack?.frames.find(({ spanId }) => spanId === stop.spanId);
  if (stop.moment !== "slow" || hit === undefined) return undefined;
  return slowWords(stop.name, hit.runningNs / 1e6, location && placeText(location));
}

/** The agent has told the engine of the span before it stopped. */
function spanOf({ traceId, innerSpanId, name }: Hit["stop"]): FoundSpan {
  return {
    ...{ traceId, spanId: innerSpanId, name, parentSpanId: undefined, attributes: [] },
    ...{ startTimeUnixNano: "0", ended: false },
  };
}

/** Of the innermost span in the process that has one. */
function locationIn({ frames }: SpanStack): SpanStack["frames"][number]["location"] {
  return frames.find(
    ({ location, sessionId }) => location !== undefined && sessionId === frames[0]?.sessionId,
  )?.location;
}
