import { MetricBatch } from "../model/metric-batch.ts";
import { metricsDecoder } from "./decode/otlp-metrics-protobuf.ts";
import { metricsMask } from "./decode/redact-signal.ts";
import type { Redactor } from "./decode/redact.ts";
import type { RequestLog } from "./request-log.ts";
import {
  beginSignal,
  SignalCounts,
  type ProtobufRequest,
  type SignalFormat,
  type SignalRequest,
} from "./signal-request.ts";
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
  /** All of a body is masked before any of it is decoded, since the decoder copies exemplars. */
  readonly #format: SignalFormat = {
    mask: metricsMask,
    decoder: (body) => metricsDecoder(body, this.#batch),
    partBytes: PART_BYTES,
  };
  /** Of data points. */
  readonly counts = new SignalCounts();

  constructor(parts: MetricIngestParts) {
    this.#parts = parts;
  }

  begin(received: ProtobufRequest): SignalRequest {
    const { log, redactor } = this.#parts;
    return beginSignal(received, this.#format, redactor(), this.counts, {
      takePart: () => {
        const { count } = this.#batch;
        this.#store(received);
        return count;
      },
      log: (protobuf, { malformed }, acceptedCount) =>
        malformed || acceptedCount === 0 ? undefined : log.record("metrics", protobuf, received),
    });
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
