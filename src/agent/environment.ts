import { existsSync, readFileSync } from "node:fs";
import { arch, hostname } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { isMainThread } from "node:worker_threads";

import type { ChannelAddress } from "./channel/channel.ts";
import type { Attributes } from "./otlp/encode-spans.ts";

/** What the process was told through its environment, and what it is. */
export interface AgentEnvironment {
  readonly address: ChannelAddress;
  readonly resource: Attributes;
  /** Absolute globs of files whose functions get spans; SPANLIGHT_TRACE_FUNCTIONS. */
  readonly traceFunctions: readonly string[];
  /** Those that the program starts with; SPANLIGHT_SPAN_BREAKPOINTS. Not looked at yet; undefined where there are none. */
  readonly spanBreakpoints?: unknown;
}

/** Programs that only start others, or that no person debugs: they inherit NODE_OPTIONS and have nothing to tell. */
const toolScript = new RegExp(
  [
    String.raw`[\\/](?:npm|npx|yarn|yarnpkg|pnpm|pnpx|corepack)(?:-cli)?\.[cm]?js$`,
    String.raw`[\\/]node_modules[\\/](?:npm|corepack|yarn|pnpm)[\\/]`,
    String.raw`[\\/]node_modules[\\/](?:typescript|nodemon|concurrently|npm-run-all2?|cross-env|dotenv-cli|rimraf|eslint|prettier|esbuild|wireit|turbo)[\\/]`,
    String.raw`[\\/]node_modules[\\/]tsx[\\/]dist[\\/]cli\.`,
    String.raw`[\\/]\.bin[\\/](?:tsc|tsx|nodemon|concurrently|npm-run-all|run-s|run-p|cross-env|eslint|prettier)$`,
    String.raw`[\\/]\.yarn[\\/]releases[\\/]`,
    String.raw`[\\/]ms-vscode\.js-debug.*[\\/]watchdog`,
  ].join("|"),
);

/**
 * Whether this process is a tool and the agent stands aside. `tsx` and `nodemon` start the program in a process of its
 * own, which is not one of these.
 */
export function isToolProcess(
  argv: readonly string[],
  execArgv: readonly string[],
  env: NodeJS.ProcessEnv,
): boolean {
  if (execArgv.some((option) => option === "--check" || option === "-c")) return true;
  // The process behind `node --watch` only restarts the one that runs the program.
  if (
    execArgv.some((option) => option.startsWith("--watch")) &&
    env["WATCH_REPORT_DEPENDENCIES"] === undefined
  ) {
    return true;
  }
  const script = argv[1];
  return script !== undefined && toolScript.test(script);
}

/** @returns undefined when there is no engine to talk to or the person has switched OpenTelemetry off */
export function readEnvironment(
  env: NodeJS.ProcessEnv,
  argv: readonly string[],
): AgentEnvironment | undefined {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined;
  const address = parseEndpoint(env["SPANLIGHT_ENDPOINT"]);
  if (address === undefined) return undefined;
  return {
    address,
    resource: buildResource(env, argv),
    traceFunctions: parseGlobs(env["SPANLIGHT_TRACE_FUNCTIONS"]),
    spanBreakpoints: parseJson(env["SPANLIGHT_SPAN_BREAKPOINTS"]),
  };
}

function parseEndpoint(value: string | undefined): ChannelAddress | undefined {
  if (value === undefined || value === "") return undefined;
  try {
    const url = new URL(value);
    const port = Number(url.port);
    if (url.protocol !== "http:" || !(port > 0)) return undefined;
    return { host: url.hostname.replace(/^\[|\]$/g, ""), port, path: url.pathname.replace(/\/$/, "") };
  } catch {
    return undefined;
  }
}

function parseJson(value: string | undefined): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(value);
  } catch {
    return undefined;
  }
}

function parseGlobs(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  try {
    const globs: unknown = JSON.parse(value);
    return Array.isArray(globs) ? globs.filter((glob) => typeof glob === "string") : [];
  } catch {
    return [];
  }
}

function buildResource(env: NodeJS.ProcessEnv, argv: readonly string[]): Attributes {
  const given = parseResourceAttributes(env["OTEL_RESOURCE_ATTRIBUTES"]);
  return {
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.name": "opentelemetry",
    "process.runtime.name": "nodejs",
    "process.runtime.version": process.versions.node,
    "process.executable.path": process.execPath,
    "process.command": argv[1],
    "host.name": hostname(),
    "host.arch": arch(),
    ...given,
    "service.name":
      [env["OTEL_SERVICE_NAME"], given["service.name"]].find((name) => name !== undefined && name !== "") ??
      serviceName(argv[1]),
    "process.pid": process.pid,
    "spanlight.agent": "node",
    ...(isMainThread ? {} : { "thread.worker": true }),
  };
}

/** `key=value,key=value` with percent-encoded values (OpenTelemetry specification, Resource SDK). */
function parseResourceAttributes(value: string | undefined): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const pair of value?.split(",") ?? []) {
    const at = pair.indexOf("=");
    if (at <= 0) continue;
    try {
      attributes[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      // One value that is not percent-encoded rightly costs that value.
    }
  }
  return attributes;
}

/** The name in the nearest package.json, else the script's. */
function serviceName(script: string | undefined): string {
  if (script === undefined) return "node";
  let folder = dirname(script);
  for (let depth = 0; depth < 20; depth++) {
    const name = packageName(join(folder, "package.json"));
    if (name !== undefined) return name;
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return basename(script, extname(script)) || "node";
}

function packageName(manifest: string): string | undefined {
  if (!existsSync(manifest)) return undefined;
  try {
    const name: unknown = (JSON.parse(readFileSync(manifest, "utf8")) as Record<string, unknown>)["name"];
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}
