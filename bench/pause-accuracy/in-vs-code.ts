import { writeFileSync } from "node:fs";
import { constants, cpus } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { listTraces, openTrace } from "../../src/protocol/engine.ts";
import { activated, eventually } from "../../test/e2e/suite/launch.ts";
import { freePort } from "../../test/net/free-port.ts";
import { getText, measuredInVsCode } from "../measured-in-vs-code.ts";

/** One request, in milliseconds. */
export interface Request {
  /** Program time of each span, by service and name. */
  readonly spans: Readonly<Record<string, number>>;
  /** Those of them that stood still for a while. */
  readonly held: readonly string[];
  /** The stop by the program's own clock, and as the debugger's messages tell it. */
  readonly trueStop: Moments;
  readonly toldStop: Moments;
}

/** Milliseconds since the epoch; 0 where nothing was stopped. */
export interface Moments {
  readonly start: number;
  readonly end: number;
}

/** What is measured inside VS Code; {@link pauseAccuracySuite} makes rows of it. */
export interface Measured {
  /** With the first stop in each service. */
  readonly first: readonly Request[];
  readonly undisturbed: readonly Request[];
  readonly disturbed: readonly Request[];
}

const { PRIORITY_HIGHEST: HIGHEST, PRIORITY_NORMAL: NORMAL } = constants.priority;
const SERVICES = ["api", "cart", "payment"] as const;
const stopCount = Number(process.env["SPANLIGHT_BENCH_STOPS"] ?? 20);
/** Ahead of everything else that wants a core, as on a machine that has one to spare. */
const priority = process.env["SPANLIGHT_BENCH_FIRST_IN_LINE"] === "yes" ? HIGHEST : NORMAL;
const BREAKPOINT_LINE = 9;

/** A service that works, waits, and calls the next one; it tells from when to when by its clock it stood at line 9. */
const program = `const http = require("node:http");
require("node:os").setPriority(${priority});
const [port, next] = process.argv.slice(2).map(Number);
const wait = (ms) => new Promise((wake) => setTimeout(wake, ms));
const now = () => performance.timeOrigin + performance.now();
const step = (n) => n + 1;
const work = () => {
  const start = now();
  const n = step(1);
  return n > 0 ? { start, end: now() } : undefined;
};
http.createServer(async (request, response) => {
  const own = work();
  await wait(15);
  const inner = next === 0 ? [] : await (await fetch("http://127.0.0.1:" + next + "/")).json();
  await wait(10);
  response.end(JSON.stringify([own, ...inner]));
}).listen(port, "127.0.0.1");
`;

/** Called by VS Code; a {@link Measured} comes out. */
export function run(): Promise<void> {
  return measuredInVsCode(measure);
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

  /** The trace of a request, once all of it has ended. `stopped` is the number of the service that is stopped. */
  const request = async (stopped?: number): Promise<Request> => {
    await settled();
    const before = Date.now();
    const unplannedBefore = unplanned;
    const stop = stopped === undefined ? undefined : continueAfter(200 + Math.random() * 800);
    const [clocks] = await Promise.all([get(url), stop]);
    const trueStop = (stopped === undefined ? undefined : clocks[stopped]) ?? { start: 0, end: 0 };
    const measured = await eventually("the trace of the request", async () => {
      const list = await api.ask(listTraces, { filter: { text: "" }, limit: 1 });
      const [trace] = list.ok ? list.value.traces : [];
      if (trace === undefined || trace.startMs < before || trace.runningCount > 0 || trace.spanCount < 5)
        return undefined;
      const opened = await api.ask(openTrace, { traceId: trace.traceId, unlessVersion: undefined });
      if (!opened.ok || opened.value === undefined) return undefined;
      const { start, end, strings, name, service, kind, pauses } = opened.value;
      if (pauses?.bands.some((band) => band.end === Infinity) === true) return undefined;
      const spans: Record<string, number> = {};
      const held: string[] = [];
      start.forEach((from, n) => {
        const key = `${strings[service[n] ?? 0] ?? ""} ${strings[name[n] ?? 0] ?? ""} ${kind[n] ?? 0}`;
        const stood = pauses?.stood[n] ?? 0;
        spans[key] = ((end[n] ?? 0) - from - stood) / 1e6;
        if (stood > 0) held.push(key);
      });
      const startMs = Number(opened.value.startTimeUnixNano) / 1e6;
      const [band] = pauses?.bands ?? [];
      const toldStop =
        band === undefined
          ? { start: 0, end: 0 }
          : { start: startMs + band.start / 1e6, end: startMs + band.end / 1e6 };
      return { spans, held, trueStop, toldStop };
    });
    return unplanned === unplannedBefore ? measured : request(stopped);
  };

  const stoppedIn = async (service: number): Promise<Request> => {
    const breakpoint = await breakpointIn(join(folder, `${SERVICES[service] ?? ""}.cjs`));
    const stopped = await request(service);
    vscode.debug.removeBreakpoints([breakpoint]);
    return stopped;
  };

  const first: Request[] = [];
  const undisturbed: Request[] = [];
  const disturbed: Request[] = [];
  // The first requests load and compile what all later ones use, and so do the first stops, in VS Code as well.
  for (let n = 0; n < 5; n++) await request();
  for (const service of SERVICES.keys()) first.push(await stoppedIn(service));
  // By turns, so that whatever else the machine does concerns both alike.
  for (let n = 0; n < stopCount; n++) {
    undisturbed.push(await request());
    disturbed.push(await stoppedIn(n % SERVICES.length));
  }
  return { first, undisturbed, disturbed };
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
/** Stops that nobody waited for: a breakpoint goes some time after it was taken away. */
let unplanned = 0;
vscode.debug.onDidStartDebugSession((session) => sessions.add(session));
vscode.debug.onDidTerminateDebugSession((session) => sessions.delete(session));
vscode.debug.registerDebugAdapterTrackerFactory("*", {
  createDebugAdapterTracker: (session) => ({
    onDidSendMessage: (message: { readonly event?: string }) => {
      if (message.event !== "stopped") return;
      const next = stops.shift();
      next?.(session);
      if (next !== undefined) return;
      unplanned++;
      void session.customRequest("continue", { threadId: 0 });
    },
  }),
});

/** Waits for the stop, looks at it for a while, as long as VS Code draws it at least, and goes on. */
async function continueAfter(ms: number): Promise<void> {
  const session = await new Promise<vscode.DebugSession>((resolve) => stops.push(resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  await settled();
  await session.customRequest("continue", { threadId: 0 });
}

/** A tenth of a second during which the machine had nothing to do, or the end of patience on one that is never idle. */
async function settled(): Promise<void> {
  for (let n = 0; n < SETTLE_ROUNDS; n++) {
    const before = busyMs();
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (busyMs() - before <= IDLE_BUSY_MS) return;
  }
}

const SETTLE_ROUNDS = 15;
/** Of the CPU time of a tenth of a second: two ticks of the kernel's accounts. */
const IDLE_BUSY_MS = 20;

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** What the services say, the first one first. */
async function get(url: string): Promise<readonly Moments[]> {
  return JSON.parse(await getText(url)) as readonly Moments[];
}
