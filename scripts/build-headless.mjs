// grpc-js loads proto-loader only for .proto files, which nothing here reads; the stub saves 250 kB.
export const withoutProtoLoader = {
  name: "without-proto-loader",
  /** @param {import("esbuild").PluginBuild} builder */
  setup(builder) {
    builder.onResolve({ filter: /^@grpc\/proto-loader$/ }, () => ({
      path: "proto-loader",
      namespace: "stub",
    }));
    builder.onLoad({ filter: /.*/, namespace: "stub" }, () => ({
      contents: "module.exports = {}",
      loader: "js",
    }));
  },
};

/**
 * The command `spanlight`. package.json makes dist/headless.js a module, in which packages of CommonJS miss `require`.
 *
 * @type {import("esbuild").BuildOptions}
 */
export const headlessBundle = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  entryPoints: { headless: "src/headless.ts" },
  outdir: "dist",
  external: ["bufferutil", "utf-8-validate"],
  plugins: [withoutProtoLoader],
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
};
