import { uptime } from "node:os";
import { describe, expect, test } from "vitest";
import {
  claim,
  isInUse,
  newEngineFolder,
  parseEngineFolder,
  release,
  type EngineFolder,
} from "../../../../src/engine/log/engine-folder.ts";

const nowMs = Date.now();
/** The process that started this one: it runs, and is another. */
const parent = process.ppid;
/** Beyond what any system hands out. */
const nobody = 4_000_000_000;

test("a name says everything about its folder", () => {
  const folder = newEngineFolder(1_700_000_000_000);
  expect(parseEngineFolder(folder.name)).toEqual(folder);
});

test("names sort by the moment in which the engine began", () => {
  const names = [5, 999, 1_700_000_000_000, 10_000_000_000_000].map(
    (startedMs) => newEngineFolder(startedMs).name,
  );
  expect(names.toSorted()).toEqual(names);
});

test.each(["", "notes", "000000000000001-xyz-1-00000000", ".."])("%j is no engine's folder", (name) => {
  expect(parseEngineFolder(name)).toBeUndefined();
});

describe("a folder is in use", () => {
  const begun = newEngineFolder(nowMs);
  const foreign: EngineFolder = { ...begun, machine: "ffffffff" };
  test.each<[string, EngineFolder, number | undefined, boolean]>([
    ["not, when it is of this process and not open in it: its worker died", begun, nowMs, false],
    ["while its process runs", { ...begun, pid: parent }, undefined, true],
    ["not, once its process is gone", { ...begun, pid: nobody }, nowMs, false],
    [
      "not, when it was begun before the machine was",
      { ...begun, pid: parent, startedMs: nowMs - uptime() * 1000 - 120_000 },
      undefined,
      false,
    ],
    ["on another machine while it is written", foreign, nowMs - 60_000, true],
    ["on another machine when it was just begun", foreign, undefined, true],
    ["not, when another machine has been silent for long", foreign, nowMs - 3_600_000, false],
  ])("%s", (_, folder, lastWriteMs, expected) => {
    expect(isInUse(folder, lastWriteMs, nowMs)).toBe(expected);
  });

  test("while this process has it open", () => {
    claim(begun);
    expect(isInUse(begun, undefined, nowMs)).toBe(true);
    release(begun);
    expect(isInUse(begun, undefined, nowMs)).toBe(false);
  });
});
