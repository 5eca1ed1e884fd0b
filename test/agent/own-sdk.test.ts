import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { fixtures, installAlternatives, installFixtures, lineOf, run } from "./fixtures.ts";
import { Receiver } from "./receiver.ts";

const receiver = new Receiver();

beforeAll(async () => {
  installFixtures();
  installAlternatives();
  await receiver.listen();
});
afterEach(() => {
  receiver.clear();
});
afterAll(() => receiver.close());

interface Case {
  readonly title: string;
  readonly app: string;
  readonly env?: Record<string, string>;
  readonly span: string;
  readonly at: string;
  readonly service: string;
}

const cases: readonly Case[] = [
  {
    title: "2.x, CommonJS, with instrumentations",
    app: "apps/own-sdk.cjs",
    span: "GET /own",
    at: 'app.get("/own"',
    service: "has-its-own",
  },
  {
    title: "1.x, CommonJS",
    app: "apps/own-sdk.cjs",
    env: { SDK: "sdk-node-1" },
    span: "manual work",
    at: "startActiveSpan",
    service: "has-its-own",
  },
  {
    title: "2.x, ES module",
    app: "apps/own-sdk.mjs",
    span: "esm work",
    at: "startActiveSpan",
    service: "own-esm",
  },
  {
    title: "3.x, ES module",
    app: "alternatives/apps/own-sdk.mjs",
    span: "esm work",
    at: "startActiveSpan",
    service: "own-esm",
  },
];

describe.each(cases)("a program with its own SDK: $title", ({ app, env = {}, span: name, at, service }) => {
  test("keeps its export as it is, and is teed with locations", async () => {
    const untouched = new Receiver();
    await untouched.listen();
    const exporter = {
      OTEL_EXPORTER_OTLP_ENDPOINT: untouched.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    };
    const plain = await run({ args: [app], env: { ...env, ...exporter } });
    const traced = await run({ args: [app], env }, receiver);
    expect(traced).toEqual(plain);

    const exported = receiver.posts.flatMap(({ spans }) => spans);
    const expected = untouched.posts.flatMap(({ spans }) => spans);
    await untouched.close();
    expect(exported.map((span) => span.name).sort()).toEqual(expected.map((span) => span.name).sort());
    expect(
      exported.flatMap((span) => Object.keys(span.attributes)).filter((key) => /spanlight|code\./.test(key)),
    ).toEqual([]);
    expect(new Set(exported.flatMap((span) => Object.keys(span.resource))).has("spanlight.agent")).toBe(
      false,
    );

    const file = join(fixtures, app);
    const teed = await receiver.until(
      () => receiver.spans.find((span) => span.name === name && span.endNs > 0n),
      name,
    );
    expect(teed).toMatchObject({
      attributes: { "code.file.path": file, "code.line.number": lineOf(file, at) },
      resource: { "service.name": service, "spanlight.agent": "node" },
    });
    // Our own instrumentations stand aside: nothing is told twice.
    expect(receiver.spans.map((span) => span.spanId).sort()).toEqual(
      exported.map((span) => span.spanId).sort(),
    );
    expect(receiver.connections[0]?.texts.some((text) => text["ownSdk"] === true)).toBe(true);
  });
});
