import type { RunNumber, SessionId } from "../model/ids.ts";
import type { RequestRecord } from "./log/record.ts";
import { encodeMetricsProtobuf } from "./query/encode-metrics-protobuf.ts";
import type { CountedRecord } from "./run-file/write.ts";
import type { SpanOrigin } from "./store/origin-table.ts";
import type { Series, SeriesStore } from "./store/series-store.ts";

/** About as many chunks as one request holds; a chunk has some hundreds of samples. */
const CHUNKS_A_REQUEST = 32;

/**
 * The samples of these runs, or of all, as requests, one series after the other. The store may change meanwhile: what is
 * there when a series' turn comes is written.
 */
export function* metricRecords(
  store: SeriesStore,
  runs: ReadonlySet<RunNumber> | undefined,
  nowMs: number,
): Generator<CountedRecord | undefined> {
  let gathered: Series[] = [];
  let gatheredFrom: SpanOrigin | undefined;
  let chunkCount = 0;
  const request = (): CountedRecord | undefined => {
    if (gatheredFrom === undefined || gathered.length === 0) return undefined;
    const numbers = gathered.map(({ number }) => number);
    const { protobuf, sampleCount } = encodeMetricsProtobuf(store, numbers);
    return { record: recordOf(gatheredFrom, protobuf.slice(), nowMs), itemCount: sampleCount };
  };
  for (const series of [...store.all]) {
    const origin = store.origins.get(series.metric.origin);
    if (origin === undefined || runs?.has(origin.run) === false) continue;
    if (gatheredFrom === undefined || !isSameSender(gatheredFrom, origin) || chunkCount >= CHUNKS_A_REQUEST) {
      yield request();
      gathered = [];
      chunkCount = 0;
      gatheredFrom = origin;
    }
    gathered.push(series);
    chunkCount += series.chunks.length;
  }
  yield request();
}

function isSameSender(a: SpanOrigin, b: SpanOrigin): boolean {
  return a.session === b.session && a.run === b.run && a.channel === b.channel;
}

function recordOf(
  { session, run, channel }: SpanOrigin,
  body: Uint8Array,
  receivedMs: number,
): RequestRecord {
  const sessionId = session as SessionId | undefined;
  return {
    kind: "request",
    signal: "metrics",
    encoding: "protobuf",
    sessionId,
    run,
    channel,
    receivedMs,
    body,
  };
}
