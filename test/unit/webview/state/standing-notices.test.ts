import { describe, expect, test } from "vitest";
import type { EngineState, LogFolderState } from "../../../../src/protocol/engine.ts";
import { noticeChanges, restoringText, standingNotices } from "../../../../webview/state/standing-notices.ts";

const full = { code: "log-disk-full", message: "The disk is full.", advice: "Make room." };
const folder = (path: string, fails: boolean): LogFolderState => ({
  path,
  bytes: 1,
  problem: fails ? full : undefined,
  failedSinceMs: fails ? 5 : undefined,
});

/** Only what these notices are made of. */
function engineWith(state: Partial<EngineState>): EngineState {
  return state as EngineState;
}

const logged = (...folders: LogFolderState[]): EngineState =>
  engineWith({ log: { bytes: 1, lagBytes: 0, sinceMs: 1, problem: undefined, folders } });

describe("what goes wrong for a while", () => {
  test.each([
    ["no engine", undefined, []],
    ["a log that is written", logged(folder("/a", false)), []],
    [
      "the only folder of the log",
      logged(folder("/a", true)),
      ["/a: The disk is full. logging resumes by itself"],
    ],
    [
      "one of two folders",
      logged(folder("/a", false), folder("/b", true)),
      ["/b: The disk is full. goes on: /a"],
    ],
  ])("is told of %s", (_title, engine, expected) => {
    const found = standingNotices(engine).map(({ message, advice }) => `${message} ${advice}`);
    expect(found).toHaveLength(expected.length);
    expected.forEach((text, index) => {
      for (const part of text.split(". ")) expect(found[index]).toContain(part);
    });
  });

  test("is told of a backup that fails, and of a log that cannot keep up", () => {
    const problem = { code: "log-behind", message: "Too slow." };
    const engine = engineWith({
      log: { bytes: 1, lagBytes: 0, sinceMs: 1, problem, folders: [folder("/a", false)] },
      backup: { folder: "/b", lastPath: undefined, lastMs: undefined, problem: full },
    });
    expect(standingNotices(engine).map(({ code }) => code)).toEqual(["log-behind", "log-disk-full"]);
  });

  test("is told once, and taken away when it is over", () => {
    const failing = standingNotices(logged(folder("/a", true)));
    const calm = standingNotices(logged(folder("/a", false)));
    expect(noticeChanges(calm, failing)).toEqual({ begun: failing, over: [] });
    expect(noticeChanges(failing, failing)).toEqual({ begun: [], over: [] });
    expect(noticeChanges(failing, calm)).toEqual({ begun: [], over: failing });
  });
});

test("the reading of earlier runs is told while it lasts", () => {
  expect(restoringText(engineWith({ recovering: 0.425 }))).toBe("Restoring earlier runs… 42 %");
  expect(restoringText(engineWith({}))).toBeUndefined();
  expect(restoringText(undefined)).toBeUndefined();
});
