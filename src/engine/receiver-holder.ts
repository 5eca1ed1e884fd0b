import { ok, type Problem, type Result } from "../base/result.ts";
import { openReceiver, type Receiver, type ReceiverOptions } from "./receive/receiver.ts";

/** Where a receiver is asked to listen; the rest of its options is the engine's. */
export type ReceiverAddress = Pick<ReceiverOptions, "host" | "httpPort" | "grpcPort" | "token">;

/** Holds the one receiver of an engine, and puts opening and closing in a row. */
export class ReceiverHolder {
  readonly #rest: Omit<ReceiverOptions, keyof ReceiverAddress>;
  #receiver: Receiver | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(rest: Omit<ReceiverOptions, keyof ReceiverAddress>) {
    this.#rest = rest;
  }

  get receiver(): Receiver | undefined {
    return this.#receiver;
  }

  /** Opens the receiver, or answers with the one that is open. */
  open(address: ReceiverAddress): Promise<Result<Receiver, Problem>> {
    return this.#inRow(async () => {
      if (this.#receiver !== undefined) return ok(this.#receiver);
      const opened = await openReceiver({ ...this.#rest, ...address });
      if (opened.ok) this.#receiver = opened.value;
      return opened;
    });
  }

  close(): Promise<void> {
    return this.#inRow(async () => {
      const receiver = this.#receiver;
      this.#receiver = undefined;
      await receiver?.close();
    });
  }

  #inRow<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#last.then(act);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
