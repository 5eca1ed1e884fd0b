import { expect, test } from "vitest";
import { createEngine } from "../../../../src/engine/engine.ts";
import type { SlowSpan } from "../../../../src/engine/watch/slow-spans.ts";
import { jsonRequest, spanOf } from "../otlp-request.ts";

const HELLO = {
  pid: 7,
  ppid: 1,
  runtime: "node",
  runtimeVersion: "v20",
  service: "cart",
  ownSdk: false,
  worker: false,
};
const fails = { id: "1", enabled: true, moment: "fails", name: "GET" } as const;

test("agents are told the breakpoints when they connect and when these change, until they are gone", async () => {
  const engine = createEngine();
  const told: unknown[] = [];
  engine.spanBreakpoints.set([fails, { id: "2", enabled: true, moment: "slow", overMs: 5 }]);
  engine.sink.agentConnected(1, undefined, HELLO, (text) => told.push(JSON.parse(text)));
  engine.spanBreakpoints.set([{ ...fails, enabled: false }]);
  engine.sink.agentGone(1);
  engine.spanBreakpoints.set([fails]);
  expect(told).toEqual([
    { type: "span-breakpoints", breakpoints: [fails] },
    { type: "span-breakpoints", breakpoints: [] },
  ]);
  await engine.dispose();
});

const PROCESS = [
  { key: "process.pid", value: { intValue: "4711" } },
  { key: "host.name", value: { stringValue: "box" } },
];

test.each([
  ["no process where it names none", [], { processId: undefined, host: undefined }],
  ["its process", PROCESS, { processId: 4711, host: "box" }],
])("an unfinished span that has run too long is found, with %s", async (_, resource, process) => {
  const engine = createEngine();
  const told: { readonly type?: string }[] = [];
  engine.sink.agentConnected(1, undefined, HELLO, (text) => told.push(JSON.parse(text)));
  const found = new Promise<SlowSpan>((resolve) => engine.spanBreakpoints.onSlowSpan(resolve));
  engine.spanBreakpoints.set([{ id: "1", enabled: true, moment: "slow", overMs: 50, name: "hangs" }]);
  const startTimeUnixNano = `${Date.now()}000000`;
  engine.sink.traces(
    jsonRequest(
      [
        spanOf(1, { name: "ends", startTimeUnixNano }),
        spanOf(2, { name: "hangs", startTimeUnixNano, endTimeUnixNano: "0" }),
      ],
      "shop",
      resource,
    ),
    "json",
    { sessionId: undefined, channel: "http" },
  );
  const slow = await found;
  expect(slow).toMatchObject({ breakpointId: "1", name: "hangs", service: "shop", ...process });
  expect(slow.runningMs).toBeGreaterThanOrEqual(49);
  // The agents hear of it first: one that has the span stops where it waits.
  const { traceId, spanId } = slow;
  expect(told.at(-1)).toMatchObject({ type: "stop-in-span", breakpointId: "1", traceId, spanId });
  await engine.dispose();
});
