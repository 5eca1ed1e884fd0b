import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePort } from "../test/net/free-port.ts";

/** A receiver in a process of its own, so that its CPU time and its heap are nobody else's. */
export interface Served {
  readonly http: number;
  readonly grpc: number;
  /** In user and system, since the process' start. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** The engine as it is shipped, with what it tells of its health. */
export interface ServedEngine extends Served {
  /** The value of one of its own metrics. */
  metric(name: string): Promise<number>;
}

const HEADLESS = fileURLToPath(new URL("../dist/headless.js", import.meta.url));

/** `spanlight serve`, from the last build. */
export async function serveEngine(flags: readonly string[]): Promise<ServedEngine> {
  if (!existsSync(HEADLESS)) throw new Error("`npm run build` has to come first");
  const { child, lines } = start(HEADLESS, [
    ...["serve", "--http", "0", "--grpc", "0", "--api", "0"],
    ...flags,
  ]);
  const { http, grpc, api } = JSON.parse(await nextLine(lines)) as Record<"http" | "grpc" | "api", number>;
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${api}/metrics`)).text();
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
    if (line === undefined) throw new Error(`there is no metric ${name}`);
    return Number(line.slice(name.length + 1));
  };
  const cpuSeconds = (): Promise<number> => metric("process_cpu_seconds_total");
  return { http, grpc, metric, cpuSeconds, stop: () => stop(child) };
}

/** A server of the same kind that throws everything away. */
export async function serveFloor(protocol: "http" | "grpc"): Promise<Served> {
  const { child, lines } = start(fileURLToPath(new URL("floor-server.mjs", import.meta.url)), [protocol]);
  const { port } = JSON.parse(await nextLine(lines)) as { port: number };
  const cpuSeconds = async (): Promise<number> => {
    child.stdin?.write("\n");
    return Number(await nextLine(lines));
  };
  return { http: port, grpc: port, cpuSeconds, stop: () => stop(child) };
}

/**
 * An OpenTelemetry Collector that throws everything away, on one core: `otelcol` of the PATH, or what SPANLIGHT_COLLECTOR names. It needs the otlp
 * receiver and the nop exporter. Undefined where there is none, or no /proc that tells what it costs.
 */
export async function serveCollector(): Promise<Served | undefined> {
  const program = process.env["SPANLIGHT_COLLECTOR"] ?? "otelcol";
  if (process.platform !== "linux" || spawnSync(program, ["--version"]).status !== 0) return undefined;
  const [http, grpc] = [await freePort(), await freePort()];
  const protocols = `{ http: { endpoint: "127.0.0.1:${http}" }, grpc: { endpoint: "127.0.0.1:${grpc}" } }`;
  const pipelines = "{ traces: { receivers: [otlp], exporters: [nop] } }";
  const config = `{ receivers: { otlp: { protocols: ${protocols} } }, exporters: { nop: }, service: { pipelines: ${pipelines} } }`;
  const child = spawn(program, [`--config=yaml:${config}`], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, GOMAXPROCS: "1" },
  });
  await until(createInterface({ input: child.stderr }), "Everything is ready");
  const cpuSeconds = (): Promise<number> => Promise.resolve(cpuSecondsOf(child.pid));
  return { http, grpc, cpuSeconds, stop: () => stop(child) };
}

/** proc(5): the fields after the command's name in brackets; times are in hundredths of a second. */
function cpuSecondsOf(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function until(lines: Interface, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    lines.on("line", (line) => line.includes(text) && resolve());
    lines.on("close", () => reject(new Error(`ended without the line ${text}`)));
  });
}

function start(script: string, args: readonly string[]): { child: ChildProcess; lines: Interface } {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  return { child, lines: createInterface({ input: child.stdout }) };
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = (await once(lines, "line")) as [string];
  return line;
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
