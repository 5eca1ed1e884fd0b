import type { Guard } from "./guard.ts";

/**
 * A message is one value that holds its name and its types; both ends import it, no name is written twice.
 * Requests are imperative and answered, events are past tense and not.
 */
export interface RequestType<Params, Reply> {
  readonly kind: "request";
  readonly name: string;
  /** Checked by the receiver: what comes from a webview or another thread is not believed. */
  readonly isParams: Guard<Params>;
  /** Only carries the type. */
  readonly reply?: Reply;
}

export interface EventType<Params> {
  readonly kind: "event";
  readonly name: string;
  readonly isParams: Guard<Params>;
}

/** Describes a request. Use as `request<Reply>()("trace/open", isObject({ traceId: isTraceId }))`. */
export function request<Reply>() {
  return <Params>(name: string, isParams: Guard<Params>): RequestType<Params, Reply> => ({
    kind: "request",
    name,
    isParams,
  });
}

export function event<Params>(name: string, isParams: Guard<Params>): EventType<Params> {
  return { kind: "event", name, isParams };
}
