import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { fixtures, installFixtures, lineOf, run } from "./fixtures.ts";
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

test.each([
  ["beside the output", ["--sourceMap"]],
  ["inside the output", ["--inlineSourceMap", "--sourceMap", "false"]],
])("what tsc compiled leads back to the TypeScript, with the map %s", async (_where, options) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-tsc-")));
  symlinkSync(join(fixtures, "node_modules"), join(folder, "node_modules"), "junction");
  const compiler = join(fixtures, "node_modules/typescript/bin/tsc");
  const project = join(fixtures, "apps/tsconfig.json");
  spawnSync(process.execPath, [compiler, "-p", project, "--outDir", folder, "--noCheck", ...options]);

  const traced = await run({ args: [join(folder, "server.js")] }, receiver);
  expect(traced).toMatchObject({ stdout: "200 hello /ts\n", code: 0 });
  await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connection's end");
  const source = join(fixtures, "apps/server.ts");
  const places = receiver.spans.map(({ kind, attributes }) => [
    kind,
    attributes["code.file.path"],
    attributes["code.line.number"],
  ]);
  expect(places).toContainEqual([2, source, lineOf(source, "function onRequest")]);
  expect(places).toContainEqual([3, source, lineOf(source, "await fetch(")]);
});

test("a loader that has a thread of its own is not taken for a worker of the program", async () => {
  await run({ args: ["--import", "tsx", "apps/server.mts"] }, receiver);
  await receiver.until(() => receiver.connections.every(({ closed }) => closed), "the connection's end");
  expect(receiver.connections).toHaveLength(1);
});
