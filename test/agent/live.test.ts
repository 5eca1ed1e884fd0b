import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { builtAgent, fixtures, installFixtures, lineOf, run } from "./fixtures.ts";
import { Receiver } from "./receiver.ts";

const receiver = new Receiver();

beforeAll(async () => {
  installFixtures();
  await receiver.listen();
});
afterEach(() => {
  receiver.clear();
});
afterAll(() => receiver.close());

test("a request is told when it starts, with its handler's line, and completes when it ends", async () => {
  const app = join(fixtures, "apps/slow.cjs");
  const child = spawn(process.execPath, [app], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      NODE_OPTIONS: `--require "${await builtAgent()}"`,
      SPANLIGHT_ENDPOINT: receiver.endpoint,
      OTEL_SERVICE_NAME: "slow-one",
    },
  });
  const open = await receiver.until(
    () => receiver.spans.find((span) => span.kind === 2 && span.attributes["code.line.number"] !== undefined),
    "the start of the request",
  );
  expect(open).toMatchObject({
    name: "GET",
    endNs: 0n,
    resource: { "service.name": "slow-one", "process.pid": child.pid, "spanlight.agent": "node" },
    attributes: {
      "url.path": "/slow",
      "code.file.path": app,
      "code.line.number": lineOf(app, "createServer(function slow"),
      "spanlight.code.evidence": "handler",
    },
  });
  expect(receiver.connections[0]?.texts[0]).toMatchObject({
    type: "hello",
    version: 1,
    pid: child.pid,
    runtime: "node",
    ownSdk: false,
    worker: false,
    resource: { "service.name": "slow-one" },
  });

  // The handler answers only now, so that the end cannot have been what was seen above.
  child.stdin.end("go on\n");
  const ended = await receiver.until(
    () => receiver.spans.find((span) => span.spanId === open.spanId && span.endNs > 0n),
    "the end of the request",
  );
  expect(ended.startNs).toBe(open.startNs);
  expect(ended.endNs).toBeGreaterThan(ended.startNs);
});

test.each([
  ["apps/express.cjs", "GET /items/:id"],
  ["apps/fastify.mjs", "GET /one/:id"],
])("a request that runs is called by its route already: %s", async (app, name) => {
  const running = receiver.until(
    () => receiver.spans.find((span) => span.kind === 2 && span.name === name && span.endNs === 0n),
    `an unfinished span named ${name}`,
  );
  await Promise.all([running, run({ args: [app] }, receiver)]);
});

test("children do not begin before their parents, nor end after them, in a synchronous call", async () => {
  await run({ args: ["apps/graphql.cjs"] }, receiver);
  await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connection's end");
  const byId = new Map(receiver.spans.map((span) => [span.spanId, span]));
  const children = receiver.spans.filter((span) => byId.has(span.parentSpanId));
  expect(children.length).toBeGreaterThan(0);
  for (const child of children) {
    expect(child.startNs).toBeGreaterThanOrEqual(byId.get(child.parentSpanId)?.startNs ?? 0n);
    expect(child.endNs).toBeLessThanOrEqual(byId.get(child.parentSpanId)?.endNs ?? 0n);
  }
});

test("worker threads and child processes are told, and their requests join the trace", async () => {
  const plain = await run({ args: ["apps/workers.cjs"] });
  const traced = await run({ args: ["apps/workers.cjs"] }, receiver);
  expect(traced).toEqual(plain);
  await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connections' end");
  const hellos = receiver.connections.map(({ texts }) => texts[0]);
  expect(hellos.filter((hello) => hello?.["worker"] === true)).toHaveLength(1);
  expect(new Set(hellos.map((hello) => hello?.["pid"])).size).toBe(2);
  for (const path of ["/worker", "/child"]) {
    const served = receiver.spans.find((span) => span.kind === 2 && span.attributes["url.path"] === path);
    const asked = receiver.spans.find((span) => span.spanId === served?.parentSpanId);
    expect(asked?.kind, path).toBe(3);
    expect(asked?.resource["process.pid"] === served?.resource["process.pid"], path).toBe(path === "/worker");
  }
});

test("a debugger finds the active span and the open ones in a paused program", async () => {
  const outcome = await run({ args: ["apps/debugger.cjs"] }, receiver);
  const [active, open] = outcome.stdout.trim().split("\n");
  const served = await receiver.until(() => receiver.spans.find((span) => span.kind === 2), "the request");
  expect(active).toBe(`${served.traceId}-${served.spanId}`);
  expect(open?.split(",")).toContain(active);
});

test("what a program does while the engine is away is told when it is back", async () => {
  const late = new Receiver();
  await late.listen();
  const endpoint = late.endpoint;
  await late.close();
  const program = run({
    args: ["apps/slow.cjs"],
    env: { SPANLIGHT_ENDPOINT: endpoint, NODE_OPTIONS: `--require "${await builtAgent()}"`, SLOW_MS: "1500" },
  });
  const port = Number(new URL(endpoint).port);
  const back = new Receiver();
  await back.listen(port);
  await back.until(() => back.spans.find((span) => span.kind === 2 && span.endNs > 0n), "the request");
  expect((await program).code).toBe(0);
  await back.close();
});
