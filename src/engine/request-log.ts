import type { ReceivedRequest } from "./signal-request.ts";
import type { Signal } from "./receive/endpoint.ts";
import type { SessionRecorder } from "./session-recorder.ts";

/** Logs requests before they are acknowledged. */
export class RequestLog {
  readonly #recorder: SessionRecorder;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(recorder: SessionRecorder, now: () => number) {
    this.#recorder = recorder;
    this.#now = now;
  }

  /** Whether there is a log that takes such a request. */
  isOpenFor({ isReplayed }: Pick<ReceivedRequest, "isReplayed">): boolean {
    return !isReplayed && this.#recorder.isOpen;
  }

  /**
   * Logs a request's body, masked and in protobuf. Settles when it may be acknowledged, undefined where that is at once: there is
   * no log, or the request comes from one.
   */
  record(
    signal: Signal,
    body: Uint8Array,
    received: Pick<ReceivedRequest, "origin" | "run" | "isReplayed">,
  ): Promise<boolean> | undefined {
    if (!this.isOpenFor(received)) return undefined;
    const { origin, run } = received;
    const receivedMs = this.#now();
    return this.#recorder.request({ ...origin, signal, encoding: "protobuf", run, receivedMs, body });
  }
}
