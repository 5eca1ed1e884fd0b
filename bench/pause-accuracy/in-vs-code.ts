import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { listTraces, openTrace } from "../../src/protocol/engine.ts";
import { activated, eventually } from "../../test/e2e/suite/launch.ts";

/** One request, in milliseconds. */
export interface Request {
  /** Program time of each span, by service and name. */
  readonly spans: Readonly<Record<string, number>>;
  /** Which service was stopped; undefined in the undisturbed run. */
  readonly stopped?: string | undefined;
  /** How long the program's own clock went on at the breakpoint, and how long the pause was that was told of it. */
  readonly truePauseMs: number;
  readonly toldPauseMs: number;
}

/** What is measured inside VS Code; {@link pauseAccuracySuite} makes rows of it. */
export interface Measured {
  readonly undisturbed: readonly Request[];
  readonly disturbed: readonly Request[];
}

const SERVICES = ["api", "cart", "payment"] as const;
const STOPS = 20;
const BREAKPOINT_LINE = 7;

/** A service that works, waits, and calls the next one; it tells how long its clock went on while it stood at line 7. */
const program = `const http = require("node:http");
const [port, next] = process.argv.slice(2).map(Number);
const wait = (ms) => new Promise((wake) => setTimeout(wake, ms));
const step = (n) => n + 1;
const work = () => {
  const before = performance.now();
  const n = step(1);
  return n > 0 ? performance.now() - before : 0;
};
http.createServer(async (request, response) => {
  const paused = work();
  await wait(15);
  const inner = next === 0 ? 0 : await (await fetch("http://127.0.0.1:" + next + "/")).json();
  await wait(10);
  response.end(JSON.stringify(paused + inner));
}).listen(port, "127.0.0.1");
`;

/** Called by VS Code. The file that SPANLIGHT_BENCH_RESULTS names gets a {@link Measured}. */
export async function run(): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-bench-")));
  try {
    writeFileSync(process.env["SPANLIGHT_BENCH_RESULTS"] ?? "", JSON.stringify(await measure(folder)));
  } catch (error) {
    // VS Code passes on that it failed, and not why.
    console.error(error);
    throw error;
  } finally {
    await vscode.debug.stopDebugging();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Measured> {
  const ports = await Promise.all(SERVICES.map(freePort));
  for (const [n, service] of SERVICES.entries()) {
    const path = join(folder, `${service}.cjs`);
    writeFileSync(path, program);
    await vscode.debug.startDebugging(undefined, {
      type: "node",
      request: "launch",
      name: service,
      program: path,
      args: [String(ports[n]), String(ports[n + 1] ?? 0)],
      env: { OTEL_SERVICE_NAME: service },
    });
  }
  const api = await activated();
  const url = `http://127.0.0.1:${ports[0] ?? 0}/`;
  // The last first: who is called before it listens makes its caller fail.
  for (const port of ports.toReversed())
    await eventually("the services to answer", () => get(`http://127.0.0.1:${port}/`).catch(() => undefined));

  /** The trace of the last request, once all of it has ended. */
  const request = async (before: number, during: () => Promise<void>): Promise<Omit<Request, "stopped">> => {
    const [truePauseMs] = await Promise.all([get(url), during()]);
    return eventually("the trace of the request", async () => {
      const list = await api.ask(listTraces, { filter: { text: "" }, limit: 1 });
      const [trace] = list.ok ? list.value.traces : [];
      if (trace === undefined || trace.startMs < before || trace.runningCount > 0 || trace.spanCount < 5)
        return undefined;
      const opened = await api.ask(openTrace, { traceId: trace.traceId, unlessVersion: undefined });
      if (!opened.ok || opened.value === undefined) return undefined;
      const { start, end, strings, name, service, kind, pauses } = opened.value;
      if (pauses?.bands.some((band) => band.end === Infinity) === true) return undefined;
      const spans: Record<string, number> = {};
      start.forEach((from, n) => {
        const key = `${strings[service[n] ?? 0] ?? ""} ${strings[name[n] ?? 0] ?? ""} ${kind[n] ?? 0}`;
        spans[key] = ((end[n] ?? 0) - from - (pauses?.stood[n] ?? 0)) / 1e6;
      });
      const toldPauseMs = (pauses?.bands ?? []).reduce((sum, band) => sum + (band.end - band.start) / 1e6, 0);
      return { spans, truePauseMs, toldPauseMs };
    });
  };

  const undisturbed: Request[] = [];
  const disturbed: Request[] = [];
  // The first requests load and compile what all later ones use.
  for (let n = 0; n < STOPS + 5; n++) {
    const one = await request(Date.now(), () => Promise.resolve());
    if (n >= 5) undisturbed.push(one);
  }
  for (let n = 0; n < STOPS; n++) {
    const stopped = SERVICES[n % SERVICES.length] ?? "api";
    const breakpoint = await breakpointIn(join(folder, `${stopped}.cjs`));
    disturbed.push({
      ...(await request(Date.now(), () => continueAfter(200 + Math.random() * 800))),
      stopped,
    });
    vscode.debug.removeBreakpoints([breakpoint]);
  }
  return { undisturbed, disturbed };
}

/** A breakpoint that the debugger has taken. */
async function breakpointIn(path: string): Promise<vscode.Breakpoint> {
  const place = new vscode.Location(vscode.Uri.file(path), new vscode.Position(BREAKPOINT_LINE - 1, 0));
  const breakpoint = new vscode.SourceBreakpoint(place);
  vscode.debug.addBreakpoints([breakpoint]);
  await eventually("the breakpoint to be set", async () => {
    for (const session of sessions) {
      const set = (await session.getDebugProtocolBreakpoint(breakpoint)) as
        { verified?: boolean } | undefined;
      if (set?.verified === true) return true;
    }
    return undefined;
  });
  return breakpoint;
}

const sessions = new Set<vscode.DebugSession>();
const stops: ((session: vscode.DebugSession) => void)[] = [];
vscode.debug.onDidStartDebugSession((session) => sessions.add(session));
vscode.debug.onDidTerminateDebugSession((session) => sessions.delete(session));
vscode.debug.registerDebugAdapterTrackerFactory("*", {
  createDebugAdapterTracker: (session) => ({
    onDidSendMessage: (message: { readonly event?: string }) => {
      if (message.event === "stopped") stops.shift()?.(session);
    },
  }),
});

/** Waits for the stop, looks at it for a while, and goes on. */
async function continueAfter(ms: number): Promise<void> {
  const session = await new Promise<vscode.DebugSession>((resolve) => stops.push(resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  await session.customRequest("continue", { threadId: 0 });
}

/** The sum of what the services' clocks went on at their breakpoints. VS Code has its own ways with `fetch`. */
function get(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    httpGet(url, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(Number(text)));
    }).on("error", reject);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
