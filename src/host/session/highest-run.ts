import type { Disposable } from "../../base/dispose.ts";
import type { Memento } from "vscode";
import type { SessionBook } from "./session-book.ts";

const KEY = "run.highest";

/**
 * The number of the last run of this workspace. A launch gets its run at once, while the session log, which knows the
 * numbers too, is still being read.
 */
export function highestRun(memory: Memento): number {
  const known = memory.get<unknown>(KEY);
  return typeof known === "number" && Number.isSafeInteger(known) && known > 0 ? known : 0;
}

export function rememberHighestRun(memory: Memento, sessions: SessionBook): Disposable {
  return sessions.onChanged(() => {
    if (sessions.highestRun > highestRun(memory)) void memory.update(KEY, sessions.highestRun);
  });
}
