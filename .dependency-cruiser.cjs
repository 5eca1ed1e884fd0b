/**
 * Who may import whom: a folder (or file) of the product and the folders it may import besides itself.
 * `types` are folders of which it may import types only. What is not listed here may not exist: a new folder gets its row first.
 */
const table = [
  { from: "src/extension.ts", may: ["src/host"] },
  { from: "src/headless.ts", may: ["src/headless"] },
  { from: "src/headless", may: ["src/engine", "src/base", "src/model", "src/protocol"] },
  { from: "src/base", may: [] },
  { from: "src/model", may: ["src/base"] },
  { from: "src/protocol", may: ["src/base", "src/model"] },
  { from: "src/engine/receive", may: ["src/base", "src/model"], types: ["src/engine/decode"] },
  { from: "src/engine/decode", may: ["src/base", "src/model"] },
  {
    from: "src/engine/watch",
    may: ["src/base", "src/model", "src/protocol", "src/engine/store", "src/engine/query"],
  },
  { from: "src/engine/pause", may: ["src/base", "src/model"] },
  { from: "src/engine/store", may: ["src/base", "src/model", "src/engine/pause"] },
  {
    from: "src/engine/log",
    may: [
      "src/base",
      "src/model",
      "src/engine/receive/decompress-zstd.ts",
      "src/engine/receive/zstd-frames.ts",
      "src/engine/receive/pending-bytes.ts",
    ],
    types: ["src/engine/receive"],
  },
  { from: "src/engine/run-file", may: ["src/base", "src/model", "src/engine/log"] },
  { from: "src/engine/query", may: ["src/base", "src/model", "src/engine/store", "src/engine/pause"] },
  { from: "src/engine/alert", may: ["src/base", "src/model"], types: ["src/engine/query"] },
  {
    from: "src/engine/serve",
    may: [
      "src/base",
      "src/model",
      "src/engine/query",
      "src/engine/receive/access.ts",
      "src/engine/receive/cors.ts",
      "src/engine/receive/http-listen.ts",
    ],
    types: ["src/engine/store"],
  },
  { from: "src/web-socket", may: [] },
  { from: "src/agent", may: ["src/base", "src/protocol", "src/web-socket"] },
  { from: "src/host", may: ["src/base", "src/model", "src/protocol", "src/web-socket"] },
  { from: "webview/state", may: ["src/base", "src/model", "src/protocol"] },
  { from: "webview/layout", may: ["src/base", "src/model", "src/protocol", "webview/state"] },
  { from: "webview/draw", may: ["src/base", "src/model", "src/protocol", "webview/state", "webview/layout"] },
  {
    from: "webview/view",
    may: ["src/base", "src/model", "src/protocol", "webview/state", "webview/layout", "webview/draw"],
  },
];

/** The files directly under src/engine compose the engine's folders; nothing of the engine may import them back. */
const engineRoot = {
  from: "^src/engine/[^/]+\\.ts$",
  may: ["src/engine", "src/base", "src/model", "src/protocol"],
};
/** The same for the webview. */
const webviewRoot = {
  from: "^webview/[^/]+\\.ts$",
  may: ["webview", "src/base", "src/model", "src/protocol"],
};

const escaped = (path) => path.replaceAll(".", "\\.");
const inside = (path) => (path.endsWith(".ts") ? `^${escaped(path)}$` : `^${escaped(path)}/`);

/** Product files outside `may` (all of them for a value import, `types` excepted for a type import). */
function rules(name, from, itself, may, types = []) {
  const allowed = (paths) => [itself, ...paths.map(inside)];
  const product = { path: "^(src|webview)/" };
  const comment = `${name} may import only: ${["itself", ...may, ...types.map((path) => `types of ${path}`)].join(", ")}`;
  return [
    {
      name: `imports of ${name}`,
      severity: "error",
      comment,
      from: { path: from },
      to: { ...product, pathNot: allowed([...may, ...types]) },
    },
    ...types.map((path) => ({
      name: `types only: ${name} from ${path}`,
      severity: "error",
      comment,
      from: { path: from },
      to: { path: inside(path), pathNot: may.map(inside), dependencyTypesNot: ["type-only"] },
    })),
  ];
}

const tableRules = [
  ...table.flatMap(({ from, may, types }) => rules(from, inside(from), inside(from), may, types)),
  ...rules("src/engine/*.ts", engineRoot.from, engineRoot.from, engineRoot.may),
  ...rules("webview/*.ts", webviewRoot.from, webviewRoot.from, webviewRoot.may),
];

module.exports = {
  forbidden: [
    ...tableRules,
    {
      name: "no folder without a row",
      severity: "error",
      comment: "a new folder or file of the product gets its row in the table first",
      from: {
        path: "^(src|webview)/",
        pathNot: [...table.map(({ from }) => inside(from)), engineRoot.from, webviewRoot.from],
      },
      to: {},
    },
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "vscode only in src/host",
      severity: "error",
      comment: "the engine, the agent and the webview run without VS Code's API",
      from: { path: "^(src|webview)/", pathNot: "^src/(host/|extension\\.ts$)" },
      to: { path: "(^|/)vscode(/|$)" },
    },
    {
      name: "no packages in the shared core",
      severity: "error",
      comment: "base, model and protocol run in every process and in the browser",
      from: { path: "^src/(base|model|protocol)/" },
      to: { dependencyTypes: ["npm", "npm-dev", "core"] },
    },
    {
      name: "no Node in the webview",
      severity: "error",
      from: { path: "^webview/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "the agent imports OpenTelemetry and little else",
      severity: "error",
      comment: "it loads into somebody else's program",
      from: { path: "^src/agent/" },
      to: {
        dependencyTypes: ["npm", "npm-dev"],
        pathNot: [
          "^node_modules/@opentelemetry/",
          "^node_modules/@types/",
          "^node_modules/(ws|@jridgewell/trace-mapping|import-in-the-middle|require-in-the-middle)/",
        ],
      },
    },
    {
      name: "no import that leads nowhere",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^vscode$" },
    },
    {
      name: "the product does not import tests",
      severity: "error",
      from: { path: "^(src|webview)/" },
      to: { path: "^(test|bench|scripts)/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { extensions: [".ts", ".d.ts", ".js", ".cjs", ".mjs", ".json"] },
  },
};
