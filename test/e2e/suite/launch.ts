import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { TestApi } from "../../../src/host/test-api.ts";
import type { Session } from "../../../src/model/session.ts";

/** Activates the extension and returns what it shows to tests. */
export async function activated(): Promise<TestApi> {
  const extension = vscode.extensions.getExtension<TestApi | undefined>("spanlight.spanlight");
  const api = await extension?.activate();
  if (api === undefined) throw new Error("the extension shows nothing: it does not run in test mode");
  return api;
}

/** Waits until a look finds something, and says what it waited for where that never comes. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 45_000,
): Promise<T> {
  const until = Date.now() + limitMs;
  while (Date.now() < until) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
}

const reporter = `
const { writeFileSync, renameSync } = require("node:fs");
const to = process.argv[2];
writeFileSync(to + ".part", JSON.stringify({ env: process.env, execArgv: process.execArgv }));
renameSync(to + ".part", to);
if (process.argv[3] === "stay") setInterval(() => {}, 1000);
`;

/** A folder with a program that writes its environment into a file and ends. */
export class ReportingProgram {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-launch-")));
  readonly path = join(this.folder, "report.cjs");
  readonly #children: ChildProcess[] = [];

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries({ "report.cjs": reporter, ...files })) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
  }

  /** A configuration that starts the program, and the environment that it will have reported. */
  launch(attributes: Readonly<Record<string, unknown>> = {}): {
    readonly configuration: vscode.DebugConfiguration;
    readonly reported: () => Promise<Readonly<Record<string, string>>>;
  } {
    const to = join(this.folder, `${randomUUID()}.json`);
    const stay = attributes["stay"] === true ? ["stay"] : [];
    const configuration = {
      type: "node",
      request: "launch",
      name: `report ${randomUUID().slice(0, 8)}`,
      console: "internalConsole",
      program: this.path,
      ...attributes,
      args: [to, ...stay],
    };
    if (configuration.type === "node-terminal") {
      Object.assign(configuration, {
        command: `node ${[this.path, to, ...stay].map((word) => JSON.stringify(word)).join(" ")}`,
      });
    }
    const reported = (): Promise<Readonly<Record<string, string>>> =>
      eventually("the program's report", () =>
        existsSync(to)
          ? (JSON.parse(readFileSync(to, "utf8")) as { env: Record<string, string> }).env
          : undefined,
      );
    return { configuration, reported };
  }

  /** Starts the program outside the debugger, with an inspector; answers with the inspector's port. */
  async inspected(): Promise<number> {
    const child = spawn("node", [
      "--inspect=127.0.0.1:0",
      this.path,
      join(this.folder, "inspected.json"),
      "stay",
    ]);
    this.#children.push(child);
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return eventually("the inspector", () => {
      const port = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(output)?.[1];
      return port === undefined ? undefined : Number(port);
    });
  }

  remove(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The session that the panel shows under a name, once it is there. */
export function sessionNamed(api: TestApi, name: string): Promise<Session> {
  return eventually(`the session ${name}`, () =>
    api.state().sessions.find((session) => session.name === name),
  );
}

/** Stops all that is being debugged, and waits until the debugger has none left. */
export async function stopAll(api: TestApi): Promise<void> {
  await vscode.debug.stopDebugging();
  await eventually("the end of all sessions", () =>
    api.state().sessions.every(({ active }) => !active) ? true : undefined,
  );
}
