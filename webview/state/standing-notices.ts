import type { Problem } from "../../src/base/result.ts";
import type { EngineState } from "../../src/protocol/engine.ts";

/** Something that a person should know, at the top of the panel. */
export interface Notice extends Problem {
  readonly severity: "information" | "warning" | "error";
}

/** What goes wrong for a while and resumes by itself: shown while it lasts, and taken away when it is over. */
export function standingNotices(engine: EngineState | undefined): readonly Notice[] {
  return [...logNotices(engine?.log), ...backupNotices(engine?.backup)];
}

/** What is done now and was not before: to be told; and what is over: to be taken away. */
export function noticeChanges(
  before: readonly Notice[],
  now: readonly Notice[],
): { readonly begun: readonly Notice[]; readonly over: readonly Notice[] } {
  return {
    begun: now.filter((notice) => !before.some((other) => isSame(notice, other))),
    over: before.filter((notice) => !now.some((other) => isSame(notice, other))),
  };
}

export function isSame(a: Notice, b: Notice): boolean {
  return a.code === b.code && a.message === b.message;
}

/** How far the reading of earlier runs is; undefined where there is nothing to read. */
export function restoringText(engine: EngineState | undefined): string | undefined {
  const fraction = engine?.recovering;
  return fraction === undefined ? undefined : `Restoring earlier runs… ${Math.floor(fraction * 100)} %`;
}

function logNotices(log: EngineState["log"]): readonly Notice[] {
  if (log === undefined) return [];
  const failed = log.folders.filter(({ problem }) => problem !== undefined);
  const writing = log.folders.find(({ problem }) => problem === undefined);
  if (failed.length === 0) {
    const { problem } = log;
    return problem === undefined ? [] : [{ ...problem, severity: "warning" }];
  }
  return failed.flatMap(({ path, problem }): readonly Notice[] => {
    if (problem === undefined) return [];
    const goesOn =
      writing === undefined
        ? "Telemetry in memory goes on; logging resumes by itself."
        : `The other folder goes on: ${writing.path}`;
    const message = `The session log cannot be written into ${path}: ${problem.message}`;
    return [{ code: problem.code, message, advice: goesOn, severity: "warning" }];
  });
}

function backupNotices(backup: EngineState["backup"]): readonly Notice[] {
  return backup?.problem === undefined ? [] : [{ ...backup.problem, severity: "warning" }];
}
