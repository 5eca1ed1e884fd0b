import { expect, test } from "vitest";
import { programsOfSpan, type ProcessOfSpan } from "../../../../src/host/breakpoints/programs-of-span.ts";
import type { SessionId } from "../../../../src/model/ids.ts";

const api = "api-session" as SessionId;
const cart = "cart-session" as SessionId;
const attached = "attached-session" as SessionId;

const PROGRAMS = [
  { name: "api", sessionId: api, processId: 1 },
  { name: "api's child", sessionId: api, processId: 2 },
  { name: "cart", sessionId: cart, processId: 3 },
  { name: "cart's launcher", sessionId: cart, processId: undefined },
  { name: "attached", sessionId: attached, processId: 4 },
  { name: "like api", sessionId: attached, processId: 1 },
];

test.each<[says: string, span: ProcessOfSpan, programs: readonly string[]]>([
  ["a process of its session", { sessionId: api, processId: 2 }, ["api's child"]],
  ["a number that another session's process has as well", { sessionId: api, processId: 1 }, ["api"]],
  ["its session alone", { sessionId: api, processId: undefined }, ["api", "api's child"]],
  ["a process that its debugger does not tell", { sessionId: cart, processId: 9 }, ["cart's launcher"]],
  ["a process of its session that nobody debugs", { sessionId: api, processId: 9 }, []],
  ["a process that was attached to", { sessionId: undefined, processId: 4 }, ["attached"]],
  ["one that another session debugs", { sessionId: cart, processId: 4 }, ["attached"]],
  ["a process that nobody debugs", { sessionId: undefined, processId: 9 }, []],
  ["nothing", { sessionId: undefined, processId: undefined }, []],
  ["a process of this machine", { sessionId: undefined, processId: 4, host: "here" }, ["attached"]],
  ["a process of another machine", { sessionId: undefined, processId: 4, host: "there" }, []],
  ["its session in a container", { sessionId: api, processId: 2, host: "there" }, ["api's child"]],
])("a span that says %s: %j is of %j", (_, span, programs) => {
  expect(programsOfSpan(PROGRAMS, span, "here").map(({ name }) => name)).toEqual(programs);
});
