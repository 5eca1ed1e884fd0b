import { MetricBatch } from "../model/metric-batch.ts";
import { bothIssues } from "./decode/otlp-json.ts";
import { metricsDecoder } from "./decode/otlp-metrics-protobuf.ts";
import { metricsMask } from "./decode/redact-signal.ts";
import type { Redactor } from "./decode/redact.ts";
import type { RequestLog } from "./request-log.ts";
import type { ProtobufRequest, SignalRequest } from "./signal-request.ts";
import type { SeriesStore } from "./store/series-store.ts";

interface MetricIngestParts {
  readonly series: SeriesStore;
  readonly log: RequestLog;
  /** What masks secrets; undefined where nothing is masked. */
  readonly redactor: () => Redactor | undefined;
  /** Hears that series have changed. */
  readonly onChanged: () => void;
}

/** From the bytes of a metrics request to the store and the session log. A protobuf body is masked in place. */
export class MetricIngest {
  readonly #parts: MetricIngestParts;
  readonly #batch = new MetricBatch();
  #receivedCount = 0;
  #rejectedCount = 0;

  constructor(parts: MetricIngestParts) {
    this.#parts = parts;
  }

  /** Data points that were taken, resends included. */
  get receivedCount(): number {
    return this.#receivedCount;
  }

  /** Data points that were refused. */
  get rejectedCount(): number {
    return this.#rejectedCount;
  }

  /** All of the body is masked before any of it is decoded, since the decoder copies exemplars. */
  begin(received: ProtobufRequest): SignalRequest {
    const { body: protobuf, jsonIssues } = received;
    const redactor = this.#parts.redactor();
    const mask = redactor && metricsMask(protobuf, redactor);
    const decoder = metricsDecoder(protobuf, this.#batch);
    let acceptedCount = 0;
    return {
      get isDone() {
        return decoder.isDone;
      },
      takePart: () => {
        if (mask?.isDone === false) {
          mask.maskPart();
          return;
        }
        decoder.decode(PART_BYTES);
        acceptedCount += this.#batch.count;
        this.#store(received);
      },
      finish: () => {
        const issues = bothIssues(jsonIssues, decoder.issues);
        this.#receivedCount += acceptedCount;
        this.#rejectedCount += issues.rejectedCount;
        const isLogged = !issues.malformed && acceptedCount > 0;
        const logged = isLogged ? this.#parts.log.record("metrics", protobuf, received) : undefined;
        return { acceptedCount, ...issues, logged };
      },
    };
  }

  #store({ origin: { sessionId, channel }, run, isReplayed }: ProtobufRequest): void {
    const { series, onChanged } = this.#parts;
    const from = { session: sessionId, run, channel };
    if (isReplayed) series.appendReplayed(this.#batch, from);
    else series.append(this.#batch, from);
    this.#batch.begin(NO_BODY);
    onChanged();
  }
}

/** Few milliseconds of decoding and storing buckets; points are counted. */
const PART_BYTES = 512 * 1024;

const NO_BODY = new Uint8Array(0);
