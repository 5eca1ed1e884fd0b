import { spawn, type ChildProcess } from "node:child_process";
import { WebSocket } from "ws";

import { builtAgent, fixtures } from "./fixtures.ts";
import type { Receiver } from "./receiver.ts";

/** A frame of `Debugger.paused`, as the inspector protocol has it; lines count from 0. */
export interface PausedFrame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly url: string;
  readonly location: { readonly lineNumber: number; readonly scriptId: string };
  readonly scopeChain: readonly { readonly type: string; readonly object: { readonly objectId: string } }[];
}

type Message = Readonly<Record<string, unknown>>;

/** A Node program under `--inspect-brk` with the agent, and a debugger of its own for it that skips the agent's files. */
export class InspectedProgram {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, (message: Message) => void>();
  readonly #stops: (readonly PausedFrame[])[] = [];
  #wake: () => void = () => undefined;
  readonly #urls = new Map<string, string>();
  #next = 0;
  output = "";
  exited = false;
  exitCode: number | null = null;

  /** What came on the standard error stream so far. */
  readonly errors: () => string;

  private constructor(child: ChildProcess, socket: WebSocket, errors: () => string) {
    this.errors = errors;
    this.#child = child;
    this.#socket = socket;
    child.stdout?.on("data", (bytes: Buffer) => (this.output += bytes.toString("utf8")));
    child.on("close", (code) => {
      this.exited = true;
      this.exitCode = code;
      this.#wake();
    });
    socket.on("message", (bytes: Buffer) => {
      const message = JSON.parse(bytes.toString("utf8")) as Message;
      if (typeof message["id"] === "number") this.#replies.get(message["id"])?.(message);
      if (message["method"] === "Debugger.scriptParsed") {
        const { scriptId, url } = message["params"] as { scriptId: string; url: string };
        this.#urls.set(scriptId, url);
      }
      if (message["method"] === "Debugger.paused") {
        const { callFrames } = message["params"] as { callFrames: readonly PausedFrame[] };
        // Node leaves the frame's own url empty for scripts that were parsed before.
        const urlOf = ({ location }: PausedFrame): string => this.#urls.get(location.scriptId) ?? "";
        this.#stops.push(callFrames.map((frame) => ({ ...frame, url: urlOf(frame) })));
        this.#wake();
      }
      // Node keeps a program that has ended for its debugger.
      if (message["method"] === "NodeRuntime.waitingForDisconnect") socket.close();
    });
  }

  static async start(
    app: string,
    receiver: Receiver,
    env: Readonly<Record<string, string>> = {},
    nodeArguments: readonly string[] = [],
    programArguments: readonly string[] = [],
  ): Promise<InspectedProgram> {
    const agent = await builtAgent();
    const child = spawn(
      process.execPath,
      ["--inspect-brk=127.0.0.1:0", ...nodeArguments, app, ...programArguments],
      {
        cwd: fixtures,
        env: {
          ...process.env,
          NODE_OPTIONS: `--require "${agent}"`,
          SPANLIGHT_ENDPOINT: receiver.endpoint,
          ...env,
        },
      },
    );
    let told = "";
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on("data", (bytes: Buffer) => {
        told += bytes.toString("utf8");
        const found = /ws:\/\/\S+/.exec(told)?.[0];
        if (found !== undefined) resolve(found);
      });
      child.on("exit", () => {
        reject(new Error(`${app} ended: ${told}`));
      });
    });
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
    const program = new InspectedProgram(child, socket, () => told);
    await program.ask("Runtime.enable");
    await program.ask("NodeRuntime.notifyWhenWaitingForDisconnect", { enabled: true });
    await program.ask("Debugger.enable");
    const folder = agent.replace(/preload\.cjs$/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    await program.ask("Debugger.setBlackboxPatterns", { patterns: [`^(file://)?${folder}`, "^node:"] });
    await program.ask("Runtime.runIfWaitingForDebugger");
    // Before the first statement of the program.
    await program.stop();
    return program;
  }

  async ask(method: string, params: object = {}): Promise<Message> {
    const id = ++this.#next;
    const reply = new Promise<Message>((resolve) => this.#replies.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { error, result } = await reply;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as Message;
  }

  /** The frames of the next stop, the innermost first; undefined if the program ended instead. */
  async stop(): Promise<readonly PausedFrame[] | undefined> {
    while (this.#stops.length === 0 && !this.exited) await new Promise<void>((wake) => (this.#wake = wake));
    return this.#stops.shift();
  }

  async after(step: "resume" | "stepOut" | "stepInto"): Promise<readonly PausedFrame[] | undefined> {
    await this.ask(`Debugger.${step}`);
    return this.stop();
  }

  /** The value of an expression in a frame of the stop. */
  async evaluate(frame: PausedFrame | undefined, expression: string): Promise<unknown> {
    const { result } = await this.ask("Debugger.evaluateOnCallFrame", {
      callFrameId: frame?.callFrameId,
      expression,
      includeCommandLineAPI: true,
      returnByValue: true,
    });
    return (result as Message)["value"];
  }

  /** Cuts the debugger off, and waits until the program has ended by itself. */
  async leave(): Promise<void> {
    this.#socket.close();
    while (!this.exited) await new Promise<void>((wake) => (this.#wake = wake));
  }

  kill(): void {
    this.#socket.close();
    this.#child.kill("SIGKILL");
  }
}
