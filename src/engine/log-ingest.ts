import { LogBatch } from "../model/log-batch.ts";
import type { DecodeIssues, SpanBatch } from "../model/span-batch.ts";
import { logsDecoder } from "./decode/otlp-logs-protobuf.ts";
import { envelopeMask, redactRecords } from "./decode/redact-signal.ts";
import type { Redactor } from "./decode/redact.ts";
import { takeHeartbeats } from "./heartbeat-spans.ts";
import type { RequestLog } from "./request-log.ts";
import {
  beginSignal,
  SignalCounts,
  type ProtobufRequest,
  type SignalFormat,
  type SignalRequest,
} from "./signal-request.ts";
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
  readonly #format: SignalFormat = {
    mask: envelopeMask,
    decoder: (body) => logsDecoder(body, this.#batch),
    partBytes: PART_BYTES,
  };
  /** Of log records. */
  readonly counts = new SignalCounts();
  /** Rows of requests that are not logged yet, a list for each request. */
  readonly #underWay = new Set<RowRange[]>();

  constructor(parts: LogIngestParts) {
    this.#parts = parts;
  }

  /** Whether a row came with a request of which more is to come: what is logged will have it. */
  isUnderWay(row: number): boolean {
    for (const ranges of this.#underWay)
      for (const { start, end } of ranges) if (row >= start && row < end) return true;
    return false;
  }

  /** To be called where requests that are under way are taken again from their beginning. */
  restart(): void {
    this.#underWay.clear();
  }

  begin(received: ProtobufRequest): SignalRequest {
    const { log, logs } = this.#parts;
    const redactor = this.#parts.redactor();
    const logged: (Promise<boolean> | undefined)[] = [];
    const ranges: RowRange[] = [];
    let keptCount = 0;
    let part = 0;
    return beginSignal(received, this.#format, redactor, this.counts, {
      takePart: () => {
        const batch = this.#batch;
        const { count } = batch;
        takeHeartbeats(batch, (spans) => logged.push(this.#takeSpans(spans, received)));
        keptCount += batch.count;
        if (redactor !== undefined) redactRecords(batch, redactor);
        const start = logs.endRow;
        this.#store(received, part++);
        ranges.push({ start, end: logs.endRow });
        this.#underWay.add(ranges);
        return count;
      },
      log: (protobuf, { malformed }) => {
        this.#underWay.delete(ranges);
        if (!malformed && keptCount > 0) logged.push(log.record("logs", protobuf, received));
        return allOf(logged);
      },
    });
  }

  #takeSpans(spans: SpanBatch, received: ProtobufRequest): Promise<boolean> | undefined {
    const { body: masked } = spans;
    this.#parts.traces.takeBatch(spans, NO_ISSUES, received);
    return this.#parts.log.record("traces", masked, received);
  }

  #store(
    {
      origin: { sessionId, channel, connection },
      run,
      isReplayed,
      isCarried = false,
      isRestarted = false,
    }: ProtobufRequest,
    part: number,
  ): void {
    const { logs, onChanged } = this.#parts;
    logs.append(
      this.#batch,
      { session: sessionId, run, channel, connection },
      {
        part,
        isReplayed,
        isCarried,
        isRestarted,
      },
    );
    this.#batch.begin(NO_BODY);
    onChanged();
  }
}

interface RowRange {
  readonly start: number;
  /** The row after the last one. */
  readonly end: number;
}

/** A millisecond or two of decoding and storing, and ten times that before the code is compiled. */
const PART_BYTES = 256 * 1024;

const NO_BODY = new Uint8Array(0);
const NO_ISSUES: DecodeIssues = { rejectedCount: 0, message: "", malformed: false };

function allOf(logged: readonly (Promise<boolean> | undefined)[]): Promise<boolean> | undefined {
  const waiting = logged.filter((one) => one !== undefined);
  return waiting.length === 0 ? undefined : Promise.all(waiting).then((all) => all.every((one) => one));
}
