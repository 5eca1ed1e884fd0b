import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PauseMachine, type Stop } from "../../src/host/session/pause-machine.ts";
import {
  installPolyglot,
  polyglotMissing,
  type PolyglotTools,
} from "../../test/e2e/harness/polyglot-tools.ts";
import { DapClient } from "../../test/pauses/dap-client.ts";
import { median } from "./median.ts";
import type { Row, Suite } from "../row.ts";

/**
 * What the messages of debugpy and Delve tell of 20 stops, against the clocks of the programs that stood there: the
 * adapters alone, without VS Code and without spans.
 */
export const adapterAccuracySuite: Suite = {
  title: "pause accuracy of other adapters",
  async run() {
    const missing = await polyglotMissing();
    if (missing !== undefined) throw new Error(missing);
    const tools = await installPolyglot();
    const rows: Row[] = [];
    for (const scene of [debugpy(tools), delve(tools)])
      rows.push(...rowsOf(scene.name, await measured(scene)));
    return rows;
  },
};

const STOPS = 20;

interface Scene {
  readonly name: string;
  /** The program's file; it appends a line with two moments, in nanoseconds since the epoch, to `clock` after each stop. */
  readonly file: string;
  readonly text: string;
  readonly line: number;
  readonly files?: Readonly<Record<string, string>>;
  readonly start: (folder: string) => Promise<{ readonly client: DapClient; readonly stop: () => void }>;
  readonly launch: (folder: string) => Readonly<Record<string, unknown>>;
}

function debugpy({ python }: PolyglotTools): Scene {
  return {
    name: "debugpy",
    file: "main.py",
    line: 5,
    text: `import time

def work():
    before = time.time_ns()
    n = before + 1
    return before, time.time_ns(), n

with open("clock", "w") as clock:
    for _ in range(${STOPS}):
        before, after, _ = work()
        clock.write(f"{before} {after}\\n")
        clock.flush()
        time.sleep(0.05)
`,
    start: (folder) => {
      const child = spawn(python, ["-m", "debugpy.adapter"]);
      const client = new DapClient(child.stdout, child.stdin, folder);
      return Promise.resolve({ client, stop: () => child.kill("SIGKILL") });
    },
    launch: (folder) => ({
      program: join(folder, "main.py"),
      cwd: folder,
      console: "internalConsole",
      python: [python],
    }),
  };
}

function delve({ dlv }: PolyglotTools): Scene {
  return {
    name: "Delve",
    file: "main.go",
    line: 11,
    files: { "go.mod": "module stops\n\ngo 1.22\n" },
    text: `package main

import (
	"fmt"
	"os"
	"time"
)

func work() (int64, int64, int64) {
	before := time.Now().UnixNano()
	n := before + 1
	return before, time.Now().UnixNano(), n
}

func main() {
	clock, _ := os.Create("clock")
	for i := 0; i < ${STOPS}; i++ {
		before, after, _ := work()
		fmt.Fprintln(clock, before, after)
		time.Sleep(50 * time.Millisecond)
	}
}
`,
    start: async (folder) => {
      const child = spawn(dlv, ["dap", "--listen=127.0.0.1:0"], { cwd: folder });
      const port = await new Promise<number>((resolve, reject) => {
        child.on("error", reject);
        child.stdout.on("data", (text: Buffer) => {
          const found = /listening at: 127\.0\.0\.1:(\d+)/.exec(text.toString())?.[1];
          if (found !== undefined) resolve(Number(found));
        });
      });
      const socket = await new Promise<Socket>((resolve) => {
        const made = connect(port, "127.0.0.1", () => resolve(made));
      });
      return { client: new DapClient(socket, socket, folder), stop: () => child.kill("SIGTERM") };
    },
    launch: (folder) => ({ mode: "debug", program: folder, dlvCwd: folder, cwd: folder }),
  };
}

/** In milliseconds: how much later than the program's clock the messages let it begin, and let it end. */
interface Lateness {
  readonly start: number;
  readonly end: number;
}

async function measured(scene: Scene): Promise<readonly Lateness[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-bench-")));
  for (const [name, text] of Object.entries({ [scene.file]: scene.text, ...scene.files }))
    writeFileSync(join(folder, name), text);
  const { client, stop } = await scene.start(folder);
  try {
    await client.ask("initialize", { adapterID: scene.name });
    const launching = client.ask("launch", { request: "launch", ...scene.launch(folder) });
    await client.event("initialized", 60_000);
    const breakpoints = [{ line: scene.line }];
    await client.ask("setBreakpoints", { source: { path: join(folder, scene.file) }, breakpoints });
    await client.ask("configurationDone");
    await launching;
    for (let n = 0; n < STOPS; n++) {
      const event = await client.event("stopped");
      const threadId = (event?.["body"] as { readonly threadId?: number } | undefined)?.threadId ?? 1;
      await client.ask("threads");
      await client.ask("stackTrace", { threadId, startFrame: 0, levels: 20 });
      await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
      await client.ask("continue", { threadId });
    }
    await client.event("terminated");
    return latenessOf(stopsOf(client), readFileSync(join(folder, "clock"), "utf8"));
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function stopsOf({ messages }: DapClient): readonly Stop[] {
  const machine = new PauseMachine();
  const stops = new Map<number, Stop>();
  for (const { to, atMs, message } of messages) {
    const atNs = BigInt(Math.round(atMs * 1e3)) * 1000n;
    if (to === "adapter") machine.sent(message, atNs);
    else for (const stop of machine.received(message, atNs)) stops.set(stop.number, stop);
  }
  return [...stops.values()];
}

function latenessOf(stops: readonly Stop[], clock: string): readonly Lateness[] {
  return clock
    .trim()
    .split("\n")
    .map((line, n) => {
      const [before = 0n, after = 0n] = line.split(" ").map(BigInt);
      const { startNs, endNs = 0n } = stops[n] ?? { startNs: 0n };
      return { start: Number(startNs - before) / 1e6, end: Number(endNs - after) / 1e6 };
    });
}

function rowsOf(adapter: string, all: readonly Lateness[]): readonly Row[] {
  const ms = { unit: "ms", better: "lower" } as const;
  const errors = all.map(({ start, end }) => Math.abs(end - start));
  return [
    {
      name: `${adapter}: told pause against the program's clock, ${all.length} stops, median error`,
      value: median(errors),
      ...ms,
    },
    { name: "the same, worst", value: Math.max(...errors), ...ms },
    {
      name: "how long it stood before that was told, median",
      value: median(all.map(({ start }) => start)),
      ...ms,
    },
    {
      name: "how long it ran again before that was told, median",
      value: median(all.map(({ end }) => end)),
      ...ms,
    },
  ];
}
