import type { Lag } from "./event-loop-lag.ts";

/** How the engine is doing. Counts are since its start. */
export interface Health {
  readonly spanCount: number;
  readonly traceCount: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly receivedCount: number;
  readonly refusedCount: number;
  /** Traces that left because of the limit. */
  readonly evictedCount: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly receivedPointCount: number;
  readonly refusedPointCount: number;
  /** Samples that left because of the limit. */
  readonly evictedSampleCount: number;
  readonly logRecordCount: number;
  readonly receivedLogCount: number;
  readonly refusedLogCount: number;
  /** Log records that left because of the limit. */
  readonly evictedLogCount: number;
  /** The session log; absent where none is kept. */
  readonly log?: { readonly bytes: number; readonly lagBytes: number } | undefined;
  readonly residentBytes: number;
  /** CPU time of the whole process since its start, in user and system. */
  readonly cpuSeconds: number;
  readonly lag: Lag;
}

/** Prometheus' text format, version 0.0.4. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The engine's health as Prometheus scrapes it. */
export function metricsText(health: Health): string {
  const { log, lag } = health;
  const metrics: readonly Metric[] = [
    ["spanlight_spans", "gauge", "Spans that are held.", health.spanCount],
    ["spanlight_traces", "gauge", "Traces that are held.", health.traceCount],
    ["spanlight_store_bytes", "gauge", "Memory that what is held takes.", health.bytes],
    ["spanlight_store_limit_bytes", "gauge", "Memory that it may take.", health.maxBytes],
    ["spanlight_spans_received_total", "counter", "Spans that were taken.", health.receivedCount],
    ["spanlight_spans_refused_total", "counter", "Spans that were refused for a fault.", health.refusedCount],
    ["spanlight_traces_evicted_total", "counter", "Traces that left to make room.", health.evictedCount],
    ["spanlight_series", "gauge", "Series of metrics that are held.", health.seriesCount],
    ["spanlight_samples", "gauge", "Samples of metrics that are held.", health.sampleCount],
    [
      "spanlight_data_points_received_total",
      "counter",
      "Data points of metrics that were taken.",
      health.receivedPointCount,
    ],
    [
      "spanlight_data_points_refused_total",
      "counter",
      "Data points of metrics that were refused for a fault.",
      health.refusedPointCount,
    ],
    [
      "spanlight_samples_evicted_total",
      "counter",
      "Samples of metrics that left to make room.",
      health.evictedSampleCount,
    ],
    ["spanlight_log_records", "gauge", "Log records that are held.", health.logRecordCount],
    [
      "spanlight_log_records_received_total",
      "counter",
      "Log records that were taken.",
      health.receivedLogCount,
    ],
    [
      "spanlight_log_records_refused_total",
      "counter",
      "Log records that were refused for a fault.",
      health.refusedLogCount,
    ],
    [
      "spanlight_log_records_evicted_total",
      "counter",
      "Log records that left to make room.",
      health.evictedLogCount,
    ],
    ...(log === undefined
      ? []
      : ([
          ["spanlight_session_log_bytes", "gauge", "Size of the session log on disk.", log.bytes],
          ["spanlight_session_log_lag_bytes", "gauge", "What waits for the disk.", log.lagBytes],
        ] as const)),
    ["process_resident_memory_bytes", "gauge", "Resident memory of the process.", health.residentBytes],
    ["process_cpu_seconds_total", "counter", "CPU time of the process.", health.cpuSeconds],
  ];
  const lags = [
    ["0.5", lag.p50],
    ["0.99", lag.p99],
    ["1", lag.max],
  ] as const;
  return [
    ...metrics.map(([name, type, help, value]) => `${head(name, type, help)}${name} ${value}\n`),
    head(LAG, "gauge", "Delay of the event loop in the last one to two minutes."),
    ...lags.map(([quantile, value]) => `${LAG}{quantile="${quantile}"} ${value}\n`),
  ].join("");
}

type Metric = readonly [name: string, type: "gauge" | "counter", help: string, value: number];

const LAG = "spanlight_event_loop_lag_seconds";

function head(name: string, type: "gauge" | "counter", help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}
