import assert from "node:assert/strict";
import { join } from "node:path";
import { suite, suiteSetup, suiteTeardown, teardown, test } from "mocha";
import * as vscode from "vscode";
import type { TestApi } from "../../../src/host/test-api.ts";
import { activated, eventually, ReportingProgram, sessionNamed, stopAll } from "./launch.ts";

suite("a debug session", () => {
  let api: TestApi;
  let program: ReportingProgram;
  const folder = (): vscode.WorkspaceFolder | undefined => vscode.workspace.workspaceFolders?.[0];
  const start = async (
    attributes: Readonly<Record<string, unknown>> = {},
    options?: vscode.DebugSessionOptions,
  ): Promise<{ env: Readonly<Record<string, string>>; name: string }> => {
    const { configuration, reported } = program.launch(attributes);
    assert.equal(await vscode.debug.startDebugging(folder(), configuration, options), true);
    return { env: await reported(), name: configuration.name };
  };

  suiteSetup(async () => {
    api = await activated();
    program = new ReportingProgram({
      "mine.env": "OTEL_SERVICE_NAME=from-file\nNODE_OPTIONS=--stack-trace-limit=37\n",
      "a b/preloaded.cjs": "globalThis.preloaded = true;",
    });
  });
  suiteTeardown(() => {
    program.remove();
  });
  teardown(async () => {
    await stopAll(api);
  });

  const cases: readonly {
    readonly title: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
    readonly options?: vscode.DebugSessionOptions;
  }[] = [
    { title: "type node" },
    { title: "type pwa-node", attributes: { type: "pwa-node" } },
    { title: "type node in the integrated terminal", attributes: { console: "integratedTerminal" } },
    { title: "type node-terminal", attributes: { type: "node-terminal" } },
    { title: "type node without debugging", options: { noDebug: true } },
    { title: "a runtime given by name", attributes: { runtimeExecutable: "node", runtimeArgs: [] } },
  ];
  for (const { title, attributes, options } of cases) {
    test(`gives its program an endpoint of its own and the agent: ${title}`, async () => {
      const { env, name } = await start(attributes, options);
      const session = await sessionNamed(api, name);
      const port = api.state().engine?.ports?.http;
      assert.equal(env["SPANLIGHT_ENDPOINT"], `http://127.0.0.1:${port}/s/${session.id}`);
      assert.equal(env["OTEL_EXPORTER_OTLP_ENDPOINT"], env["SPANLIGHT_ENDPOINT"]);
      assert.equal(env["OTEL_EXPORTER_OTLP_PROTOCOL"], "http/protobuf");
      assert.equal(env["OTEL_BSP_SCHEDULE_DELAY"], "200");
      const requires = env["NODE_OPTIONS"]?.match(/--require \S*preload\.cjs/g);
      assert.equal(requires?.length, 1, `the agent is required once in ${env["NODE_OPTIONS"]}`);
      assert.deepEqual(session.notes, []);
    });
  }

  test("keeps the person's own variables, and tells which", async () => {
    const { env, name } = await start({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
        NODE_OPTIONS: "--stack-trace-limit=41",
        MINE: "1",
      },
    });
    assert.equal(env["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://collector:4318");
    assert.equal(env["OTEL_EXPORTER_OTLP_PROTOCOL"], undefined);
    assert.equal(env["MINE"], "1");
    assert.match(env["NODE_OPTIONS"] ?? "", /--stack-trace-limit=41 --require .*preload\.cjs/);
    const { notes } = await sessionNamed(api, name);
    assert.deepEqual(notes, [{ kind: "kept-own", names: ["NODE_OPTIONS", "OTEL_EXPORTER_OTLP_ENDPOINT"] }]);
  });

  test("takes the envFile's variables for the person's own", async () => {
    const { env, name } = await start({ envFile: join(program.folder, "mine.env") });
    assert.equal(env["OTEL_SERVICE_NAME"], "from-file");
    assert.match(env["NODE_OPTIONS"] ?? "", /--stack-trace-limit=37 --require .*preload\.cjs/);
    const { notes } = await sessionNamed(api, name);
    assert.deepEqual(notes, [{ kind: "kept-own", names: ["NODE_OPTIONS", "OTEL_SERVICE_NAME"] }]);
  });

  test("is one run each time it is started again", async () => {
    const name = "started twice";
    await start({ name });
    await stopAll(api);
    await start({ name });
    const runs = await eventually("both runs", () => {
      const numbers = api
        .state()
        .sessions.filter((session) => session.name === name)
        .map(({ run }) => run);
      return numbers.length === 2 ? numbers : undefined;
    });
    assert.equal(new Set(runs).size, 2);
  });

  test("counts a child session, which a started process makes, as its own", async () => {
    const before = api.state().sessions.length;
    const { name } = await start({ type: "node-terminal", stay: true });
    await eventually("the process' own session", () =>
      vscode.debug.activeDebugSession?.parentSession === undefined ? undefined : true,
    );
    assert.equal(api.state().sessions.length, before + 1);
    assert.equal((await sessionNamed(api, name)).active, true);
  });

  test("of a compound is one run with the compound's name", async () => {
    assert.equal(await vscode.debug.startDebugging(folder(), "Shop", { noDebug: true }), true);
    const names = ["api", "cart", "database", "payment"];
    const sessions = await eventually("the compound's sessions", () => {
      const found = api.state().sessions.filter((session) => session.active && names.includes(session.name));
      return found.length === names.length ? found : undefined;
    });
    assert.equal(new Set(sessions.map(({ run }) => run)).size, 1);
    const run = api.state().runs.find(({ number }) => number === sessions[0]?.run);
    assert.equal(run?.name, "Shop");
  });

  test("that attaches gets nothing, and the panel tells what the program needs", async () => {
    const port = await program.inspected();
    const attach = { type: "node", request: "attach", name: "attached", address: "127.0.0.1", port };
    assert.equal(await vscode.debug.startDebugging(folder(), attach), true);
    const { notes } = await sessionNamed(api, "attached");
    const [note] = notes;
    assert.equal(note?.kind, "attached");
    assert.ok(note.variables["SPANLIGHT_ENDPOINT"]?.startsWith("http://127.0.0.1:"));
    assert.match(note.variables["NODE_OPTIONS"] ?? "", /--require/);
  });

  test("of an excluded configuration gets nothing, and the panel tells so", async () => {
    const settings = vscode.workspace.getConfiguration("spanlight");
    await settings.update("excludeConfigurations", ["left alone"], vscode.ConfigurationTarget.Global);
    try {
      const { env } = await start({ name: "left alone" });
      assert.equal(env["SPANLIGHT_ENDPOINT"], undefined);
      assert.doesNotMatch(env["NODE_OPTIONS"] ?? "", /preload\.cjs/);
      assert.deepEqual((await sessionNamed(api, "left alone")).notes, [{ kind: "excluded" }]);
    } finally {
      await settings.update("excludeConfigurations", undefined, vscode.ConfigurationTarget.Global);
    }
  });

  test("gets nothing while spanlight.enabled is off", async () => {
    const settings = vscode.workspace.getConfiguration("spanlight");
    await settings.update("enabled", false, vscode.ConfigurationTarget.Global);
    try {
      const { env, name } = await start();
      assert.equal(env["SPANLIGHT_ENDPOINT"], undefined);
      assert.deepEqual((await sessionNamed(api, name)).notes, [{ kind: "disabled" }]);
    } finally {
      await settings.update("enabled", undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
