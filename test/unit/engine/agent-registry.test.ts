import { expect, test } from "vitest";
import { AgentRegistry } from "../../../src/engine/agent-registry.ts";
import type { SessionId } from "../../../src/model/ids.ts";

const SESSION = "abcdefghijklmnopqrstuv" as SessionId;
const HELLO = {
  pid: 42,
  ppid: 1,
  runtime: "node",
  runtimeVersion: "v20.20.2",
  service: "cart",
  ownSdk: false,
  worker: false,
};

test("an agent is shown with what it said and what came of it, also when it is gone", () => {
  const agents = new AgentRegistry();
  agents.connected(1, SESSION, HELLO);
  agents.connected(2, undefined, { ...HELLO, pid: 43 });
  agents.countSpans(1, 3);
  agents.countSpans(1, 4);
  agents.foundOwnSdk(2);
  agents.gone(1);
  const { pid: _pid, ppid: _ppid, worker: _worker, ...said } = HELLO;
  expect(agents.all).toEqual([
    { ...said, pid: 42, sessionId: SESSION, connected: false, spanCount: 7 },
    { ...said, pid: 43, sessionId: undefined, ownSdk: true, connected: true, spanCount: 0 },
  ]);
});

test("what is said of a connection that is unknown changes nothing", () => {
  const agents = new AgentRegistry();
  agents.countSpans(7, 1);
  agents.foundOwnSdk(7);
  agents.gone(7);
  expect(agents.all).toEqual([]);
});

test("only the last hundred that are gone are kept, and all that are connected", () => {
  const agents = new AgentRegistry();
  for (let connection = 0; connection < 250; connection++) {
    agents.connected(connection, SESSION, { ...HELLO, pid: connection });
    if (connection >= 5) agents.gone(connection);
  }
  const pids = agents.all.map(({ pid }) => pid);
  expect(pids).toHaveLength(105);
  expect(pids.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 150]);
});
