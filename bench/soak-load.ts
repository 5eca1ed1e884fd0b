import { decodeLogsProtobuf } from "../src/engine/decode/otlp-logs-protobuf.ts";
import { LogBatch } from "../src/model/log-batch.ts";
import { NO_OFFSET } from "../src/model/span-batch.ts";
import { encodeAs } from "../test/unit/engine/otlp-signals-oracle.ts";
import { logRequests } from "./logs-data.ts";
import { SPANS_A_REQUEST, SPANS_A_TRACE, tracesTemplate, type Template } from "./receive-load.ts";

/** Of so many requests in turn one is of logs and one of metrics, as of a service with all three. */
const TURNS = 8;
const RECORDS_A_REQUEST = 256;
const POINTS_A_REQUEST = 200;

/** What is sent in turn, and what so many requests hold. */
export const SOAK_TEMPLATES: readonly Template[] = [
  ...Array.from({ length: TURNS - 2 }, () => tracesTemplate("protobuf")),
  logsTemplate(),
  metricsTemplate(),
];

export interface Sent {
  readonly traces: number;
  readonly spans: number;
  readonly records: number;
  readonly points: number;
}

/** What the first so many requests of a mix held. */
export function sentWith(requests: number): Sent {
  const whole = Math.floor(requests / TURNS);
  const rest = requests % TURNS;
  const ofTraces = whole * (TURNS - 2) + Math.min(rest, TURNS - 2);
  return {
    traces: ofTraces * (SPANS_A_REQUEST / SPANS_A_TRACE),
    spans: ofTraces * SPANS_A_REQUEST,
    records: (whole + (rest > TURNS - 2 ? 1 : 0)) * RECORDS_A_REQUEST,
    points: whole * POINTS_A_REQUEST,
  };
}

/** Records of which those with a trace have another one in each request. */
function logsTemplate(): Template {
  const load = { records: RECORDS_A_REQUEST, recordsPerRequest: RECORDS_A_REQUEST, seed: 7 };
  const [body = new Uint8Array(0)] = logRequests(load);
  const batch = new LogBatch();
  decodeLogsProtobuf(body, batch);
  const ids = [...batch.traceId.subarray(0, batch.count)].filter((offset) => offset !== NO_OFFSET);
  return { path: "/v1/logs", body, ids };
}

/** One data point of each series, of which each request has a later one. */
function metricsTemplate(): Template {
  const mark = 0x1234_5678_9abc_def0n;
  const dataPoints = Array.from({ length: POINTS_A_REQUEST }, (_, n) => ({
    timeUnixNano: String(mark),
    asDouble: n / 10,
    attributes: [{ key: "http.route", value: { stringValue: `/api/items/${n}` } }],
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  const scopeMetrics = [{ scope: { name: "meter" }, metrics: [{ name: "cpu.load", gauge: { dataPoints } }] }];
  const body = Buffer.from(encodeAs("MetricsRequest", { resourceMetrics: [{ resource, scopeMetrics }] }));
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(mark);
  const times: number[] = [];
  for (let at = body.indexOf(bytes); at >= 0; at = body.indexOf(bytes, at + 8)) times.push(at);
  return { path: "/v1/metrics", body, times };
}
