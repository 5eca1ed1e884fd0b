import type { Brand } from "../base/brand.ts";

/** A trace id: 32 lower-case hexadecimal digits. */
export type TraceId = Brand<string, "TraceId">;

/** A span id: 16 lower-case hexadecimal digits. Not unique, see {@link SpanRow}. */
export type SpanId = Brand<string, "SpanId">;

/** The unguessable part of a debug session's endpoint (`/s/<id>`): url-safe, at least 128 bits of randomness. */
export type SessionId = Brand<string, "SessionId">;

/** One press of F5; runs are numbered from 1 in the order in which they began. 0 is what arrived outside any session. */
export type RunNumber = Brand<number, "RunNumber">;

/**
 * A span's place in the store, a number that no other span of this engine ever has. Trace and span id are not an
 * identity: clients and servers of Zipkin share them, and captures hold duplicates.
 */
export type SpanRow = Brand<number, "SpanRow">;

export const OUTSIDE_ANY_RUN = 0 as RunNumber;

const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const SESSION_ID = /^[A-Za-z0-9_-]{22,64}$/;

export function isTraceId(text: unknown): text is TraceId {
  return typeof text === "string" && TRACE_ID.test(text);
}

export function isSpanId(text: unknown): text is SpanId {
  return typeof text === "string" && SPAN_ID.test(text);
}

export function isSessionId(text: unknown): text is SessionId {
  return typeof text === "string" && SESSION_ID.test(text);
}
