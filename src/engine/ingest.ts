import type { RunNumber, SessionId } from "../model/ids.ts";
import { SpanBatch, type DecodeIssues } from "../model/span-batch.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import { decodeTracesJson } from "./decode/otlp-json.ts";
import { decodeTracesProtobuf } from "./decode/otlp-protobuf.ts";
import { blankRefusedSpans, Redactor } from "./decode/redact.ts";
import { checkSignalJson, checkSignalProtobuf, type EnvelopeSignal } from "./decode/signal-envelope.ts";
import type { RequestRecord } from "./log/record.ts";
import type { AgentHello, Encoding, Ingested, Origin, TelemetrySink } from "./receive/sink.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { SessionRegistry } from "./session-registry.ts";
import type { SpanStore } from "./store/span-store.ts";

export interface IngestParts {
  readonly store: SpanStore;
  readonly sessions: SessionRegistry;
  readonly agents: AgentRegistry;
  readonly recorder: SessionRecorder;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears that traces or counts have changed. */
  readonly onChanged: () => void;
}

/** A batch keeps the room of the largest request it held; after one of this many spans a new batch is cheaper. */
const MAX_KEPT_BATCH = 100_000;

const NO_BODY = new Uint8Array(0);
const NOTHING: Ingested = { acceptedCount: 0, rejectedCount: 0, message: "", malformed: false };

/** From bytes to the store and the session log: what the receivers hand their requests to. */
export class Ingest implements TelemetrySink {
  readonly #parts: IngestParts;
  #batch = new SpanBatch();
  #redactor: Redactor | undefined;
  #receivedCount = 0;
  #rejectedCount = 0;
  #metricRequests = 0;
  #logRequests = 0;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  get receivedCount(): number {
    return this.#receivedCount;
  }

  get rejectedCount(): number {
    return this.#rejectedCount;
  }

  get metricRequests(): number {
    return this.#metricRequests;
  }

  get logRequests(): number {
    return this.#logRequests;
  }

  /** From now on the values of attributes with these keys, and what looks like a secret, are masked; undefined: nothing is. */
  redact(keys: readonly string[] | undefined): void {
    this.#redactor = keys === undefined ? undefined : new Redactor(keys);
  }

  /** The body is masked in place, and has to stay as it is until the answer's `logged` has settled. */
  traces(body: Uint8Array, encoding: Encoding, origin: Origin): Ingested {
    if (body.length === 0) return NOTHING;
    const { sessions, now } = this.#parts;
    const batch = this.#batch;
    const issues = encoding === "json" ? decodeTracesJson(body, batch) : decodeTracesProtobuf(body, batch);
    const run = sessions.runOf(origin.sessionId);
    this.#redactor?.redact(batch);
    const logged = issues.malformed ? undefined : this.#record(batch, issues, origin, run, now());
    return { ...this.#store(batch, issues, origin, run), logged };
  }

  /** Takes a request of an earlier engine from the log. */
  replay({ body, encoding, run, ...origin }: RequestRecord): void {
    if (origin.signal !== "traces") return;
    const batch = this.#batch;
    const issues = encoding === "json" ? decodeTracesJson(body, batch) : decodeTracesProtobuf(body, batch);
    this.#redactor?.redact(batch);
    this.#store(batch, issues, origin, run);
  }

  /** Takes what was decoded from a file, and what was wrong with it. The batch may be used again afterwards. It is not logged: there is the file. */
  take(batch: SpanBatch, issues: DecodeIssues, origin: Origin): Ingested {
    this.#redactor?.redact(batch);
    return this.#store(batch, issues, origin, this.#parts.sessions.runOf(origin.sessionId));
  }

  /** Logs what was decoded, as protobuf whatever it came as. Undefined where there is nothing to log, or no log. */
  #record(
    batch: SpanBatch,
    { rejectedCount }: DecodeIssues,
    origin: Origin,
    run: RunNumber,
    receivedMs: number,
  ): Promise<boolean> | undefined {
    const { recorder } = this.#parts;
    if (!recorder.isOpen || batch.count === 0) return undefined;
    if (rejectedCount > 0) blankRefusedSpans(batch);
    const { body } = batch;
    return recorder.request({ ...origin, signal: "traces", encoding: "protobuf", run, receivedMs, body });
  }

  #store(batch: SpanBatch, issues: DecodeIssues, origin: Origin, run: RunNumber): Ingested {
    const { store, agents, onChanged } = this.#parts;
    const acceptedCount = batch.count;
    const { addedCount } = store.append(batch, {
      session: origin.sessionId,
      run,
      channel: origin.channel,
      connection: origin.connection,
    });
    if (origin.connection !== undefined) agents.countSpans(origin.connection, addedCount);
    this.#receivedCount += acceptedCount;
    this.#rejectedCount += issues.rejectedCount;
    batch.begin(NO_BODY);
    if (acceptedCount > MAX_KEPT_BATCH && batch === this.#batch) this.#batch = new SpanBatch();
    onChanged();
    return { acceptedCount, ...issues };
  }

  /** Counts spans that were refused elsewhere. */
  countRejected(count: number): void {
    this.#rejectedCount += count;
    this.#parts.onChanged();
  }

  metrics(body: Uint8Array, encoding: Encoding): Ingested {
    const checked = checkSignal(body, encoding, "metrics");
    if (!checked.malformed) this.#metricRequests++;
    this.#parts.onChanged();
    return checked;
  }

  logs(body: Uint8Array, encoding: Encoding): Ingested {
    const checked = checkSignal(body, encoding, "logs");
    if (!checked.malformed) this.#logRequests++;
    this.#parts.onChanged();
    return checked;
  }

  agentConnected(connection: number, sessionId: SessionId | undefined, hello: AgentHello): void {
    const { agents, recorder, now } = this.#parts;
    agents.connected(connection, sessionId, hello);
    recorder.control({ kind: "agent-connected", connection, sessionId, hello, atMs: now() });
    this.#parts.onChanged();
  }

  agentFoundOwnSdk(connection: number): void {
    const { agents, recorder } = this.#parts;
    agents.foundOwnSdk(connection);
    recorder.control({ kind: "agent-found-own-sdk", connection });
    this.#parts.onChanged();
  }

  agentGone(connection: number): void {
    const { store, agents, recorder, now, onChanged } = this.#parts;
    const atMs = now();
    agents.gone(connection);
    store.endOpenSpansOf(connection, BigInt(Math.round(atMs)) * 1_000_000n);
    recorder.control({ kind: "agent-gone", connection, atMs });
    onChanged();
  }
}

function checkSignal(body: Uint8Array, encoding: Encoding, signal: EnvelopeSignal): Ingested {
  if (body.length === 0) return NOTHING;
  const check = encoding === "json" ? checkSignalJson : checkSignalProtobuf;
  const { itemCount, malformed, message } = check(body, signal);
  return { acceptedCount: itemCount, rejectedCount: 0, message, malformed };
}
