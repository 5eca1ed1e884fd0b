import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import {
  comparable,
  fixtures,
  installAlternatives,
  installFixtures,
  installNative,
  installNode,
  lineOf,
  run,
  startRedis,
} from "./fixtures.ts";
import { Receiver, type ReceivedSpan } from "./receiver.ts";

/** A span that must have come: its name, and a fragment of the line that it must point to. */
interface Expected {
  readonly name: string;
  readonly at?: string;
  readonly evidence?: "call-site" | "handler" | "function";
}

const internal = 1;
const server = 2;
const client = 3;

interface Case {
  readonly app: string;
  /** Major version of the Node that runs it; the one that runs the tests if not given. */
  readonly node?: string;
  /** What stands before the script. */
  readonly args?: readonly string[];
  readonly spans: readonly (Expected & { readonly kind: number })[];
}

const cases: readonly Case[] = [
  {
    app: "apps/http.cjs",
    spans: [
      { kind: server, name: "GET", at: "createServer(function answer", evidence: "handler" },
      { kind: client, name: "GET", at: 'http.get({ port, path: "/greeting" }', evidence: "call-site" },
      { kind: client, name: "GET", at: ".request(`http://127.0.0.1", evidence: "call-site" },
    ],
  },
  {
    app: "apps/https.mjs",
    spans: [
      { kind: server, name: "GET", at: "(request, response) => {", evidence: "handler" },
      { kind: client, name: "GET", at: "https.get({ port", evidence: "call-site" },
    ],
  },
  {
    app: "apps/http.mjs",
    spans: [
      { kind: server, name: "GET", at: "createServer((request, response)" },
      { kind: client, name: "GET", at: "get({ port:" },
    ],
  },
  {
    app: "apps/express.cjs",
    spans: [
      { kind: server, name: "GET /items/:id", at: "async function loadItem", evidence: "handler" },
      { kind: server, name: "GET /price", at: 'app.get("/price"' },
      { kind: internal, name: "middleware - audit", at: "function audit" },
      { kind: internal, name: "middleware - jsonParser", at: "express.json()" },
      { kind: internal, name: "request handler", at: "async function loadItem" },
      { kind: client, name: "GET", at: "const answer = await fetch(`http://127.0.0.1:${req" },
      { kind: client, name: "GET", at: "/items/3" },
    ],
  },
  {
    app: "apps/express.mjs",
    spans: [
      { kind: server, name: "GET /greet/:name", at: 'router.get("/:name"' },
      { kind: server, name: "POST /greet", at: 'router.post("/"' },
    ],
  },
  {
    app: "apps/fastify.cjs",
    spans: [
      { kind: server, name: "GET /one/:id", at: 'app.get("/one/:id"' },
      { kind: server, name: "GET /two", at: "async function two" },
      { kind: internal, name: "middleware - stamp", at: "function stamp" },
      { kind: internal, name: "request handler - two", at: "async function two" },
    ],
  },
  {
    app: "apps/fastify.mjs",
    spans: [{ kind: server, name: "GET /one/:id", at: 'app.get("/one/:id"' }],
  },
  {
    app: "apps/koa.cjs",
    spans: [
      { kind: server, name: "GET /books/:id", at: 'router.get("/books/:id"' },
      { kind: internal, name: "router - /books/:id", at: 'router.get("/books/:id"' },
      { kind: internal, name: "middleware - timing", at: "function timing" },
      { kind: server, name: "GET", at: "app.use((ctx) =>" },
    ],
  },
  {
    app: "apps/graphql.cjs",
    spans: [
      { kind: internal, name: "query Greet", at: "const result = await graphql" },
      { kind: internal, name: "graphql.resolve greeting", at: "resolve: async", evidence: "handler" },
    ],
  },
  {
    app: "apps/undici.cjs",
    spans: [{ kind: client, name: "GET", at: "await request(" }],
  },
  {
    app: "apps/pg.cjs",
    spans: [
      { kind: client, name: "pg.query:SELECT postgres", at: "client.query(" },
      { kind: client, name: "pg.query:SELECT postgres", at: "pool.query(`select" },
      { kind: client, name: "pg.query:SELECT postgres", at: "from nowhere" },
    ],
  },
  {
    app: "apps/redis.cjs",
    spans: [
      { kind: client, name: "redis-SET", at: "client.set(" },
      { kind: client, name: "redis-GET", at: "client.get(" },
      { kind: client, name: "redis-INCR", at: "client.multi()" },
    ],
  },
  {
    app: "apps/ioredis.cjs",
    spans: [
      { kind: client, name: "set", at: "client.set(" },
      { kind: client, name: "get", at: "client.get(" },
    ],
  },
  {
    app: "native/apps/better-sqlite3.cjs",
    spans: [
      { kind: client, name: "CREATE sqlite", at: "create table" },
      { kind: client, name: "INSERT sqlite", at: "insert.run(" },
      { kind: client, name: "SELECT sqlite", at: "where id = ?" },
      { kind: client, name: "SELECT sqlite", at: "count(*)" },
      { kind: client, name: "SELECT sqlite", at: ".iterate()" },
      { kind: client, name: "SELECT sqlite", at: "select nonsense" },
    ],
  },
  {
    app: "apps/api-only.cjs",
    spans: [{ kind: internal, name: "inside", at: "startActiveSpan" }],
  },
  {
    app: "alternatives/apps/nest.ts",
    node: "24",
    args: ["node_modules/ts-node/dist/bin.js", "-T"],
    spans: [
      { kind: server, name: "GET /cats/:id", at: "async show(", evidence: "handler" },
      { kind: internal, name: "CatsController.show", at: "async show(" },
    ],
  },
  {
    app: "alternatives/apps/graphql.mjs",
    node: "24",
    spans: [
      { kind: internal, name: "query Greet", at: "await graphql(" },
      { kind: internal, name: "graphql.resolve greeting", at: "resolve: async" },
    ],
  },
  {
    app: "alternatives/apps/express4.cjs",
    spans: [{ kind: server, name: "GET /items/:id", at: "async function loadItem" }],
  },
  {
    app: "alternatives/apps/fastify4.cjs",
    spans: [{ kind: server, name: "GET /two", at: "async function two" }],
  },
  { app: "alternatives/apps/koa2.cjs", spans: [{ kind: server, name: "GET", at: "app.use((ctx) =>" }] },
  { app: "alternatives/apps/redis4.cjs", spans: [{ kind: client, name: "redis-SET", at: "client.set(" }] },
  { app: "alternatives/apps/ioredis5.cjs", spans: [{ kind: client, name: "get", at: "client.get(" }] },
];

const receiver = new Receiver();
let native: string | undefined;
let redis: Awaited<ReturnType<typeof startRedis>> | undefined;

beforeAll(async () => {
  installFixtures();
  installAlternatives();
  native = installNative();
  redis = await startRedis();
  await receiver.listen();
});
afterEach(() => {
  receiver.clear();
});
afterAll(async () => {
  if (redis !== undefined && "stop" in redis) redis.stop();
  await receiver.close();
});

describe.each(cases)("$app", ({ app, node: major, args = [], spans }) => {
  test("has its spans, each at its line, and the output that it has without the agent", async (context) => {
    const needsRedis = app.includes("redis");
    if (needsRedis && redis !== undefined && "missing" in redis) context.skip(redis.missing);
    if (app.startsWith("native/") && native === undefined) context.skip("it could not be compiled here");
    const env = redis !== undefined && "url" in redis ? { REDIS_URL: redis.url } : {};
    const program = {
      node: major === undefined ? process.execPath : installNode(major),
      args: [...args, app],
      env,
    };
    const plain = await run(program);
    const traced = await run(program, receiver);

    expect(comparable(traced)).toEqual(comparable(plain));
    expect(plain.code).toBe(0);
    await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connection's end");
    const file = join(fixtures, app);
    for (const { kind, name, at, evidence } of spans) {
      const line = at === undefined ? undefined : lineOf(file, at);
      const found = receiver.spans.some(
        (span) =>
          span.kind === kind &&
          span.name === name &&
          span.endNs > 0n &&
          (line === undefined ||
            (span.attributes["code.file.path"] === file && span.attributes["code.line.number"] === line)) &&
          (evidence === undefined || span.attributes["spanlight.code.evidence"] === evidence),
      );
      expect(found, `${name} at "${at ?? ""}" among:\n${receiver.spans.map(describeSpan).join("\n")}`).toBe(
        true,
      );
    }
  });
});

function describeSpan(span: ReceivedSpan): string {
  const {
    "code.file.path": file,
    "code.line.number": line,
    "spanlight.code.evidence": evidence,
  } = span.attributes;
  return `${String(span.kind)} ${span.name} ${String(file)}:${String(line)} ${String(evidence)}`;
}
