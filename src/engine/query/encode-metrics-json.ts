import { WireWriter } from "../../base/wire-writer.ts";
import { METRIC_KINDS } from "../../model/metric.ts";
import type { PointColumns } from "../../model/metric-points.ts";
import type { HeldMetric } from "../store/series-metrics.ts";
import type { Series, SeriesStore } from "../store/series-store.ts";
import { writeDataPoint } from "./encode-data-point.ts";
import { groupSeries } from "./group-series.ts";
import { METRIC_HEADER, POINT_SCHEMAS } from "./otlp-json-metrics-schema.ts";
import { jsonOfMessage, RESOURCE, SCOPE, type Schema } from "./otlp-json-schema.ts";

/**
 * Series as OTLP JSON (specification.md, "JSON Protobuf Encoding"), one `ExportMetricsServiceRequest`, with
 * everything that was received but fields that nobody knows. All series where none are named.
 */
export function encodeMetricsJson(
  store: SeriesStore,
  series?: readonly number[],
): { readonly json: Uint8Array<ArrayBuffer>; readonly sampleCount: number } {
  const output = new JsonOutput();
  let sampleCount = 0;
  output.list('{"resourceMetrics":[', groupSeries(store, series), (resource) => {
    output.text(`{"resource":${jsonText(resource.origin.resource, RESOURCE)}`);
    output.list(',"scopeMetrics":[', resource.scopes, (scope) => {
      output.text(`{"scope":${jsonText(scope.origin.scope, SCOPE)}`);
      output.list(',"metrics":[', scope.metrics, ({ metric, series: ofMetric }) => {
        sampleCount += writeMetric(output, store, metric, ofMetric);
      });
      output.text(`${schemaUrlText(scope.origin.scopeSchemaUrl)}}`);
    });
    output.text(`${schemaUrlText(resource.origin.resourceSchemaUrl)}}`);
  });
  output.text("}\n");
  return { json: output.bytes, sampleCount };
}

/** A string of all samples could exceed what a JavaScript string may hold, so that each is written by itself. */
class JsonOutput {
  readonly #writer = new WireWriter(64 * 1024);

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.written;
  }

  text(text: string): void {
    this.#writer.raw(utf8.encode(text));
  }

  list<Item>(before: string, items: Iterable<Item>, write: (item: Item) => void): void {
    this.text(before);
    let separator = "";
    for (const item of items) {
      this.text(separator);
      write(item);
      separator = ",";
    }
    this.text("]");
  }
}

function writeMetric(
  output: JsonOutput,
  store: SeriesStore,
  metric: HeldMetric,
  series: readonly Series[],
): number {
  const header = jsonText(metric.header, METRIC_HEADER).slice(0, -1);
  const schema = POINT_SCHEMAS[metric.kind];
  if (schema === undefined) return 0;
  const writer = new WireWriter();
  let sampleCount = 0;
  output.text(`${header}${header === "{" ? "" : ","}"${METRIC_KINDS[metric.kind] ?? ""}":{`);
  output.list('"dataPoints":[', pointsOf(store, series), ({ samples, key, index }) => {
    sampleCount++;
    writer.clear();
    writeDataPoint(writer, metric.kind, key, samples, index);
    output.text(`\n${jsonText(writer.written, schema)}`);
  });
  if (metric.temporality !== 0) output.text(`,"aggregationTemporality":${metric.temporality}`);
  output.text(`${metric.monotonic ? ',"isMonotonic":true' : ""}}}`);
  return sampleCount;
}

function* pointsOf(
  store: SeriesStore,
  series: readonly Series[],
): Generator<{ readonly samples: PointColumns; readonly key: Uint8Array; readonly index: number }> {
  for (const { number, key } of series) {
    const samples = store.samplesOf(number);
    for (let index = 0; index < samples.count; index++) yield { samples, key, index };
  }
}

function jsonText(message: Uint8Array, schema: Schema): string {
  return JSON.stringify(jsonOfMessage(message, 0, message.length, schema));
}

function schemaUrlText(url: string): string {
  return url === "" ? "" : `,"schemaUrl":${JSON.stringify(url)}`;
}

const utf8 = new TextEncoder();
