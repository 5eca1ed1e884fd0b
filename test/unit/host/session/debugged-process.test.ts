import { expect, test } from "vitest";
import { pauseOf, type DebuggedProcess } from "../../../../src/host/session/debugged-process.ts";
import type { Stop } from "../../../../src/host/session/pause-machine.ts";

const stop: Stop = { number: 3, startNs: 5n, endNs: undefined, thread: undefined, place: undefined };
const process: DebuggedProcess = {
  debuggerId: "d",
  debuggerNames: ["main.js"],
  sessionId: undefined,
  name: "api",
  processId: undefined,
};

test("a stop becomes a pause that the engine can tell from all others", () => {
  expect(pauseOf({ ...stop, endNs: 9n }, process)).toEqual({
    id: "d#3",
    sessionId: undefined,
    processId: undefined,
    name: "api",
    startTimeUnixNano: "5",
    endTimeUnixNano: "9",
  });
});

test.each<[names: readonly string[], told: number | undefined, expected: number | undefined]>([
  [["main.js [4711]", "api"], undefined, 4711],
  [["main.js [4711] « api", "api"], undefined, 4711],
  [["[worker 1] sum.js", "main.js [4711]", "api"], undefined, 4711],
  [["main.js [4711]"], 12, 12],
  [["tests [1] of 3"], undefined, undefined],
])("%j, told %s: process %s", (debuggerNames, processId, expected) => {
  expect(pauseOf(stop, { ...process, debuggerNames, processId }).processId).toBe(expected);
});

test.each([
  ["Thread [main]", "main"],
  ["worker-2", "worker-2"],
  [undefined, "thread 7"],
])("the thread %s is called %s", (name, expected) => {
  expect(pauseOf({ ...stop, thread: { id: 7, name } }, process).threadName).toBe(expected);
});
