// Bundles everything that ships into dist/. `--watch` rebuilds, `--dev` keeps names and inline source maps.
import { context, build } from "esbuild";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { agentBundles } from "./build-agent.mjs";
import { headlessBundle, withoutProtoLoader } from "./build-headless.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const watch = process.argv.includes("--watch");
const dev = watch || process.argv.includes("--dev");

/** @type {import("esbuild").BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: !dev,
  sourcemap: dev ? "linked" : false,
  legalComments: "none",
  logLevel: "warning",
};

/** @type {import("esbuild").BuildOptions[]} */
const bundles = [
  {
    ...shared,
    platform: "node",
    target: "node20",
    format: "cjs",
    entryPoints: { extension: "src/extension.ts", engine: "src/engine/worker.ts" },
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    external: ["vscode", "bufferutil", "utf-8-validate"],
    plugins: [withoutProtoLoader],
  },
  {
    ...shared,
    platform: "browser",
    target: "es2022",
    format: "iife",
    entryPoints: { panel: "webview/main.ts", "panel-style": "webview/panel.css" },
    outdir: "dist/webview",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  },
  { ...shared, ...headlessBundle },
  ...agentBundles(shared),
];

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist/webview`, { recursive: true });
for (const name of ["codicon.css", "codicon.ttf"]) {
  cpSync(`${root}node_modules/@vscode/codicons/dist/${name}`, `${root}dist/webview/${name}`);
}

if (watch) {
  for (const options of bundles) await (await context(options)).watch();
  console.log("watching");
} else {
  await Promise.all(bundles.map((options) => build(options)));
  if (!existsSync(`${root}dist/extension.cjs`)) throw new Error("the build left no dist/extension.cjs");
}
