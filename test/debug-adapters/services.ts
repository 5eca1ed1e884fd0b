import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../scripts/vsix.mjs";
import type { PolyglotTools } from "../e2e/harness/polyglot-tools.ts";
import { AdapterConnection, CLIENT } from "./adapter-connection.ts";
import { connected } from "./connected.ts";
import { stoppingAt, type StoppingProgram } from "./stopping-program.ts";
import { freePort } from "../net/free-port.ts";

const example = join(projectFolder, "examples", "polyglot");

/** A service of examples/polyglot, and how its adapter is started. */
interface Service {
  readonly type: string;
  readonly folder: string;
  readonly file: string;
  /** Begins the line to stop at. */
  readonly line: string;
  readonly portVariable: string;
  readonly path: string;
  readonly adapter: (
    folder: string,
  ) => Promise<{ readonly child: ChildProcess; readonly connection: AdapterConnection }>;
  readonly launch: (folder: string) => Readonly<Record<string, unknown>>;
}

/** The Flask service, under debugpy. */
export function startPythonProgram({ python }: PolyglotTools, endpoint: string): Promise<StoppingProgram> {
  return startService(endpoint, {
    type: "debugpy",
    folder: "pricing",
    file: "app.py",
    line: "stock = requests.get",
    portVariable: "PRICING_PORT",
    path: "/price/lamp",
    adapter: () => {
      const child = spawn(python, ["-m", "debugpy.adapter"]);
      return Promise.resolve({ child, connection: new AdapterConnection(child.stdout, child.stdin) });
    },
    launch: (folder) => ({ program: join(folder, "app.py"), console: "internalConsole", python: [python] }),
  });
}

/** The service in Go, under Delve, which compiles it. */
export function startGoProgram({ dlv }: PolyglotTools, endpoint: string): Promise<StoppingProgram> {
  return startService(endpoint, {
    type: "go",
    folder: "stock",
    file: "main.go",
    line: "return left[product]",
    portVariable: "STOCK_PORT",
    path: "/stock/lamp",
    adapter: async (folder) => {
      const child = spawn(dlv, ["dap", "--listen=127.0.0.1:0"], { cwd: folder });
      const port = await new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.stdout.on("data", (text: Buffer) => {
          const found = /listening at: 127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
          if (found !== undefined) resolve(Number(found));
        });
      });
      const socket = await connected(port);
      return { child, connection: new AdapterConnection(socket, socket) };
    },
    launch: (folder) => ({ mode: "debug", program: folder, dlvCwd: folder }),
  });
}

async function startService(endpoint: string, service: Service): Promise<StoppingProgram> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-service-")));
  cpSync(join(example, service.folder), folder, { recursive: true });
  const { child, connection } = await service.adapter(folder);
  const end = (): void => {
    // The adapter ends the program with it; one that does not answer is ended by hand.
    const kill = (): boolean => child.kill("SIGKILL");
    setTimeout(kill, 2000).unref();
    connection.request("disconnect", { terminateDebuggee: true }).then(kill, kill);
    rmSync(folder, { recursive: true, force: true });
  };
  const port = String(await freePort());
  await connection.request("initialize", { ...CLIENT, adapterID: service.type });
  const launched = connection.request("launch", {
    ...service.launch(folder),
    env: { [service.portVariable]: port, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, NO_PROXY: "127.0.0.1" },
  });
  await connection.event("initialized");
  const path = join(folder, service.file);
  await connection.request("setBreakpoints", {
    source: { path },
    breakpoints: [{ line: lineOf(path, service.line) }],
  });
  await connection.request("configurationDone");
  await launched;
  const origin = `http://127.0.0.1:${port}`;
  while (!(await answers(`${origin}/none`))) await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    type: service.type,
    debuggee: connection,
    end,
    stop: stoppingAt(connection, origin + service.path),
  };
}

function lineOf(path: string, text: string): number {
  return (
    readFileSync(path, "utf8")
      .split("\n")
      .findIndex((line) => line.trim().startsWith(text)) + 1
  );
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
