/**
 * Records what real debug adapters say while a program is paused, stepped, continued, and ends in one way or the other:
 *
 *     npx tsx test/pauses/record.ts debugpy PYTHON        a Python that has debugpy
 *     npx tsx test/pauses/record.ts dlv DLV               Delve's program
 *     npx tsx test/pauses/record.ts lldb-dap LLDB_DAP     needs g++ as well
 *     npx tsx test/pauses/record.ts js-debug              in the embedded VS Code, which is installed where it is missing
 *
 * Each writes its scenarios to test/unit/host/session/pauses.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInVsCode } from "../e2e/host/run-in-vs-code.mjs";
import { DapClient } from "./dap-client.ts";
import type { Recording } from "./recording.ts";

const recordings = fileURLToPath(new URL("../unit/host/session/pauses/", import.meta.url));
const programs = fileURLToPath(new URL("programs/", import.meta.url));

interface Adapter {
  readonly name: string;
  readonly version: () => string;
  readonly program: string;
  /** The line at which it is stopped. */
  readonly line: number;
  readonly start: (folder: string) => Promise<{ readonly client: DapClient; readonly stop: () => void }>;
  readonly launch: (folder: string) => Readonly<Record<string, unknown>>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function onStdio(child: ChildProcess, folder: string): { client: DapClient; stop: () => void } {
  if (child.stdout === null || child.stdin === null) throw new Error("the adapter has no streams");
  return { client: new DapClient(child.stdout, child.stdin, folder), stop: () => child.kill("SIGKILL") };
}

const adapters: Readonly<Record<string, (tool: string) => Adapter>> = {
  debugpy: (python) => ({
    name: "debugpy",
    version: () =>
      execFileSync(python, ["-c", "import debugpy; print(debugpy.__version__)"]).toString().trim(),
    program: "threads.py",
    line: 6,
    start: (folder) => Promise.resolve(onStdio(spawn(python, ["-m", "debugpy.adapter"]), folder)),
    launch: (folder) => ({
      program: join(folder, "threads.py"),
      console: "internalConsole",
      python: [python],
    }),
  }),
  "lldb-dap": (lldb) => ({
    name: "lldb-dap",
    version: () =>
      /LLVM ([\d.]+)|(\d+\.\d+\.\d+)/.exec(
        execFileSync(lldb.replace("-dap", ""), ["--version"]).toString(),
      )?.[2] ?? "unknown",
    program: "threads.cpp",
    line: 9,
    start: (folder) => {
      execFileSync("g++", [
        "-g",
        "-O0",
        "-pthread",
        "-o",
        join(folder, "threads"),
        join(folder, "threads.cpp"),
      ]);
      return Promise.resolve(onStdio(spawn(lldb), folder));
    },
    launch: (folder) => ({ program: join(folder, "threads") }),
  }),
  dlv: (dlv) => ({
    name: "dlv",
    version: () => /Version: (\S+)/.exec(execFileSync(dlv, ["version"]).toString())?.[1] ?? "unknown",
    program: "threads.go",
    line: 9,
    start: async (folder) => {
      writeFileSync(join(folder, "go.mod"), "module threads\n\ngo 1.22\n");
      const child = spawn(dlv, ["dap", "--listen=127.0.0.1:0"], { cwd: folder });
      const port = await new Promise<number>((resolve) =>
        child.stdout.on("data", (text: Buffer) => {
          const found = /listening at: 127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
          if (found !== undefined) resolve(Number(found));
        }),
      );
      const socket = await new Promise<Socket>((resolve) => {
        const made = connect(port, "127.0.0.1", () => resolve(made));
      });
      return { client: new DapClient(socket, socket, folder), stop: () => child.kill("SIGKILL") };
    },
    launch: (folder) => ({ mode: "debug", program: folder, dlvCwd: folder }),
  }),
};

/** What is done once the program stands at its breakpoint for the first time. */
const scenarios: Readonly<Record<string, (client: DapClient, threadId: number) => Promise<void>>> = {
  steps: async (client, threadId) => {
    await client.ask("next", { threadId });
    await stopped(client);
    await client.ask("stepIn", { threadId });
    await stopped(client);
    await client.ask("stepOut", { threadId });
    const at = await stopped(client);
    await client.ask("continue", { threadId: at });
    const again = await stopped(client);
    await client.ask("setBreakpoints", { source: { path: breakpoint.path }, breakpoints: [] });
    await client.ask("continue", { threadId: again });
    await wait(200);
    await client.ask("pause", { threadId: again });
    if ((await client.event("stopped", 3000)) !== undefined) {
      await inspect(client, again);
      await client.ask("continue", { threadId: again });
      await wait(200);
    }
    await client.ask("disconnect", { terminateDebuggee: true });
  },
  killed: async (client) => {
    const { systemProcessId } = (await client.event("process"))?.["body"] as { systemProcessId: number };
    process.kill(systemProcessId, "SIGKILL");
    await client.event("terminated", 5000);
  },
  disconnected: async (client) => {
    await client.ask("disconnect", { terminateDebuggee: true });
  },
};

const breakpoint = { path: "" };

/** Waits for a stop, looks at it as VS Code does, and stays a while. */
async function stopped(client: DapClient): Promise<number> {
  const event = await client.event("stopped");
  const body = event?.["body"] as { readonly threadId?: number } | undefined;
  const threadId = body?.threadId ?? 1;
  await inspect(client, threadId);
  return threadId;
}

async function inspect(client: DapClient, threadId: number): Promise<void> {
  await client.ask("threads");
  await client.ask("stackTrace", { threadId, startFrame: 0, levels: 20 });
  await wait(60 + Math.random() * 100);
}

async function record(adapter: Adapter, scenario: string): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-pauses-")));
  writeFileSync(join(folder, adapter.program), readFileSync(join(programs, adapter.program)));
  const { client, stop } = await adapter.start(folder);
  try {
    await client.ask("initialize", { adapterID: adapter.name, supportsStartDebuggingRequest: false });
    const launching = client.ask("launch", {
      request: "launch",
      type: adapter.name,
      ...adapter.launch(folder),
    });
    await client.event("initialized");
    breakpoint.path = join(folder, adapter.program);
    await client.ask("setBreakpoints", {
      source: { path: breakpoint.path },
      breakpoints: [{ line: adapter.line }],
    });
    await client.ask("configurationDone");
    await launching;
    const threadId = await stopped(client);
    await scenarios[scenario]?.(client, threadId);
    await wait(100);
    save({ adapter: adapter.name, version: adapter.version(), scenario, messages: client.messages });
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function save(recording: Recording): void {
  const { messages, ...head } = recording;
  const lines = messages.map((message) => `    ${JSON.stringify(message)}`);
  const text = `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "messages": [\n${lines.join(",\n")}\n  ]\n}\n`;
  writeFileSync(join(recordings, `${recording.adapter}-${recording.scenario}.json`), text);
  console.log(`${recording.adapter} ${recording.version} ${recording.scenario}: ${messages.length} messages`);
}

async function recordInVsCode(): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-pauses-")));
  try {
    writeFileSync(join(folder, "loop.cjs"), readFileSync(join(programs, "loop.cjs")));
    const results = join(folder, "recordings.json");
    await runInVsCode({
      files: ["test/pauses/record-in-vs-code.ts"],
      main: "record-in-vs-code",
      workspace: folder,
      env: { SPANLIGHT_PAUSES_FOLDER: folder, SPANLIGHT_PAUSES_RESULTS: results },
    });
    for (const recording of JSON.parse(readFileSync(results, "utf8")) as readonly Recording[])
      save(recording);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [which = "", tool = ""] = process.argv.slice(2);
const make = adapters[which];
if (which === "js-debug") await recordInVsCode();
else if (make === undefined) throw new Error(`no such adapter: ${which}`);
else for (const scenario of Object.keys(scenarios)) await record(make(tool), scenario);
process.exit();
