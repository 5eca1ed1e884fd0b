import { expect, test } from "vitest";

import { isToolProcess, readEnvironment } from "../../../src/agent/environment.ts";

const endpoint = "http://127.0.0.1:4318/s/abcdefghijklmnopqrstuv";

test.each([
  ["/usr/lib/node_modules/npm/bin/npm-cli.js", [], {}, true],
  ["/usr/lib/node_modules/npm/bin/npx-cli.js", [], {}, true],
  ["/opt/corepack/dist/pnpm.js", [], {}, true],
  ["/app/node_modules/typescript/bin/tsc", [], {}, true],
  ["/app/node_modules/.bin/nodemon", [], {}, true],
  ["/app/node_modules/tsx/dist/cli.mjs", [], {}, true],
  ["/app/.yarn/releases/yarn-4.5.0.cjs", [], {}, true],
  ["/app/server.js", ["--check"], {}, true],
  ["/app/server.js", ["--watch"], {}, true],
  ["/app/server.js", ["--watch"], { WATCH_REPORT_DEPENDENCIES: "1" }, false],
  ["/app/server.js", ["--inspect"], {}, false],
  ["/app/node_modules/ts-node/dist/bin.js", [], {}, false],
  ["/app/npm.js/server.js", [], {}, false],
])("%s with %j stands aside: %4$s", (script, execArgv, env, isTool) => {
  expect(isToolProcess(["/usr/bin/node", script], execArgv, env)).toBe(isTool);
});

test.each([
  [{ OTEL_SERVICE_NAME: "mine", OTEL_RESOURCE_ATTRIBUTES: "service.name=other" }, "mine"],
  [{ OTEL_RESOURCE_ATTRIBUTES: "a=b,service.name=from%20attributes" }, "from attributes"],
  [{}, "nowhere"],
])("the service's name by %j is %s", (env, name) => {
  const environment = readEnvironment({ SPANLIGHT_ENDPOINT: endpoint, ...env }, [
    "node",
    "/no-such-folder/nowhere.js",
  ]);
  expect(environment?.resource["service.name"]).toBe(name);
});

test("the session's address is taken apart", () => {
  const environment = readEnvironment({ SPANLIGHT_ENDPOINT: `${endpoint}/` }, ["node"]);
  expect(environment?.address).toEqual({ host: "127.0.0.1", port: 4318, path: "/s/abcdefghijklmnopqrstuv" });
});

test.each([
  ["no endpoint", {}],
  ["an empty one", { SPANLIGHT_ENDPOINT: "" }],
  ["rubbish", { SPANLIGHT_ENDPOINT: "::::" }],
  ["another protocol", { SPANLIGHT_ENDPOINT: "https://127.0.0.1:1/s/x" }],
  ["OpenTelemetry switched off by the person", { SPANLIGHT_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "true" }],
])("the agent stays out with %s", (_why, env) => {
  expect(readEnvironment(env, ["node", "/app/x.js"])).toBeUndefined();
});

test.each([
  ["[]", []],
  ['["/a/**", 7]', ["/a/**"]],
  ["{", []],
  ['"/a"', []],
])("globs %s give %j", (value, globs) => {
  const environment = readEnvironment({ SPANLIGHT_ENDPOINT: endpoint, SPANLIGHT_TRACE_FUNCTIONS: value }, [
    "node",
  ]);
  expect(environment?.traceFunctions).toEqual(globs);
});
