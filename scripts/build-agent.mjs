import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** @type {readonly { chunk: string, class: string, package: string }[]} */
const catalog = JSON.parse(
  readFileSync(new URL("../src/agent/instrumentation/catalog.json", import.meta.url), "utf8"),
);

/** The instrumentations replace this package by src/agent/instrumentation/base.ts, which the preload hands them. */
const basePackage = "@opentelemetry/instrumentation";

/** Modules of the preload that the instrumentations' own files take from it instead of carrying a copy. */
const sharedWithChunks = new Map([
  ["@opentelemetry/api", "api"],
  ["@opentelemetry/core", "core"],
  [basePackage, "base"],
]);

// Written as CommonJS, the instrumentations would each carry all 900 constants (80 kB) for the dozen that they name.
const usedConventions = {
  name: "agent-used-conventions",
  /** @param {import("esbuild").PluginBuild} builder */
  setup(builder) {
    const wanted = /require\("(@opentelemetry\/semantic-conventions(?:\/incubating)?)"\)/g;
    builder.onLoad({ filter: /[\\/]@opentelemetry[\\/].*\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8");
      if (!contents.includes('require("@opentelemetry/semantic-conventions')) return undefined;
      const names = [...contents.matchAll(/\bsemantic_conventions_\d+\.(\w+)/g)].map((match) => match[1]);
      const list = [...new Set(names)].sort().join(",");
      return {
        contents: contents.replace(wanted, (_, name) => `require("conventions:${name}:${list}")`),
        loader: "js",
      };
    });
    builder.onResolve({ filter: /^conventions:/ }, ({ path }) => ({ path, namespace: "conventions" }));
    builder.onLoad({ filter: /.*/, namespace: "conventions" }, ({ path }) => {
      const [, name, names] = path.split(":");
      return { contents: `export { ${names} } from "${name}";`, resolveDir: root, loader: "js" };
    });
  },
};

const chunkImports = {
  name: "agent-chunk-imports",
  /** @param {import("esbuild").PluginBuild} builder */
  setup(builder) {
    builder.onResolve({ filter: /^@opentelemetry\/(api|core|instrumentation)$/ }, ({ path }) => ({
      path,
      namespace: "from-preload",
    }));
    builder.onLoad({ filter: /.*/, namespace: "from-preload" }, ({ path }) => ({
      contents: `module.exports = globalThis[Symbol.for("spanlight.agent.modules")].${sharedWithChunks.get(path)}`,
      loader: "js",
    }));
    builder.onResolve({ filter: /^agent-chunk:/ }, ({ path }) => ({
      path: path.slice("agent-chunk:".length),
      namespace: "agent-chunk",
    }));
    builder.onLoad({ filter: /.*/, namespace: "agent-chunk" }, ({ path }) => {
      const entry = catalog.find(({ chunk }) => chunk === path);
      if (entry === undefined) throw new Error(`no chunk is called ${path}`);
      return {
        contents: `export { ${entry.class} as Instrumentation } from ${JSON.stringify(entry.package)};`,
        resolveDir: root,
        loader: "js",
      };
    });
  },
};

const bundledFacts = {
  name: "agent-bundled-facts",
  /** @param {import("esbuild").PluginBuild} builder */
  setup(builder) {
    // Under a key of its own, the API that is bundled can neither shadow nor be shadowed by the one of the program.
    builder.onLoad({ filter: /[\\/]@opentelemetry[\\/]api[\\/].*global-utils\.[cm]?js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8");
      if (!contents.includes("opentelemetry.js.api."))
        throw new Error(`${path}: the API's global key has moved`);
      return { contents: contents.replace("opentelemetry.js.api.", "spanlight.agent.api."), loader: "js" };
    });
  },
};

const stackFrames = {
  name: "agent-stack-frames",
  /** @param {import("esbuild").PluginBuild} builder */
  setup(builder) {
    builder.onResolve({ filter: /[\\/]stack-frames\.ts$/ }, ({ kind }) =>
      kind === "entry-point" ? undefined : { path: "./stack-frames.cjs", external: true },
    );
  },
};

/**
 * The bundles of the Node agent, dist/agent/: the preload, what it has in the program's stacks, and a file for each
 * instrumentation that is read when its library is first used.
 * @param {import("esbuild").BuildOptions} shared
 * @returns {import("esbuild").BuildOptions[]}
 */
export function agentBundles(shared) {
  /** @type {import("esbuild").BuildOptions} */
  const node = {
    ...shared,
    platform: "node",
    target: "node18",
    format: "cjs",
    outExtension: { ".js": ".cjs" },
  };
  return [
    {
      ...node,
      entryPoints: { preload: "src/agent/preload.ts", "stack-frames": "src/agent/stack-frames.ts" },
      outdir: "dist/agent",
      mainFields: ["module", "main"],
      conditions: ["import"],
      plugins: [bundledFacts, stackFrames],
    },
    {
      ...node,
      entryPoints: Object.fromEntries(catalog.map(({ chunk }) => [chunk, `agent-chunk:${chunk}`])),
      outdir: "dist/agent/instrumentations",
      mainFields: ["module", "main"],
      plugins: [chunkImports, usedConventions],
    },
  ];
}
