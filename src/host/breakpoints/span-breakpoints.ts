import type * as vscode from "vscode";
import { DisposableList, type Disposable } from "../../base/dispose.ts";
import { setSpanBreakpoints } from "../../protocol/breakpoints.ts";
import type { Engine } from "../engine/engine.ts";
import { SESSION_MARK, type SessionBook } from "../session/session-book.ts";
import type { BreakpointBook } from "./breakpoint-book.ts";
import { registerBreakpointCommands } from "./breakpoint-commands.ts";
import { BreakpointTree } from "./breakpoint-tree.ts";
import { slowWords, stopWords } from "./breakpoint-words.ts";
import { DebuggedPrograms } from "./debugged-programs.ts";

/** Stopping by trace: the list, its commands, and what happens when one is hit. */
export function startSpanBreakpoints(
  book: BreakpointBook,
  engine: Pick<Engine, "ask" | "onSlowSpan">,
  sessions: SessionBook,
): Disposable {
  const own = new DisposableList();
  const tree = own.add(new BreakpointTree(book));
  const programs = own.add(
    new DebuggedPrograms(() => book.all.some(({ enabled, moment }) => enabled && moment !== "slow")),
  );
  own.add(registerBreakpointCommands(book));
  own.add(book.onChanged(() => void engine.ask(setSpanBreakpoints, { breakpoints: book.all })));
  own.add(programs.onHit(({ stop }) => tree.tell(stopWords(stop.moment, stop.name))));
  own.add(programs.onResumed(() => tree.tell(undefined)));
  own.add(
    engine.onSlowSpan(({ sessionId, processId, name, runningMs }) => {
      const isOf = (session: vscode.DebugSession): boolean => {
        const known =
          sessions.ofDebugger(session.id) ?? sessions.find(session.configuration[SESSION_MARK])?.id;
        return sessionId === undefined ? processId !== undefined : known === sessionId;
      };
      void programs.pause(isOf, processId).then((paused) => {
        if (paused) tree.tell(slowWords(name, runningMs));
      });
    }),
  );
  return own;
}
