import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { fixtures, installFixtures, lineOf, run } from "./fixtures.ts";
import { InspectedProgram, type PausedFrame } from "./inspected-program.ts";
import { Receiver, type ReceivedSpan } from "./receiver.ts";

const receiver = new Receiver();
const app = join(fixtures, "apps/breakpoints.cjs");
const express = join(fixtures, "apps/express.cjs");
const line = (fragment: string): number => lineOf(app, fragment);

let program: InspectedProgram | undefined;

beforeAll(async () => {
  installFixtures();
  await receiver.listen();
});
afterEach(() => {
  program?.kill();
  receiver.clear();
});
afterAll(() => receiver.close());

function withBreakpoints(...breakpoints: object[]): Record<string, string> {
  const all = breakpoints.map((breakpoint, n) => ({ id: String(n), enabled: true, ...breakpoint }));
  return { SPANLIGHT_SPAN_BREAKPOINTS: JSON.stringify(all) };
}

function placeOf(frames: readonly PausedFrame[] | undefined): string {
  const [top] = frames ?? [];
  const file = top?.url.replace(/^.*\//, "") ?? "nowhere";
  return `${file}:${String((top?.location.lineNumber ?? -1) + 1)} ${top?.functionName ?? ""}`;
}

async function stopOf(frames: readonly PausedFrame[] | undefined): Promise<Record<string, unknown>> {
  const text = await program?.evaluate(frames?.[0], 'globalThis[Symbol.for("spanlight.agent")].stop()');
  return JSON.parse(decodeURIComponent(String(text))) as Record<string, unknown>;
}

test.each([
  ["start", { moment: "starts", name: "reserve *" }, "if (stock < 1)", "reserve"],
  ["end", { moment: "ends", attribute: { key: "stock.left", value: "0" } }, "return stock - 1", "reserve"],
  ["failure", { moment: "fails", name: "reserve lamp" }, "return stock - 1", "reserve"],
  [
    "answer with an error",
    { moment: "fails", attribute: { key: "url.path", value: "/*" } },
    "}); // answered",
    "handle",
  ],
])("one step out of the stop leads to the person's own line: %s", async (_, breakpoint, fragment, name) => {
  program = await InspectedProgram.start(app, receiver, withBreakpoints(breakpoint));
  const stop = await program.after("resume");
  expect(placeOf(stop)).toMatch(/spanlightStop$/);
  expect(await stopOf(stop)).toMatchObject({ rule: "0", moment: breakpoint.moment, where: "caller" });
  const after = await program.after("stepOut");
  expect(placeOf(after)).toBe(`breakpoints.cjs:${String(line(fragment))} ${name}`);
  expect(await program.after("resume"), "a span is hit once").toBeUndefined();
  expect(program.output).toBe("500\n");
});

test.each([
  [app, "GET", "handle", "createServer(function handle"],
  [express, "GET /items/:id", "loadItem", "async function loadItem"],
])("a request that starts is stopped in the function that handles it: %s", async (file, name, handler, _) => {
  program = await InspectedProgram.start(file, receiver, withBreakpoints({ moment: "starts", name }));
  let stop = await program.after("resume");
  // The call to the server is a span of the same name.
  while ((await stopOf(stop))["where"] === "caller") stop = await program.after("resume");
  expect(await stopOf(stop)).toMatchObject({ where: "handler", name });
  await program.evaluate(stop?.[0], 'debug(globalThis[Symbol.for("spanlight.agent")].handler())');
  const at = await program.after("resume");
  expect(at?.[0]?.functionName).toBe(handler);
  expect(at?.[0]?.url).toContain(file);
});

test.each([
  ["the agent", join(fixtures, "apps/api-only.cjs"), "inside"],
  ["an SDK of its own", join(fixtures, "apps/own-sdk.cjs"), "manual work"],
])("startActiveSpan of %s leads into the function that it calls", async (_, file, name) => {
  program = await InspectedProgram.start(file, receiver, withBreakpoints({ moment: "starts", name }));
  const stop = await program.after("resume");
  expect(await stopOf(stop)).toMatchObject({ moment: "starts", name, where: "caller" });
  const call = stop?.find(({ functionName }) => functionName.endsWith("startActiveSpan"));
  const agent = 'globalThis[Symbol.for("spanlight.agent")]';
  expect(await program.evaluate(call, `${agent}.enter(arguments[arguments.length - 1])`)).toBe(true);
  await program.evaluate(stop?.[0], `debug(${agent}.handler())`);
  const at = await program.after("resume");
  expect(at?.[0]?.url).toContain(file);
  const called = lineOf(file, "startActiveSpan");
  expect([called, called + 1]).toContain((at?.[0]?.location.lineNumber ?? 0) + 1);
});

test("in a program with an SDK of its own, steps out of a span's end lead through that to the person's own line", async () => {
  const file = join(fixtures, "apps/own-sdk.cjs");
  const breakpoint = { moment: "ends", name: "manual work" };
  program = await InspectedProgram.start(file, receiver, withBreakpoints(breakpoint));
  let at = await program.after("resume");
  expect(await stopOf(at)).toMatchObject({ ...breakpoint, where: "caller" });
  for (let steps = 0; steps < 60 && !placeOf(at).startsWith("own-sdk.cjs"); steps++)
    at = await program.after("stepOut");
  // After the call that ends it.
  expect(at?.[0]?.location.lineNumber).toBe(lineOf(file, "span.end()"));
});

test("a program that tsx runs is stopped in the handler of its TypeScript", async () => {
  const server = join(fixtures, "apps/server.mts");
  program = await InspectedProgram.start(
    server,
    receiver,
    withBreakpoints({ moment: "starts", name: "GET", attribute: { key: "url.path", value: "*" } }),
    ["--import", "tsx"],
  );
  let stop = await program.after("resume");
  // The call to the server has that attribute as well.
  while ((await stopOf(stop))["where"] === "caller") stop = await program.after("resume");
  expect(await stopOf(stop)).toMatchObject({ where: "handler", name: "GET" });
  await program.evaluate(stop?.[0], 'debug(globalThis[Symbol.for("spanlight.agent")].handler())');
  const at = await program.after("resume");
  expect(at?.[0]?.url).toContain("server.mts");
});

test("a program that waits in a span that ran too long stops, and tells the innermost span", async () => {
  program = await InspectedProgram.start(join(fixtures, "apps/slow.cjs"), receiver);
  const stopping = program.after("resume");
  const open = (kind: number): ReceivedSpan | undefined =>
    receiver.spans.find((span) => span.kind === kind && span.endNs === 0n);
  const [server, client] = await receiver.until(() => {
    const [inner, outer] = [open(2), open(3)];
    return inner !== undefined && outer !== undefined && ([inner, outer] as const);
  }, "both spans of the request");
  const wish = { type: "stop-in-span", breakpointId: "7", traceId: client.traceId, spanId: client.spanId };
  receiver.sayToAll(JSON.stringify({ ...wish, atMs: Date.now() - 60_000 }));
  receiver.sayToAll(JSON.stringify({ ...wish, spanId: "f".repeat(16), atMs: Date.now() }));
  receiver.sayToAll(JSON.stringify({ ...wish, breakpointId: "8", atMs: Date.now() }));
  expect(await stopOf(await stopping), "what is late, or for others, stops nothing").toMatchObject({
    ...{ rule: "8", moment: "slow", where: "nowhere", name: "GET" },
    ...{ traceId: client.traceId, spanId: client.spanId },
  });
  expect(server.traceId).toBe(client.traceId);
});

test("breakpoints that the engine sends replace those of the start", async () => {
  receiver.say = JSON.stringify({
    type: "span-breakpoints",
    breakpoints: [{ id: "sent", enabled: true, moment: "fails", name: "GET" }],
  });
  program = await InspectedProgram.start(
    app,
    receiver,
    withBreakpoints({ moment: "starts", name: "nothing" }),
  );
  const stop = await program.after("resume");
  receiver.say = undefined;
  expect(await stopOf(stop)).toMatchObject({ rule: "sent" });
});

test("without a debugger a program with breakpoints runs on", async () => {
  const env = withBreakpoints({ moment: "starts" }, { moment: "ends" }, { moment: "fails" });
  const outcome = await run({ args: [app], env }, receiver);
  expect(outcome).toMatchObject({ stdout: "500\n", stderr: "", code: 0 });
});

test("a tracepoint records a value on the active span, and one that throws its error", async () => {
  program = await InspectedProgram.start(express, receiver);
  const agent = 'globalThis[Symbol.for("spanlight.agent")]?';
  for (const condition of [
    `${agent}.record("id", () => (req.params)) ?? false`,
    `${agent}.record("wrong", () => (req.nothing.at.all)) ?? false`,
  ]) {
    await program.ask("Debugger.setBreakpointByUrl", {
      urlRegex: "express\\.cjs$",
      lineNumber: lineOf(express, "const answer = await fetch(`http://127.0.0.1:${req") - 1,
      condition,
      // Two on one line are told apart by their column.
      columnNumber: condition.includes("wrong") ? 24 : 2,
    });
  }
  expect(await program.after("resume"), "the program is not stopped").toBeUndefined();
  const events = receiver.spans.flatMap((span) => span.events);
  expect(events).toContainEqual({ name: "id", attributes: { value: expect.stringContaining("id: '3'") } });
  expect(events).toContainEqual({
    name: "wrong",
    attributes: { error: expect.stringMatching(/^TypeError/) },
  });
});
