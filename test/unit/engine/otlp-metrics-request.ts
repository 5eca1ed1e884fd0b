import type { RunNumber } from "../../../src/model/ids.ts";
import { MetricBatch } from "../../../src/model/metric-batch.ts";
import { decodeMetricsProtobuf } from "../../../src/engine/decode/otlp-metrics-protobuf.ts";
import type { SeriesOutcome, SeriesStore } from "../../../src/engine/store/series-store.ts";
import type { DecodeIssues } from "../../../src/model/span-batch.ts";
import { asRead, encodeAs, type Plain } from "./otlp-signals-oracle.ts";

export const OUTSIDE = { session: undefined, run: 0 as RunNumber, channel: "http" } as const;
export const NO_ISSUES: DecodeIssues = { rejectedCount: 0, message: "", malformed: false };

/** A request of one resource and scope. */
export function metricsRequest(metrics: readonly object[], service = "shop"): Plain {
  const name = { key: "service.name", value: { stringValue: service } };
  return {
    resourceMetrics: [
      { resource: { attributes: [name] }, scopeMetrics: [{ scope: { name: "lib" }, metrics }] },
    ],
  };
}

export function metricsBody(metrics: readonly object[], service = "shop"): Uint8Array {
  return encodeAs("MetricsRequest", metricsRequest(metrics, service));
}

export function gaugeOf(name: string, ...dataPoints: object[]): object {
  return { name, gauge: { dataPoints } };
}

/** Nanoseconds of a time that is some seconds after a fixed one. */
export function at(seconds: number): string {
  return String(1_700_000_000_000_000_000n + BigInt(Math.round(seconds * 1e9)));
}

export function labels(pairs: Readonly<Record<string, string>>): object[] {
  return Object.entries(pairs).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

/** Decodes a body, which has to be without fault, and takes it. */
export function appendMetrics(
  store: SeriesStore,
  body: Uint8Array,
  from: Parameters<SeriesStore["append"]>[1] = OUTSIDE,
): SeriesOutcome {
  const batch = new MetricBatch();
  const issues = decodeMetricsProtobuf(body, batch);
  if (issues.message !== "") throw new Error(issues.message);
  const outcome = store.append(batch, from);
  // The body's memory may be used for the next request as soon as it was taken.
  body.fill(0);
  return outcome;
}

/** What a request says: a line for each data point with all that is said of it, in an order of their own. A point that is there twice is one. */
export function pointsIn(body: Uint8Array): string[] {
  const request = asRead("MetricsRequest", body) as PlainRequest;
  const lines = (request.resourceMetrics ?? []).flatMap(({ scopeMetrics = [], ...resource }) =>
    scopeMetrics.flatMap(({ metrics = [], ...scope }) =>
      metrics.flatMap((metric) => {
        const kind = KINDS.find((name) => metric[name] !== undefined) ?? "gauge";
        const { [kind]: data, ...header } = metric;
        const { dataPoints = [], ...wrapper } = (data ?? {}) as { dataPoints?: Plain[] };
        const around = [withoutEmpty(resource), withoutEmpty(scope), header, kind, wrapper];
        return dataPoints.map((point) => JSON.stringify(canonical([...around, withSortedAttributes(point)])));
      }),
    ),
  );
  return [...new Set(lines)].sort();
}

const KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;

interface PlainRequest {
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly Plain[] }[];
  }[];
}

function withSortedAttributes({ attributes = [], ...point }: Plain): Plain {
  const sorted = (attributes as object[]).map((attribute) => JSON.stringify(canonical(attribute))).sort();
  return withoutEmpty({ ...point, attributes: sorted });
}

/** An empty message says as much as none. */
function withoutEmpty(message: Plain): Plain {
  return Object.fromEntries(
    Object.entries(message).filter(
      ([, value]) => typeof value !== "object" || value === null || Object.keys(value).length > 0,
    ),
  );
}

/** Fields in one order, and such numbers told apart as JSON has not. */
function canonical(value: unknown): unknown {
  if (typeof value === "number" && (Object.is(value, -0) || !Number.isFinite(value)))
    return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]));
}
