import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildOptions } from "esbuild";

import type { Receiver } from "./receiver.ts";
import { freePort } from "../net/free-port.ts";

export const fixtures = fileURLToPath(new URL("../fixtures/agent", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Installs what the fixtures' lock files say, when that has not been done or the lock has changed since. */
export function installFixtures(folder = fixtures, timeoutMs = 230_000): void {
  const lock = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  const stamp = join(folder, "node_modules", ".spanlight-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder, timeoutMs);
  writeFileSync(stamp, lock);
}

/** The libraries in other major versions, in a folder of their own. */
export function installAlternatives(): string {
  const folder = join(fixtures, "alternatives");
  installFixtures(folder);
  return folder;
}

/** A library with native code: undefined when it could be neither fetched nor compiled in time. */
export function installNative(): string | undefined {
  const folder = join(fixtures, "native");
  try {
    installFixtures(folder, 200_000);
    return folder;
  } catch {
    return undefined;
  }
}

function npm(args: readonly string[], cwd: string, timeout?: number): void {
  const done = spawnSync("npm", args, {
    cwd,
    encoding: "utf8",
    shell: process.platform === "win32",
    timeout,
  });
  if (done.status !== 0) throw new Error(`npm ${args.join(" ")} in ${cwd} failed: ${done.stderr}`);
}

let preloadPath: Promise<string> | undefined;

/** The agent, bundled as it ships, in a folder far from this repository's node_modules. */
export function builtAgent(): Promise<string> {
  preloadPath ??= buildAgent();
  return preloadPath;
}

async function buildAgent(): Promise<string> {
  const script = pathToFileURL(join(root, "scripts/build-agent.mjs")).href;
  const { agentBundles } = (await import(script)) as { agentBundles(shared: BuildOptions): BuildOptions[] };
  const folder = mkdtempSync(join(tmpdir(), "spanlight-agent-"));
  const shared: BuildOptions = { absWorkingDir: root, bundle: true, minify: true, legalComments: "none" };
  for (const options of agentBundles(shared)) {
    await build({
      ...options,
      outdir: options.outdir?.replace("dist/agent", join(folder, "agent")) ?? folder,
    });
  }
  return join(folder, "agent", "preload.cjs");
}

/** How a program ended, and what it printed. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program {
  readonly node?: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, with the agent when there is a receiver for it, else plainly. */
export async function run(program: Program, receiver?: Receiver): Promise<Outcome> {
  const ours = new Set(["NODE_OPTIONS", "SPANLIGHT_ENDPOINT", "VITEST", "NODE_ENV", "TEST"]);
  const inherited = Object.entries(process.env).filter(([name]) => !ours.has(name));
  const env: NodeJS.ProcessEnv = { ...Object.fromEntries(inherited), ...program.env };
  if (receiver !== undefined) {
    env["NODE_OPTIONS"] = `${env["NODE_OPTIONS"] ?? ""} --require "${await builtAgent()}"`.trim();
    env["SPANLIGHT_ENDPOINT"] = receiver.endpoint;
    env["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.endpoint;
    env["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
    env["OTEL_BSP_SCHEDULE_DELAY"] = "200";
  }
  const child = spawn(program.node ?? process.execPath, program.args, { cwd: program.cwd ?? fixtures, env });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout: text(stdout), stderr: text(stderr), code, signal });
    });
  });
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * An outcome without stack frames, which may lead through the agent's wrappers, and without the process id in Node's
 * warnings; everything else must be the same with and without the agent.
 */
export function comparable(outcome: Outcome): Outcome {
  return {
    ...outcome,
    stderr: outcome.stderr.replace(/^ +at .*\n/gm, "").replace(/\(node:\d+\)/g, "(node)"),
  };
}

/** The line of `app` (counting from 1) that contains `fragment` first. */
export function lineOf(app: string, fragment: string): number {
  const line = readFileSync(app, "utf8")
    .split("\n")
    .findIndex((candidate) => candidate.includes(fragment));
  if (line < 0) throw new Error(`${app} has no line with ${fragment}`);
  return line + 1;
}

/** A Node of each supported major version, by npm, for the platform that the tests run on. */
export function installNode(major: string): string {
  const versions = join(root, ".cache", "node-versions");
  const { versions: pinned } = JSON.parse(readFileSync(join(fixtures, "node-versions.json"), "utf8")) as {
    versions: Record<string, string>;
  };
  const version = pinned[major];
  if (version === undefined) throw new Error(`node-versions.json names no Node ${major}`);
  const platform = process.platform === "win32" ? "win" : process.platform;
  const folder = join(versions, `${major}-${version}`);
  const binary = join(
    folder,
    "node_modules",
    `node-${platform}-${process.arch}`,
    "bin",
    platform === "win" ? "node.exe" : "node",
  );
  if (!existsSync(binary)) {
    npm(
      [
        "install",
        "--prefix",
        folder,
        "--no-save",
        "--loglevel=error",
        `node-${platform}-${process.arch}@${version}`,
      ],
      root,
    );
  }
  return binary;
}

/** A redis-server of its own on a free port, or the reason why there is none. */
export async function startRedis(): Promise<{ url: string; stop(): void } | { missing: string }> {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    const isRoot = process.getuid?.() === 0;
    if (!isRoot || spawnSync("apt-get", ["--version"]).status !== 0)
      return { missing: "no redis-server on the PATH" };
    spawnSync("apt-get", ["update", "-q"]);
    spawnSync("apt-get", ["install", "-y", "-q", "redis-server"], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (spawnSync("redis-server", ["--version"]).status !== 0)
      return { missing: "redis-server could not be installed" };
  }
  const port = await freePort();
  const server = spawn("redis-server", ["--port", String(port), "--save", "", "--dir", tmpdir()]);
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.stdout.on("data", (chunk: Buffer) => {
      if (chunk.toString("utf8").includes("Ready to accept connections")) resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    stop: () => {
      server.kill();
    },
  };
}
