import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

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
