import { expect, test } from "vitest";
import { sinceLastStopNs } from "../../../../src/host/session/since-last-stop.ts";
import type { SessionId } from "../../../../src/model/ids.ts";
import type { Pause } from "../../../../src/model/pause.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const OTHER = "zyxwvutsrqponmlkjihgfe" as SessionId;
const T = 1_700_000_000_000_000_000n;

const pause = (from: number, to?: number, sessionId = SESSION): Pause => ({
  id: `${from}`,
  sessionId,
  processId: 7,
  name: "cart",
  startTimeUnixNano: String(T + BigInt(from)),
  endTimeUnixNano: to === undefined ? undefined : String(T + BigInt(to)),
});

test.each<readonly [what: string, pauses: readonly Pause[], expected: number | undefined]>([
  ["nothing is paused", [pause(0, 10)], undefined],
  ["it is the first stop", [pause(5)], undefined],
  [
    "it ran from the end of the last stop to the start of this one",
    [pause(0, 10), pause(12, 20), pause(32)],
    12,
  ],
  ["another session's stops do not count", [pause(0, 10), pause(11, 19, OTHER), pause(32)], 22],
  ["of threads that stopped one after the other the first counts", [pause(0, 10), pause(32), pause(40)], 22],
])("%s", (_, pauses, expected) => {
  expect(sinceLastStopNs(pauses, SESSION)).toBe(expected);
});
