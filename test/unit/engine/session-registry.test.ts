import { expect, test } from "vitest";
import { SessionRegistry } from "../../../src/engine/session-registry.ts";
import { OUTSIDE_ANY_RUN, type RunNumber, type SessionId } from "../../../src/model/ids.ts";

test("a session that was opened has its run; others, and no session, are outside of any", () => {
  const sessions = new SessionRegistry();
  const session = "abcdefghijklmnopqrstuv" as SessionId;
  sessions.open(session, 3 as RunNumber);
  expect(sessions.runOf(session)).toBe(3);
  expect(sessions.runOf("zyxwvutsrqponmlkjihgfe" as SessionId)).toBe(OUTSIDE_ANY_RUN);
  expect(sessions.runOf(undefined)).toBe(OUTSIDE_ANY_RUN);
});
