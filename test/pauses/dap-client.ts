import type { Duplex, Readable, Writable } from "node:stream";
import { trimmed, type RecordedMessage } from "./recording.ts";

type Message = Readonly<Record<string, unknown>>;

/** Speaks the Debug Adapter Protocol over a stream, and writes down what is said. */
export class DapClient {
  readonly messages: RecordedMessage[] = [];
  readonly #output: Writable;
  readonly #folder: string;
  readonly #answers = new Map<number, (reply: Message) => void>();
  readonly #events: Message[] = [];
  readonly #waiting: {
    readonly isMeant: (event: Message) => boolean;
    readonly resolve: (event: Message) => void;
  }[] = [];
  #seq = 0;
  #buffer = Buffer.alloc(0);

  /** @param folder the program's, which is called `/program` in the recording */
  constructor(input: Readable | Duplex, output: Writable | Duplex, folder: string) {
    this.#output = output;
    this.#folder = folder;
    input.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  async ask(command: string, given: Message = {}): Promise<Message> {
    const seq = ++this.#seq;
    const answer = new Promise<Message>((resolve) => this.#answers.set(seq, resolve));
    this.#send({ type: "request", seq, command, arguments: given });
    return answer;
  }

  /** The next event of this name that nobody has waited for yet; undefined where it does not come in time. */
  async event(name: string, limitMs = 20_000): Promise<Message | undefined> {
    const isMeant = (event: Message): boolean => event["event"] === name;
    const at = this.#events.findIndex(isMeant);
    if (at >= 0) return this.#events.splice(at, 1)[0];
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), limitMs);
      this.#waiting.push({
        isMeant,
        resolve: (event) => {
          clearTimeout(timer);
          resolve(event);
        },
      });
    });
  }

  #send(message: Message): void {
    this.#record("adapter", message);
    const body = JSON.stringify(message);
    // In one piece: a socket holds back the second of two small ones for 40 ms.
    this.#output.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const head = this.#buffer.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.toString("latin1", 0, head))?.[1]);
      if (this.#buffer.length < head + 4 + length) return;
      const message = JSON.parse(this.#buffer.toString("utf8", head + 4, head + 4 + length)) as Message;
      this.#buffer = this.#buffer.subarray(head + 4 + length);
      this.#take(message);
    }
  }

  #take(message: Message): void {
    this.#record("client", message);
    if (message["type"] === "response") this.#answers.get(Number(message["request_seq"]))?.(message);
    if (message["type"] !== "event") return;
    const at = this.#waiting.findIndex(({ isMeant }) => isMeant(message));
    if (at < 0) this.#events.push(message);
    else this.#waiting.splice(at, 1)[0]?.resolve(message);
  }

  #record(to: RecordedMessage["to"], message: Message): void {
    const atMs = performance.timeOrigin + performance.now();
    const kept = trimmed(message, this.#folder);
    if (kept !== undefined) this.messages.push({ atMs: Math.round(atMs * 1000) / 1000, to, message: kept });
  }
}
