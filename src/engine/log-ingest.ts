import { LogBatch } from "../model/log-batch.ts";
import type { DecodeIssues, SpanBatch } from "../model/span-batch.ts";
import { bothIssues } from "./decode/otlp-json.ts";
import { logsDecoder } from "./decode/otlp-logs-protobuf.ts";
import { envelopeMask, redactRecords } from "./decode/redact-signal.ts";
import type { Redactor } from "./decode/redact.ts";
import { takeHeartbeats } from "./heartbeat-spans.ts";
import type { RequestLog } from "./request-log.ts";
import type { ProtobufRequest, SignalRequest } from "./signal-request.ts";
import type { LogStore } from "./store/log-store.ts";
import type { TraceIngest } from "./trace-ingest.ts";

interface LogIngestParts {
  readonly logs: LogStore;
  /** Takes spans that still run. */
  readonly traces: TraceIngest;
  readonly log: RequestLog;
  /** What masks secrets; undefined where nothing is masked. */
  readonly redactor: () => Redactor | undefined;
  /** Hears that records have changed. */
  readonly onChanged: () => void;
}

/** From the bytes of a logs request to the store and the session log. A protobuf body is masked in place. */
export class LogIngest {
  readonly #parts: LogIngestParts;
  readonly #batch = new LogBatch();
  #receivedCount = 0;
  #rejectedCount = 0;

  constructor(parts: LogIngestParts) {
    this.#parts = parts;
  }

  /** Log records that were taken, resends included. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  get rejectedCount(): number {
    return this.#rejectedCount;
  }

  begin(received: ProtobufRequest): SignalRequest {
    const { body: protobuf, jsonIssues } = received;
    const redactor = this.#parts.redactor();
    const mask = redactor && envelopeMask(protobuf, redactor);
    const decoder = logsDecoder(protobuf, this.#batch);
    const logged: (Promise<boolean> | undefined)[] = [];
    let acceptedCount = 0;
    let keptCount = 0;
    let part = 0;
    return {
      get isDone() {
        return decoder.isDone;
      },
      takePart: () => {
        if (mask?.isDone === false) {
          mask.maskPart();
          return;
        }
        const batch = this.#batch;
        decoder.decode(PART_BYTES);
        acceptedCount += batch.count;
        takeHeartbeats(batch, (spans) => logged.push(this.#takeSpans(spans, received)));
        keptCount += batch.count;
        if (redactor !== undefined) redactRecords(batch, redactor);
        this.#store(received, part++);
      },
      finish: () => {
        const issues = bothIssues(jsonIssues, decoder.issues);
        this.#receivedCount += acceptedCount;
        this.#rejectedCount += issues.rejectedCount;
        if (!issues.malformed && keptCount > 0)
          logged.push(this.#parts.log.record("logs", protobuf, received));
        return { acceptedCount, ...issues, logged: allOf(logged) };
      },
    };
  }

  #takeSpans(spans: SpanBatch, received: ProtobufRequest): Promise<boolean> | undefined {
    const { body: masked } = spans;
    this.#parts.traces.takeBatch(spans, NO_ISSUES, received);
    return this.#parts.log.record("traces", masked, received);
  }

  #store(
    { origin: { sessionId, channel, connection }, run, isReplayed }: ProtobufRequest,
    part: number,
  ): void {
    const { logs, onChanged } = this.#parts;
    logs.append(this.#batch, { session: sessionId, run, channel, connection }, { part, isReplayed });
    this.#batch.begin(NO_BODY);
    onChanged();
  }
}

/** Some five milliseconds of decoding and storing. */
const PART_BYTES = 1024 * 1024;

const NO_BODY = new Uint8Array(0);
const NO_ISSUES: DecodeIssues = { rejectedCount: 0, message: "", malformed: false };

function allOf(logged: readonly (Promise<boolean> | undefined)[]): Promise<boolean> | undefined {
  const waiting = logged.filter((one) => one !== undefined);
  return waiting.length === 0 ? undefined : Promise.all(waiting).then((all) => all.every((one) => one));
}
