import { build } from "esbuild";
import { join } from "node:path";

/** Bundles mortal-engine.ts, as the engine is bundled, into this file. */
export async function buildMortalEngine(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "mortal-engine.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["@grpc/proto-loader", "bufferutil", "utf-8-validate"],
    logLevel: "silent",
  });
}
