import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { hearMessages, sendMessage, type Message } from "./messages.ts";

/** A language server on its standard streams: as much of the protocol as one needs to have it do something. */
export class LanguageServer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers = new Map<number, (reply: Message) => void>();
  readonly #notified = new Map<string, (params: Message) => void>();
  #id = 0;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args);
    this.#child.stderr.resume();
    hearMessages(this.#child.stdout, (message) => this.#take(message));
  }

  async request(method: string, params: Message): Promise<unknown> {
    const id = ++this.#id;
    const answer = new Promise<Message>((resolve, reject) => {
      this.#answers.set(id, resolve);
      this.#child.once("exit", () =>
        reject(new Error(`the language server ended before it answered ${method}`)),
      );
    });
    sendMessage(this.#child.stdin, { jsonrpc: "2.0", id, method, params });
    const reply = await answer;
    if (reply["error"] !== undefined) throw new Error(`${method}: ${JSON.stringify(reply["error"])}`);
    return reply["result"];
  }

  notify(method: string, params: Message): void {
    sendMessage(this.#child.stdin, { jsonrpc: "2.0", method, params });
  }

  onNotified(method: string, hear: (params: Message) => void): void {
    this.#notified.set(method, hear);
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  #take(message: Message): void {
    const { id, method } = message;
    if (typeof method !== "string") this.#answers.get(Number(id))?.(message);
    // Whatever it wants of a client: nothing special.
    else if (id !== undefined) sendMessage(this.#child.stdin, { jsonrpc: "2.0", id, result: null });
    else this.#notified.get(method)?.((message["params"] ?? {}) as Message);
  }
}
