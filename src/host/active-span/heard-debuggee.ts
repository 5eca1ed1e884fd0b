import type { DebugSession } from "vscode";
import { isRecord } from "../../protocol/guard.ts";
import type { Debuggee } from "./debuggee.ts";

interface Wait {
  readonly asked: string;
  readonly settle: (reply: Readonly<Record<string, unknown>>) => void;
}

/**
 * Asks the debug adapter of a session, and hears the answer when the adapter gives it. VS Code hands answers on by way of
 * its window, which after a stop is busy with showing it: that takes longer than the adapter did. Two requests that are
 * the same word for word may get each other's answer.
 */
export class HeardDebuggee implements Debuggee {
  readonly #session: Pick<DebugSession, "customRequest">;
  /** Handed to VS Code, and not seen on the way to the adapter yet. */
  readonly #leaving: Wait[] = [];
  /** By the number that VS Code has given the request. */
  readonly #underWay = new Map<number, Wait>();

  constructor(session: Pick<DebugSession, "customRequest">) {
    this.#session = session;
  }

  request(command: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        asked: command + JSON.stringify(args),
        settle: ({ success, body, message }) => {
          if (success === true) resolve(body);
          else reject(new Error(typeof message === "string" ? message : `${command} was refused`));
        },
      };
      const forget = (): void => {
        const at = this.#leaving.indexOf(wait);
        if (at >= 0) this.#leaving.splice(at, 1);
      };
      this.#leaving.push(wait);
      this.#session.customRequest(command, args).then(resolve, reject).then(forget, forget);
    });
  }

  /** Takes a message of the client. Called for every message: cheap first. */
  sent(message: unknown): void {
    if (this.#leaving.length === 0 || !isRecord(message) || message["type"] !== "request") return;
    const { seq, command } = message;
    const asked = String(command) + JSON.stringify(message["arguments"]);
    const at = this.#leaving.findIndex((wait) => wait.asked === asked);
    const [wait] = at < 0 ? [] : this.#leaving.splice(at, 1);
    if (wait !== undefined && typeof seq === "number") this.#underWay.set(seq, wait);
  }

  /** Takes a message of the adapter. Called for every message: cheap first. */
  received(message: unknown): void {
    if (this.#underWay.size === 0 || !isRecord(message) || message["type"] !== "response") return;
    const seq = message["request_seq"];
    if (typeof seq !== "number") return;
    this.#underWay.get(seq)?.settle(message);
    this.#underWay.delete(seq);
  }
}
