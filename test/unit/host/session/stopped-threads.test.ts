import { expect, test } from "vitest";
import { StoppedThreads } from "../../../../src/host/session/stopped-threads.ts";

const stopped = (threadId?: number, allThreadsStopped?: boolean): object => ({
  type: "event",
  event: "stopped",
  body: { reason: "breakpoint", threadId, allThreadsStopped },
});
const continued = (threadId: number, allThreadsContinued?: boolean): object => ({
  type: "event",
  event: "continued",
  body: { threadId, allThreadsContinued },
});
const reply = (command: string, success = true, body?: object): object => ({
  type: "response",
  command,
  success,
  body,
});

/** What an adapter sends, and whether the program is paused after each message. */
const cases: readonly [title: string, messages: readonly unknown[], paused: readonly boolean[]][] = [
  ["js-debug: events both ways", [stopped(1, true), continued(1, true)], [true, false]],
  ["Delve: no event on continue", [stopped(1, true), reply("continue")], [true, false]],
  [
    "lldb-vscode: no event on a step",
    [stopped(1, true), reply("next"), stopped(1, true)],
    [true, false, true],
  ],
  ["Delve: a stop without a thread", [stopped(), reply("stepIn")], [true, false]],
  ["Java: thread by thread", [stopped(1, false), stopped(2, false), continued(1, false)], [true, true, true]],
  ["Java: the last thread too", [stopped(1, false), continued(1, false)], [true, false]],
  ["debugpy: continued names another thread", [stopped(6, true), continued(10, true)], [true, false]],
  ["a request that failed resumes nothing", [stopped(1, true), reply("continue", false)], [true, true]],
  [
    "other replies resume nothing",
    [stopped(1, true), reply("stackTrace"), reply("evaluate")],
    [true, true, true],
  ],
  ["the end is no pause", [stopped(1, true), { type: "event", event: "terminated" }], [true, false]],
  ["what is no message changes nothing", [null, 1, "x", [], {}, { type: "event" }], Array(6).fill(false)],
  ["a stop with a body of another form is a stop", [{ type: "event", event: "stopped", body: 7 }], [true]],
];
test.each(cases)("%s", (_title, messages, paused) => {
  const threads = new StoppedThreads();
  const seen = messages.map((message) => {
    const before = threads.isPaused;
    expect(threads.receive(message)).toBe(threads.isPaused !== before);
    return threads.isPaused;
  });
  expect(seen).toEqual(paused);
});
