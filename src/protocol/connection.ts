import type { Disposable } from "../base/dispose.ts";
import { disposable } from "../base/dispose.ts";
import { err, messageOf, ok, type Problem, type Result } from "../base/result.ts";
import { isRecord } from "./guard.ts";
import type { EventType, RequestType } from "./message.ts";

/** One end of a link: a worker's MessagePort, a webview. What is listed in `transfer` is handed over, not copied. */
export interface Port {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  listen(receive: (message: unknown) => void): Disposable;
}

/** Answers a request. The signal fires when the asker is no longer interested. */
export type Handler<Params, Reply> = (
  params: Params,
  signal: AbortSignal,
) => Reply | Result<Reply, Problem> | Promise<Reply | Result<Reply, Problem>>;

/** The frames on the wire. `id` is the asker's; it counts up from 1. */
type Frame =
  | { readonly type: "request"; readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "reply"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly problem: Problem }
  | { readonly type: "event"; readonly name: string; readonly params: unknown };

interface Waiting {
  readonly settle: (result: Result<unknown, Problem>) => void;
}

export const LINK_CLOSED: Problem = {
  code: "link-closed",
  message: "The other side of the link is gone.",
};

/**
 * Requests, replies, cancellation and events over a {@link Port}. The same class serves both links
 * (extension host and engine, extension host and panel) and both ends of each.
 */
export class Connection implements Disposable {
  readonly #port: Port;
  readonly #listening: Disposable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #running = new Map<number, AbortController>();
  readonly #requests = new Map<
    string,
    { type: RequestType<unknown, unknown>; handle: Handler<unknown, unknown> }
  >();
  readonly #events = new Map<string, { type: EventType<unknown>; hear: Set<(params: unknown) => void> }>();
  #forward:
    ((name: string, params: unknown, signal: AbortSignal) => Promise<Result<unknown, Problem>>) | undefined;
  #nextId = 1;
  #closed = false;

  constructor(port: Port) {
    this.#port = port;
    this.#listening = port.listen((message) => {
      if (isFrame(message)) this.#receive(message);
    });
  }

  /** Answers requests of this type. One handler a type. */
  handle<Params, Reply>(type: RequestType<Params, Reply>, handler: Handler<Params, Reply>): Disposable {
    this.#requests.set(type.name, { type, handle: handler as Handler<unknown, unknown> });
    return disposable(() => this.#requests.delete(type.name));
  }

  /** Answers, by name, the requests that have no handler here: how the extension host passes the panel's on to the engine. */
  forwardUnhandled(
    forward: (name: string, params: unknown, signal: AbortSignal) => Promise<Result<unknown, Problem>>,
  ): void {
    this.#forward = forward;
  }

  on<Params>(type: EventType<Params>, hear: (params: Params) => void): Disposable {
    const entry = this.#events.get(type.name) ?? { type, hear: new Set() };
    this.#events.set(type.name, entry);
    const listener = (params: unknown): void => hear(params as Params);
    entry.hear.add(listener);
    return disposable(() => entry.hear.delete(listener));
  }

  emit<Params>(type: EventType<Params>, params: Params): void {
    if (!this.#closed) this.#post({ type: "event", name: type.name, params });
  }

  /** Asks. Never rejects: a failure, a cancellation and a closed link are errors in the result. */
  ask<Params, Reply>(
    type: RequestType<Params, Reply>,
    params: Params,
    signal?: AbortSignal,
  ): Promise<Result<Reply, Problem>> {
    return this.askByName(type.name, params, signal) as Promise<Result<Reply, Problem>>;
  }

  askByName(name: string, params: unknown, signal?: AbortSignal): Promise<Result<unknown, Problem>> {
    if (this.#closed) return Promise.resolve(err(LINK_CLOSED));
    if (signal?.aborted === true) return Promise.resolve(err(cancelled(name)));
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const abort = (): void => {
        if (!this.#waiting.delete(id)) return;
        this.#post({ type: "cancel", id });
        resolve(err(cancelled(name)));
      };
      const settle = (result: Result<unknown, Problem>): void => {
        signal?.removeEventListener("abort", abort);
        resolve(result);
      };
      this.#waiting.set(id, { settle });
      signal?.addEventListener("abort", abort, { once: true });
      this.#post({ type: "request", id, name, params });
    });
  }

  dispose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listening.dispose();
    for (const running of this.#running.values()) running.abort();
    for (const waiting of this.#waiting.values()) waiting.settle(err(LINK_CLOSED));
    this.#waiting.clear();
    this.#running.clear();
  }

  #post(frame: Frame): void {
    this.#port.post(frame, buffersIn(frame));
  }

  #receive(frame: Frame): void {
    switch (frame.type) {
      case "request":
        void this.#answer(frame.id, frame.name, frame.params);
        return;
      case "cancel":
        this.#running.get(frame.id)?.abort();
        return;
      case "reply":
        this.#settle(frame.id, ok(frame.value));
        return;
      case "failure":
        this.#settle(frame.id, err(frame.problem));
        return;
      case "event": {
        const entry = this.#events.get(frame.name);
        if (entry?.type.isParams(frame.params) !== true) return;
        for (const hear of entry.hear) hear(frame.params);
      }
    }
  }

  #settle(id: number, result: Result<unknown, Problem>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.settle(result);
  }

  async #answer(id: number, name: string, params: unknown): Promise<void> {
    const abort = new AbortController();
    this.#running.set(id, abort);
    const result = await this.#run(name, params, abort.signal);
    this.#running.delete(id);
    if (this.#closed || abort.signal.aborted) return;
    if (!result.ok) {
      this.#post({ type: "failure", id, problem: result.error });
      return;
    }
    try {
      this.#post({ type: "reply", id, value: result.value });
    } catch (thrown) {
      // What cannot be cloned cannot be sent; the asker must not wait for ever.
      this.#post({ type: "failure", id, problem: requestFailed(name, thrown) });
    }
  }

  async #run(name: string, params: unknown, signal: AbortSignal): Promise<Result<unknown, Problem>> {
    try {
      const entry = this.#requests.get(name);
      if (entry === undefined)
        return (await this.#forward?.(name, params, signal)) ?? err(unknownRequest(name));
      if (!entry.type.isParams(params)) return err(badParams(name));
      const reply = await entry.handle(params, signal);
      return isResult(reply) ? reply : ok(reply);
    } catch (thrown) {
      return err(requestFailed(name, thrown));
    }
  }
}

function unknownRequest(name: string): Problem {
  return { code: "unknown-request", message: `Nothing here answers ${name}.` };
}

function badParams(name: string): Problem {
  return { code: "bad-params", message: `${name} was asked with parameters of another form.` };
}

function requestFailed(name: string, thrown: unknown): Problem {
  return { code: "request-failed", message: `${name} failed: ${messageOf(thrown)}` };
}

function cancelled(name: string): Problem {
  return { code: "cancelled", message: `${name} was cancelled.` };
}

const FRAME_TYPES: ReadonlySet<unknown> = new Set(["request", "cancel", "reply", "failure", "event"]);

function isFrame(message: unknown): message is Frame {
  return isRecord(message) && FRAME_TYPES.has(message["type"]);
}

function isResult(value: unknown): value is Result<unknown, Problem> {
  return isRecord(value) && typeof value["ok"] === "boolean" && ("value" in value || "error" in value);
}

/** The buffers of the typed arrays at most two levels down: bulk data stands directly in a reply, or in one field of it. */
function buffersIn(frame: Frame): readonly ArrayBuffer[] {
  const payload =
    frame.type === "reply"
      ? frame.value
      : frame.type === "request" || frame.type === "event"
        ? frame.params
        : undefined;
  const buffers = new Set<ArrayBuffer>();
  collect(payload, 2, buffers);
  return [...buffers];
}

function collect(value: unknown, levels: number, into: Set<ArrayBuffer>): void {
  if (ArrayBuffer.isView(value)) {
    // A view into a larger buffer (Node's pooled Buffers among them) is copied: its neighbours are not ours to give away.
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength)
      into.add(value.buffer);
  } else if (levels > 0 && isRecord(value)) {
    for (const field of Object.values(value)) if (typeof field === "object") collect(field, levels - 1, into);
  }
}
