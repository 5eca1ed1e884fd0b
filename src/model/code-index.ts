import type { RunNumber, SessionId, SpanRow, TraceId } from "./ids.ts";

/**
 * What the spans of a line are: requests that are taken, calls that are made, work in between, or failures that were
 * thrown there.
 */
export type CodeRole = "handles" | "calls" | "runs" | "throws";

/**
 * How the index knows a line: by code attributes, by a stack that was recorded, or not at all: then the path is empty,
 * the line 0, and the route or method that its spans name may be looked up.
 */
export type CodeEvidence = "attributes" | "stack" | "lookup";

/** What is known of one operation at one line of a file, in one run. */
export interface CodeIndexEntry {
  /** Of the file, as it was received. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly operation: string;
  readonly service: string;
  readonly role: CodeRole;
  readonly evidence: CodeEvidence;
  /** 0 is outside any run. */
  readonly run: RunNumber;
  readonly count: number;
  readonly errorCount: number;
  /** Of the spans that have ended, in program time, within 2.2 %; undefined where none has. */
  readonly p50Ns: number | undefined;
  readonly p95Ns: number | undefined;
  /** The span that arrived last. */
  readonly lastRow: SpanRow;
  readonly lastTraceId: TraceId;
  /** The trace of the span that took longest; undefined where none has ended. */
  readonly slowestTraceId: TraceId | undefined;
  /** The span with an error that arrived last. */
  readonly lastErrorRow: SpanRow | undefined;
}

/** A file that spans of a service name in a run: what is needed to find it in the workspace. */
export interface CodeSource {
  /** As it was received. */
  readonly path: string;
  readonly service: string;
  /** 0 is outside any run. */
  readonly run: RunNumber;
  /** One of the run's sessions that sent it; undefined for what arrived outside of any. */
  readonly session: SessionId | undefined;
}
