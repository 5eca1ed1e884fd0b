import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { comparable, fixtures, installFixtures, installNode, lineOf, run, type Program } from "./fixtures.ts";
import { Receiver } from "./receiver.ts";

interface Case {
  readonly title: string;
  readonly app: string;
  readonly args?: readonly string[];
  readonly env?: Program["env"];
  /** First major version that can run it. */
  readonly since?: number;
  readonly until?: number;
  readonly span: string;
  readonly at: string;
}

const functionsOf = (name: string): Program["env"] => ({
  SPANLIGHT_TRACE_FUNCTIONS: JSON.stringify([`${fixtures.replaceAll("\\", "/")}/apps/${name}`]),
});

const cases: readonly Case[] = [
  {
    title: "Express, CommonJS",
    app: "apps/express.cjs",
    since: 18,
    span: "GET /items/:id",
    at: "function loadItem",
  },
  { title: "Node's http, ES module", app: "apps/http.mjs", span: "GET", at: "createServer((request" },
  {
    title: "TypeScript by tsx, CommonJS",
    app: "apps/server.ts",
    args: ["--import", "tsx"],
    since: 20,
    span: "GET",
    at: "function onRequest",
  },
  {
    title: "TypeScript by tsx, ES module",
    app: "apps/server.mts",
    args: ["--import", "tsx"],
    span: "GET",
    at: "function onRequest",
  },
  {
    title: "TypeScript by ts-node",
    app: "apps/nest.ts",
    args: ["node_modules/ts-node/dist/bin.js", "-T"],
    until: 25,
    span: "GET /cats/:id",
    at: "async show(",
  },
  {
    title: "Node's own type stripping, CommonJS",
    app: "apps/server.cts",
    since: 24,
    span: "GET",
    at: "function onRequest",
  },
  {
    title: "Node's own type stripping, ES module",
    app: "apps/server.mts",
    since: 24,
    span: "GET",
    at: "function onRequest",
  },
  {
    title: "node:sqlite, CommonJS",
    app: "apps/node-sqlite.cjs",
    since: 24,
    span: "INSERT sqlite",
    at: "insert.run(",
  },
  {
    title: "node:sqlite, ES module",
    app: "apps/node-sqlite.mjs",
    since: 24,
    span: "INSERT sqlite",
    at: "insert.run(",
  },
  {
    title: "traced functions, CommonJS",
    app: "apps/functions.cjs",
    env: functionsOf("functions-lib.cjs"),
    span: "outer",
    at: "x",
  },
  {
    title: "traced functions, ES module",
    app: "apps/functions.mjs",
    env: functionsOf("functions-lib.mjs"),
    since: 22,
    span: "outer",
    at: "x",
  },
  { title: "worker threads", app: "apps/workers.cjs", span: "GET", at: "http.createServer(" },
];

const receiver = new Receiver();

beforeAll(async () => {
  installFixtures();
  await receiver.listen();
});
afterEach(() => {
  receiver.clear();
});
afterAll(() => receiver.close());

const { versions } = JSON.parse(readFileSync(join(fixtures, "node-versions.json"), "utf8")) as {
  versions: Record<string, string>;
};

describe.each(Object.keys(versions))("Node %s", (major) => {
  let node = "";
  beforeAll(() => {
    node = installNode(major);
  });

  const fitting = cases.filter(
    ({ since = 0, until = 99 }) => Number(major) >= since && Number(major) <= until,
  );
  test.each(fitting)("$title", async ({ app, args = [], env = {}, span: name, at }) => {
    const program = { node, args: [...args, app], env };
    const plain = await run(program);
    const traced = await run(program, receiver);
    expect(plain.code).toBe(0);
    expect(comparable(traced)).toEqual(comparable(plain));
    await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connection's end");
    const isFunction = env["SPANLIGHT_TRACE_FUNCTIONS"] !== undefined;
    const file = join(fixtures, isFunction ? app.replace("functions", "functions-lib") : app);
    const line = lineOf(file, isFunction ? "async function outer" : at);
    const places = receiver.spans
      .filter((span) => span.name === name)
      .map(
        (span) =>
          `${String(span.attributes["code.file.path"])}:${String(span.attributes["code.line.number"])}`,
      );
    expect(places).toContain(`${file}:${String(line)}`);
  });
});
