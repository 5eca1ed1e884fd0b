import type { SessionId } from "../model/ids.ts";
import type { SpanBatch } from "../model/span-batch.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import { rewriteJson } from "./decode/otlp-json-rewriter.ts";
import { Redactor } from "./decode/redact.ts";
import { beginJson } from "./json-request.ts";
import { LogIngest } from "./log-ingest.ts";
import type { RequestRecord } from "./log/record.ts";
import { MetricIngest } from "./metric-ingest.ts";
import type { HoldBook } from "./pause/hold-book.ts";
import { BodyBuffers } from "./receive/body-buffers.ts";
import type { Signal } from "./receive/endpoint.ts";
import {
  isLargeBody,
  type AgentHello,
  type Encoding,
  type Ingested,
  type Origin,
  type TelemetrySink,
} from "./receive/sink.ts";
import { RequestLog } from "./request-log.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { SessionRegistry } from "./session-registry.ts";
import {
  RequestTaker,
  type ProtobufRequest,
  type ReceivedRequest,
  type SignalRequest,
} from "./signal-request.ts";
import type { LogStore } from "./store/log-store.ts";
import { isOfPinnedTrace } from "./store/pinned-logs.ts";
import type { SeriesStore } from "./store/series-store.ts";
import type { SpanStore } from "./store/span-store.ts";
import { TraceIngest } from "./trace-ingest.ts";
import type { AgentBreakpoints } from "./watch/agent-breakpoints.ts";

export interface IngestParts {
  readonly store: SpanStore;
  readonly logs: LogStore;
  readonly series: SeriesStore;
  readonly sessions: SessionRegistry;
  readonly agents: AgentRegistry;
  readonly agentBreakpoints?: AgentBreakpoints;
  readonly holds?: HoldBook;
  readonly recorder: SessionRecorder;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears that traces or counts have changed. */
  readonly onChanged: () => void;
}

const FILE: Origin = { sessionId: undefined, channel: "file" };

const NOTHING: Ingested = { acceptedCount: 0, rejectedCount: 0, message: "", malformed: false };

/** From bytes to the store and the session log: what the receivers hand their requests to. */
export class Ingest implements TelemetrySink {
  readonly #parts: IngestParts;
  readonly #taker = new RequestTaker();
  /** What JSON becomes as protobuf lies in these until it is stored and logged. */
  readonly #buffers = new BodyBuffers();
  readonly #traces: TraceIngest;
  readonly #metrics: MetricIngest;
  readonly #logs: LogIngest;
  #redactor: Redactor | undefined;

  constructor(parts: IngestParts) {
    this.#parts = parts;
    const shared = {
      ...parts,
      log: new RequestLog(parts.recorder, parts.now),
      redactor: () => this.#redactor,
    };
    this.#traces = new TraceIngest(shared);
    this.#metrics = new MetricIngest(shared);
    this.#logs = new LogIngest({ ...shared, traces: this.#traces });
  }

  get receivedCount(): number {
    return this.#traces.receivedCount;
  }

  get rejectedCount(): number {
    return this.#traces.rejectedCount;
  }

  /** Data points of metrics that were taken since the start, resends included. */
  get receivedPointCount(): number {
    return this.#metrics.counts.received;
  }

  /** Data points of metrics that were refused. */
  get rejectedPointCount(): number {
    return this.#metrics.counts.rejected;
  }

  /** Log records that were taken since the start, resends included. */
  get receivedLogCount(): number {
    return this.#logs.counts.received;
  }

  get rejectedLogCount(): number {
    return this.#logs.counts.rejected;
  }

  /** Bytes of requests that were read and are not stored yet. */
  get pendingBytes(): number {
    return this.#taker.pendingBytes;
  }

  /** From now on the values of attributes with these keys, and what looks like a secret, are masked; undefined: nothing is. */
  redact(keys: readonly string[] | undefined): void {
    this.#redactor = keys === undefined ? undefined : new Redactor(keys);
    this.#parts.store.attributes.distrust();
  }

  traces(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    return this.#take("traces", this.#received(body, encoding, origin));
  }

  metrics(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    return this.#take("metrics", this.#received(body, encoding, origin));
  }

  logs(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    return this.#take("logs", this.#received(body, encoding, origin));
  }

  takeInSlices(signal: Signal, body: Uint8Array, encoding: Encoding, origin: Origin): Promise<Ingested> {
    return this.#takeInSlices(signal, this.#received(body, encoding, origin), body.length);
  }

  /**
   * Takes a request of a file that is opened, outside of any run: one that {@link isLargeBody} in slices, beside everything else.
   * @param onSpans hears of its spans, batch by batch. They are not logged: there is the file
   */
  async takeOfFile(
    signal: Signal,
    body: Uint8Array,
    encoding: Encoding,
    onSpans: (batch: SpanBatch) => void,
  ): Promise<Ingested> {
    const received = { ...this.#received(body, encoding, FILE), onFileSpans: onSpans };
    // The file's bytes are no reason to tell senders to come back later: that would free nothing.
    return isLargeBody(signal, body) ? this.#takeInSlices(signal, received, 0) : this.#take(signal, received);
  }

  /** Takes a request of an earlier engine from the log. */
  replay({ body, encoding, run, signal, isCarried = false, ...origin }: RequestRecord): void {
    this.#taker.takeAtOnce(this.#begin(signal, { body, encoding, run, origin, isReplayed: true, isCarried }));
  }

  /** Whether a row of log records came with a request that has not been logged yet. */
  isLogUnderWay(row: number): boolean {
    return this.#logs.isUnderWay(row);
  }

  /** Forgets all that is held of the three signals, or all but what is of pinned traces. Series are not of traces. */
  clear(keepPinned: boolean): void {
    const { store, logs, series } = this.#parts;
    const isPinned = isOfPinnedTrace(store);
    // What is under way comes again, all of it.
    logs.clear(keepPinned ? (chunk, i, row) => isPinned(chunk, i) && !this.#logs.isUnderWay(row) : undefined);
    series.clear();
    store.clear(keepPinned);
    this.#taker.restart();
    this.#logs.restart();
  }

  /** The same, of that alone which {@link replay} has brought so far. */
  clearReplayed(keepPinned: boolean): void {
    const { store, logs, series } = this.#parts;
    logs.clearReplayed(keepPinned ? isOfPinnedTrace(store) : undefined);
    series.clearReplayed();
    store.clearReplayed(keepPinned);
  }

  /** @param pendingBytes what it counts as {@link pendingBytes} */
  #takeInSlices(signal: Signal, received: ReceivedRequest, pendingBytes: number): Promise<Ingested> {
    if (received.body.length === 0) return Promise.resolve(NOTHING);
    return this.#taker.takeInSlices(pendingBytes, (isRestarted) =>
      this.#begin(signal, { ...received, isRestarted }),
    );
  }

  #take(signal: Signal, received: ReceivedRequest): Ingested {
    if (received.body.length === 0) return NOTHING;
    return received.encoding === "json"
      ? this.#takeJson(signal, received)
      : this.#taker.takeAtOnce(this.#begin(signal, received));
  }

  #takeJson(signal: Signal, received: ReceivedRequest): Ingested {
    const into = this.#buffers.lend();
    const giveBack = (): void => {
      if (into !== undefined) this.#buffers.giveBack(into);
    };
    let logged: Promise<boolean> | undefined;
    try {
      const ingested = this.#taker.takeAtOnce(this.#begin(signal, received, into));
      logged = ingested.logged;
      return ingested;
    } finally {
      if (logged === undefined) giveBack();
      else void logged.then(giveBack);
    }
  }

  #received(body: Uint8Array, encoding: Encoding, origin: Origin): ReceivedRequest {
    return { body, encoding, origin, run: this.#parts.sessions.runOf(origin.sessionId), isReplayed: false };
  }

  /** @param into memory that a request of JSON may be rewritten into */
  #begin(signal: Signal, received: ReceivedRequest, into?: Uint8Array<ArrayBuffer>): SignalRequest {
    if (received.encoding === "protobuf") return this.#beginProtobuf(signal, received);
    return beginJson(rewriteJson(signal, received.body, undefined, into), ({ body, ...jsonIssues }) =>
      this.#beginProtobuf(signal, { ...received, body, jsonIssues }),
    );
  }

  #beginProtobuf(signal: Signal, received: ProtobufRequest): SignalRequest {
    switch (signal) {
      case "traces":
        return this.#traces.begin(received);
      case "metrics":
        return this.#metrics.begin(received);
      case "logs":
        return this.#logs.begin(received);
    }
  }

  agentConnected(
    connection: number,
    sessionId: SessionId | undefined,
    hello: AgentHello,
    say?: (text: string) => void,
  ): void {
    const { agents, agentBreakpoints, holds, recorder, now } = this.#parts;
    agents.connected(connection, sessionId, hello);
    if (say !== undefined) agentBreakpoints?.connected(connection, say);
    if (sessionId !== undefined) holds?.connected(connection, sessionId, hello.pid);
    recorder.control({ kind: "agent-connected", connection, sessionId, hello, atMs: now() });
    this.#parts.onChanged();
  }

  agentFoundOwnSdk(connection: number): void {
    const { agents, recorder } = this.#parts;
    agents.foundOwnSdk(connection);
    recorder.control({ kind: "agent-found-own-sdk", connection });
    this.#parts.onChanged();
  }

  agentHeld(connection: number, isHeld: boolean, atUnixNano: bigint): void {
    this.#parts.holds?.heard(connection, isHeld, atUnixNano);
  }

  agentGone(connection: number): void {
    const { store, agents, recorder, now, onChanged } = this.#parts;
    const atMs = now();
    this.#parts.holds?.gone(connection);
    agents.gone(connection);
    this.#parts.agentBreakpoints?.gone(connection);
    store.endOpenSpansOf(connection, BigInt(Math.round(atMs)) * 1_000_000n);
    recorder.control({ kind: "agent-gone", connection, atMs });
    onChanged();
  }
}
