// What VS Code loads to record js-debug (test/pauses/record.ts).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { disposable, type Disposable } from "../../src/base/dispose.ts";
import { isOfJsDebug, listenToV8 } from "../../src/host/session/v8-pauses.ts";
import { trimmed, type RecordedMessage, type Recording } from "./recording.ts";

const LINE = 4;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds since the epoch, as fine as a recording keeps them. */
const nowMs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;

interface Scene {
  readonly stopped: () => Promise<vscode.DebugSession>;
}

/** What is done once the program stands at its breakpoint for the first time. */
const scenarios: Readonly<Record<string, (session: vscode.DebugSession, scene: Scene) => Promise<void>>> = {
  steps: async (_, { stopped }) => {
    await vscode.commands.executeCommand("workbench.action.debug.stepOver");
    await stopped();
    await vscode.commands.executeCommand("workbench.action.debug.stepInto");
    await stopped();
    await vscode.commands.executeCommand("workbench.action.debug.continue");
    await stopped();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await wait(200);
    await vscode.commands.executeCommand("workbench.action.debug.continue");
    await wait(300);
    await vscode.commands.executeCommand("workbench.action.debug.pause");
    await stopped();
    await vscode.commands.executeCommand("workbench.action.debug.continue");
    await wait(300);
    await vscode.debug.stopDebugging();
  },
  killed: async (session) => {
    const { result } = (await session.customRequest("evaluate", {
      expression: "process.pid",
      context: "repl",
    })) as { readonly result: string };
    const pid = Number(result);
    // 0 and what is no number mean a whole group of processes, ours among them.
    if (pid > 1) process.kill(pid, "SIGKILL");
    await wait(1000);
  },
  restarted: async (_, { stopped }) => {
    await vscode.commands.executeCommand("workbench.action.debug.restart");
    await stopped();
    await vscode.debug.stopDebugging();
  },
};

/** Called by VS Code. */
export async function run(): Promise<void> {
  try {
    await recordAll();
  } catch (error) {
    // VS Code passes on that it failed, and not why.
    console.error(error);
    throw error;
  }
}

async function recordAll(): Promise<void> {
  const folder = process.env["SPANLIGHT_PAUSES_FOLDER"] ?? "";
  const program = join(folder, "loop.cjs");
  const recordings: Recording[] = [];
  for (const [scenario, play] of Object.entries(scenarios)) {
    const messages: RecordedMessage[] = [];
    const sessions: Record<string, string> = {};
    const waiting: ((session: vscode.DebugSession) => void)[] = [];
    const stops: vscode.DebugSession[] = [];
    const listening: Disposable[] = [];
    const tracking = vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker: (session) => {
        const id = `session ${Object.keys(sessions).length + 1}`;
        sessions[id] = session.name;
        console.log(id, session.name, JSON.stringify(session.configuration).slice(0, 300));
        let v8: Disposable | undefined;
        const listen = (): void => {
          v8 ??= listenToV8(session, (word) => {
            messages.push({ atMs: nowMs(), to: "runtime", session: id, message: { word } });
          });
        };
        listening.push(disposable(() => v8?.dispose()));
        const note = (to: RecordedMessage["to"]) => (message: unknown) => {
          sessions[id] = session.name;
          const atMs = nowMs();
          const fields = message as Readonly<Record<string, unknown>>;
          const kept = trimmed(fields, folder);
          if (kept !== undefined) messages.push({ atMs, to, session: id, message: kept });
          if (fields["event"] === "thread" && isOfJsDebug(session.type)) listen();
          if (to === "adapter" || fields["event"] !== "stopped") return;
          const next = waiting.shift();
          if (next === undefined) stops.push(session);
          else next(session);
        };
        return { onWillReceiveMessage: note("adapter"), onDidSendMessage: note("client") };
      },
    });
    const stopped = async (): Promise<vscode.DebugSession> => {
      const session = await new Promise<vscode.DebugSession>((resolve) => {
        const known = stops.shift();
        if (known === undefined) waiting.push(resolve);
        else resolve(known);
      });
      // VS Code asks for threads and stack, and the person looks.
      await wait(400);
      return session;
    };
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(
        new vscode.Location(vscode.Uri.file(program), new vscode.Position(LINE - 1, 0)),
      ),
    ]);
    await vscode.debug.startDebugging(undefined, { type: "node", request: "launch", name: "loop", program });
    await play(await stopped(), { stopped });
    await wait(500);
    await vscode.debug.stopDebugging();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    for (const one of listening) one.dispose();
    tracking.dispose();
    const version = String(vscode.extensions.getExtension("ms-vscode.js-debug")?.packageJSON.version);
    recordings.push({ adapter: "js-debug", version, scenario, sessions, messages });
  }
  writeFileSync(process.env["SPANLIGHT_PAUSES_RESULTS"] ?? "", JSON.stringify(recordings));
}
