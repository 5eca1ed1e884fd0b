// @ts-check
// What `npm test` consists of. Node's own modules only.

/**
 * @typedef {object} TestStep
 * @property {string} name for --only
 * @property {string} title
 * @property {boolean} alone whether it wants the machine for itself
 * @property {"sources" | "browser" | "build" | "embedded"} needs the sources only; these and Chromium; the build; the build and the embedded VS Code
 *   with Chromium
 * @property {string} [skip] why it cannot run here
 * @property {(resultsFile: string) => string[]} command arguments for Node
 * @property {"own" | "vitest"} [counting] the format of its results file; without one the step is one test
 */

/** A tsconfig each: what compiles the engine must not know the browser, nor the webview Node. */
const platforms = [
  "src/engine",
  "src/agent",
  "src/host",
  "src/headless",
  "webview",
  "test",
  "bench",
  "scripts",
];

/**
 * @param {boolean} desktop whether the extension host is the desktop VS Code's
 * @returns {TestStep[]}
 */
export function testSteps(desktop) {
  return [
    check("lint", "lint", ["node_modules/eslint/bin/eslint.js", "."]),
    ...platforms.map((platform) =>
      check("types", `types of ${platform}`, ["node_modules/typescript/bin/tsc", "-p", platform]),
    ),
    check("format", "format", ["node_modules/prettier/bin/prettier.cjs", "--check", "."]),
    check("imports", "import table", [
      "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
      "--config",
      ".dependency-cruiser.cjs",
      "src",
      "webview",
    ]),
    check("dead-code", "dead code", ["node_modules/knip/bin/knip.js"]),
    vitest("unit", "unit tests", "sources"),
    vitest("process", "engines and processes that are killed", "sources"),
    vitest("webview", "the panel in a browser", "browser"),
    vitest("package", "the package", "build"),
    vitest("agent", "the agent in real programs", "build"),
    {
      name: "extension-host",
      title: "tests in the extension host",
      alone: true,
      needs: desktop ? "build" : "embedded",
      command: () => ["test/e2e/run-extension-host.mjs", ...(desktop ? ["--desktop"] : [])],
      counting: "own",
    },
    {
      name: "scenes",
      title: "scenes in the workbench",
      alone: true,
      ...(process.platform === "linux"
        ? { needs: "embedded" }
        : { needs: "build", skip: "as they drive the embedded VS Code, which is tried on Linux only" }),
      command: (resultsFile) => ["--import", "tsx", "test/e2e/run-scenes.ts", "--results", resultsFile],
      counting: "own",
    },
  ];
}

/**
 * @param {string} name @param {string} title @param {string[]} command
 * @returns {TestStep}
 */
function check(name, title, command) {
  return { name, title, alone: false, needs: "sources", command: () => command };
}

/**
 * @param {string} project @param {string} title @param {TestStep["needs"]} needs
 * @returns {TestStep}
 */
function vitest(project, title, needs) {
  return {
    name: project,
    title,
    alone: true,
    needs,
    command: (resultsFile) => [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--project",
      project,
      "--reporter=dot",
      "--reporter=json",
      `--outputFile.json=${resultsFile}`,
    ],
    counting: "vitest",
  };
}
