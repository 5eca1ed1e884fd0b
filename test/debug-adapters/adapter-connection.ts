import type { Readable, Writable } from "node:stream";
import type { Debuggee } from "../../src/host/active-span/debuggee.ts";
import { hearMessages, sendMessage, type Message } from "./messages.ts";

/** What VS Code says of itself, as far as adapters answer otherwise without it. */
export const CLIENT = { linesStartAt1: true, pathFormat: "path", supportsVariableType: true };

/** A client of one debug adapter, which rejects what the adapter refuses, as VS Code does. */
export class AdapterConnection implements Debuggee {
  readonly #output: Writable;
  readonly #answers = new Map<number, (reply: Message) => void>();
  readonly #events: Message[] = [];
  #wake: (() => void)[] = [];
  #seq = 0;

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    hearMessages(input, (message) => this.#take(message));
  }

  async request(command: string, args: Message = {}): Promise<unknown> {
    const seq = ++this.#seq;
    const answer = new Promise<Message>((resolve) => this.#answers.set(seq, resolve));
    sendMessage(this.#output, { type: "request", seq, command, arguments: args });
    const reply = await answer;
    if (reply["success"] !== true) throw new Error(`${command}: ${String(reply["message"])}`);
    return reply["body"];
  }

  /** The body of the next event of this name that nobody has waited for. */
  async event(name: string): Promise<Message> {
    for (;;) {
      const at = this.#events.findIndex((event) => event["event"] === name);
      const [event] = at < 0 ? [] : this.#events.splice(at, 1);
      if (event !== undefined) return (event["body"] ?? {}) as Message;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #take(message: Message): void {
    if (message["type"] === "response") this.#answers.get(Number(message["request_seq"]))?.(message);
    if (message["type"] !== "event" || message["event"] === "output") return;
    this.#events.push(message);
    for (const wake of this.#wake.splice(0)) wake();
  }
}
