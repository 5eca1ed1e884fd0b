import type { WireWriter } from "../../base/wire-writer.ts";
import { EXPONENTIAL_HISTOGRAM, GAUGE, HISTOGRAM, SUM, SUMMARY } from "../../model/metric.ts";
import type { HeldMetric } from "../store/series-metrics.ts";
import type { Series, SeriesStore } from "../store/series-store.ts";
import { writeDataPoint } from "./encode-data-point.ts";
import { encodeEnvelope } from "./encode-envelope.ts";
import { groupSeries } from "./group-series.ts";

/**
 * Series as one OTLP `ExportMetricsServiceRequest` (the same bytes as `MetricsData`), with everything that was
 * received. All series where none are named; numbers that are not held are left out.
 */
export function encodeMetricsProtobuf(
  store: SeriesStore,
  series?: readonly number[],
): { readonly protobuf: Uint8Array<ArrayBuffer>; readonly sampleCount: number } {
  let sampleCount = 0;
  const protobuf = encodeEnvelope(groupSeries(store, series), (writer, { metrics }) => {
    for (const { metric, series: ofMetric } of metrics)
      sampleCount += writeMetric(writer, store, metric, ofMetric);
  });
  return { protobuf, sampleCount };
}

function writeMetric(
  writer: WireWriter,
  store: SeriesStore,
  metric: HeldMetric,
  series: readonly Series[],
): number {
  let sampleCount = 0;
  const mark = writer.begin(0x12);
  writer.raw(metric.header);
  const data = writer.begin(DATA_TAGS[metric.kind]);
  for (const { number, key } of series) {
    const points = store.samplesOf(number);
    sampleCount += points.count;
    for (let index = 0; index < points.count; index++) {
      const point = writer.begin(0x0a);
      writeDataPoint(writer, metric.kind, key, points, index);
      writer.end(point);
    }
  }
  writeNumber(writer, 0x10, metric.temporality);
  writeNumber(writer, 0x18, metric.monotonic ? 1 : 0);
  writer.end(data);
  writer.end(mark);
  return sampleCount;
}

const DATA_TAGS: Readonly<Record<number, number>> = {
  [GAUGE]: 0x2a,
  [SUM]: 0x3a,
  [HISTOGRAM]: 0x4a,
  [EXPONENTIAL_HISTOGRAM]: 0x52,
  [SUMMARY]: 0x5a,
};

function writeNumber(writer: WireWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.varint(tag);
  writer.varint(value);
}
