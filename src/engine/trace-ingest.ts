import { SpanBatch, type DecodeIssues } from "../model/span-batch.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import { bothIssues } from "./decode/otlp-json.ts";
import { TracesDecoder } from "./decode/otlp-protobuf.ts";
import { spanlessMask, type BodyMask } from "./decode/redact-signal.ts";
import { blankRefusedSpans, type Redactor } from "./decode/redact.ts";
import type { Ingested } from "./receive/sink.ts";
import type { RequestLog } from "./request-log.ts";
import type { ProtobufRequest, SignalRequest } from "./signal-request.ts";
import type { SpanStore } from "./store/span-store.ts";

interface TraceIngestParts {
  readonly store: SpanStore;
  readonly agents: AgentRegistry;
  readonly log: RequestLog;
  /** What masks secrets; undefined where nothing is masked. */
  readonly redactor: () => Redactor | undefined;
  /** Hears that traces have changed. */
  readonly onChanged: () => void;
}

/**
 * From the bytes of a traces request to the store and the session log. Requests are decoded, masked and stored part by
 * part, each part in one go, since the numbers in a batch are those of the store's dictionary at that moment; a
 * request is logged as a whole when all of it is stored. Bodies are masked in place.
 */
export class TraceIngest {
  readonly #parts: TraceIngestParts;
  readonly #batch: SpanBatch;
  #receivedCount = 0;
  #rejectedCount = 0;

  constructor(parts: TraceIngestParts) {
    this.#parts = parts;
    this.#batch = new SpanBatch(parts.store.attributes);
  }

  /** Spans that were taken, resends included. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  get rejectedCount(): number {
    return this.#rejectedCount;
  }

  begin(received: ProtobufRequest): SignalRequest {
    const { body: protobuf, jsonIssues } = received;
    const decoder = new TracesDecoder(protobuf);
    const masked = new Set<number>();
    let mask: BodyMask | undefined;
    let isLogged = false;
    let acceptedCount = 0;
    return {
      get isDone() {
        return decoder.isDone && mask?.isDone !== false;
      },
      takePart: () => {
        if (mask !== undefined) {
          mask.maskPart();
          return;
        }
        const batch = this.#batch;
        decoder.decode(batch, PART_BYTES);
        acceptedCount += batch.count;
        received.onFileSpans?.(batch);
        blankRefusedSpans(batch);
        this.#parts.redactor()?.redact(batch);
        for (const { message } of [...batch.resources, ...batch.scopes])
          if (masked.size < MAX_NOTED) masked.add(message.start);
        this.#store(batch, received);
        if (!decoder.isDone) return;
        const { log, redactor: redactorNow } = this.#parts;
        const redactor = redactorNow();
        isLogged =
          !bothIssues(jsonIssues, decoder.issues).malformed &&
          acceptedCount > 0 &&
          received.onFileSpans === undefined &&
          log.isOpenFor(received);
        // Batches know of no resource that has no spans; what is not logged needs no mask.
        if (isLogged && redactor !== undefined) mask = spanlessMask(protobuf, redactor, masked);
      },
      finish: () => {
        const issues = bothIssues(jsonIssues, decoder.issues);
        this.#count(acceptedCount, issues);
        const logged = isLogged ? this.#parts.log.record("traces", protobuf, received) : undefined;
        return { acceptedCount, ...issues, logged };
      },
    };
  }

  /** Takes spans that were decoded elsewhere; the batch may be used again afterwards. They are not logged. */
  takeBatch(batch: SpanBatch, issues: DecodeIssues, received: Omit<ProtobufRequest, "body">): Ingested {
    const acceptedCount = batch.count;
    this.#parts.redactor()?.redact(batch);
    this.#store(batch, received);
    this.#count(acceptedCount, issues);
    return { acceptedCount, ...issues };
  }

  #store(
    batch: SpanBatch,
    { origin: { sessionId, channel, connection }, run, isReplayed }: Omit<ProtobufRequest, "body">,
  ): void {
    const { store, agents, onChanged } = this.#parts;
    const from = { session: sessionId, run, channel, connection };
    const { addedCount } = isReplayed ? store.appendReplayed(batch, from) : store.append(batch, from);
    if (connection !== undefined) agents.countSpans(connection, addedCount);
    batch.begin(NO_BODY);
    onChanged();
  }

  #count(acceptedCount: number, { rejectedCount }: DecodeIssues): void {
    this.#receivedCount += acceptedCount;
    this.#rejectedCount += rejectedCount;
  }
}

/** A millisecond or two of decoding and storing, and ten times that before the code is compiled. */
const PART_BYTES = 256 * 1024;

/** Resources and scopes of a request that are remembered as masked; the few requests that have more are masked twice. */
const MAX_NOTED = 10_000;

const NO_BODY = new Uint8Array(0);
