import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ReceiverHours } from "../../../../src/host/engine/receiver-hours.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

/** What happens, minute by minute, and in which minute the receiver is closed. */
const cases: readonly [
  title: string,
  happens: Readonly<Record<number, "launch" | "start" | "end">>,
  closed: number[],
][] = [
  ["is closed a grace time after the last session", { 0: "launch", 1: "start", 10: "end" }, [12]],
  ["stays open for a session that is long", { 0: "launch", 1: "start" }, []],
  ["is closed after a launch that came to nothing", { 0: "launch" }, [5]],
  [
    "stays open where a session begins in the grace time",
    { 0: "launch", 1: "start", 10: "end", 11: "launch", 14: "start" },
    [],
  ],
  [
    "is closed once for each time that it was open",
    { 0: "start", 1: "end", 10: "launch", 11: "start", 12: "end" },
    [3, 14],
  ],
];
test.each(cases)("the receiver %s", (_title, happens, closed) => {
  let active = false;
  const closedAt: number[] = [];
  let minute = 0;
  const hours = new ReceiverHours({
    isNeeded: () => active,
    close: () => closedAt.push(minute),
    graceMs: () => 2 * MINUTE,
  });
  for (; minute <= 30; minute++) {
    if (minute > 0) vi.advanceTimersByTime(MINUTE);
    const what = happens[minute];
    if (what === "launch") hours.launching();
    active = what === "start" || (active && what !== "end");
    if (what === "end") hours.sessionEnded();
  }
  expect(closedAt).toEqual(closed);
  hours.dispose();
});

test("nothing is closed after it was disposed", () => {
  const close = vi.fn();
  const hours = new ReceiverHours({ isNeeded: () => false, close, graceMs: () => 1 });
  hours.sessionEnded();
  hours.dispose();
  vi.runAllTimers();
  expect(close).not.toHaveBeenCalled();
});
