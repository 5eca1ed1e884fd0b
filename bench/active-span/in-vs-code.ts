import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { TestApi } from "../../src/host/test-api.ts";
import { activated, eventually } from "../../test/e2e/suite/launch.ts";
import { freePort } from "../../test/net/free-port.ts";
import { getText, measuredInVsCode } from "../measured-in-vs-code.ts";

const BREAK_LINE = 3;
const program = `const http = require("node:http");
http.createServer((request, response) => {
  response.end("ok");
}).listen(Number(process.argv[2]), "127.0.0.1");
`;

/** One stop, in milliseconds from when the adapter told of it. */
export interface MeasuredStop {
  /** Until VS Code had selected the frame. */
  readonly selectedMs: number;
  /** Until the panel was told of the span, which has its row by then. */
  readonly foundMs: number;
}

/** Called by VS Code; a list of {@link MeasuredStop} comes out. */
export function run(): Promise<void> {
  return measuredInVsCode(measure);
}

async function measure(folder: string): Promise<readonly MeasuredStop[]> {
  const api = await activated();
  const path = join(folder, "main.cjs");
  writeFileSync(path, program);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  await vscode.debug.startDebugging(undefined, {
    type: "node",
    request: "launch",
    name: "bench",
    program: path,
    args: [String(port)],
  });
  await eventually("the program to answer", () => getText(url).catch(() => undefined));
  const place = new vscode.Location(vscode.Uri.file(path), new vscode.Position(BREAK_LINE - 1, 0));
  vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place)]);
  await eventually("the breakpoint to be taken", () => tryStop(url));

  const times: MeasuredStop[] = [];
  for (let n = 0; n < Number(process.env["SPANLIGHT_BENCH_STOPS"]); n++) {
    const before = api.state().activeSpan?.traceId;
    const selected = nextFrame().then((frame) => ({ frame, atMs: performance.now() }));
    const answer = getText(url);
    const foundAtMs = await nextSpan(api, before);
    const { frame, atMs } = await selected;
    const { session, threadId } = frame;
    times.push({ selectedMs: atMs - stoppedAtMs, foundMs: foundAtMs - stoppedAtMs });
    await session.customRequest("continue", { threadId });
    await answer;
  }
  return times;
}

/** When the adapter last told of a stop. */
let stoppedAtMs = Number.NaN;
vscode.debug.registerDebugAdapterTrackerFactory("*", {
  createDebugAdapterTracker: () => ({
    onDidSendMessage: (message: { readonly event?: string }) => {
      if (message.event === "stopped") stoppedAtMs = performance.now();
    },
  }),
});

/** The frame that VS Code selects at the next stop. */
function nextFrame(): Promise<vscode.DebugStackFrame> {
  return new Promise((resolve) => {
    const listening = vscode.debug.onDidChangeActiveStackItem((item) => {
      if (!(item instanceof vscode.DebugStackFrame)) return;
      listening.dispose();
      resolve(item);
    });
  });
}

/** When the span of another trace than this became the active one, not guessed: milliseconds of `performance.now()`. */
async function nextSpan(api: TestApi, before: string | undefined): Promise<number> {
  for (;;) {
    const span = api.state().activeSpan;
    if (span !== undefined && !span.guess && span.traceId !== before) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Whether a request stops, which it does once the breakpoint is set; goes on at once. */
async function tryStop(url: string): Promise<true | undefined> {
  const selected = nextFrame();
  const first = await Promise.race([getText(url), selected]);
  if (typeof first === "string") return undefined;
  await first.session.customRequest("continue", { threadId: first.threadId });
  return true;
}
