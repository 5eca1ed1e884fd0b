import { PointColumns } from "./metric-points.ts";
import type { BatchEnvelope, BatchResource, BatchScope, ByteRange } from "./span-batch.ts";

/**
 * The data points of one request: columns, and offsets into its body, an OTLP `ExportMetricsServiceRequest` in protobuf.
 * The decoder fills it and the store reads it; every point in it is well formed. One batch is meant to be used
 * again and again ({@link MetricBatch.begin}).
 */
export class MetricBatch implements BatchEnvelope {
  body: Uint8Array = new Uint8Array(0);
  readonly resources: BatchResource[] = [];
  readonly scopes: BatchScope[] = [];
  /** Only such as have points. */
  readonly metrics: BatchMetric[] = [];
  readonly points = new PointColumns();
  /** Index into {@link metrics} of each point. */
  metric = new Uint32Array(INITIAL_CAPACITY);
  /** Where the attributes of each point begin in the two columns below; they end where those of the next point begin. */
  firstAttribute = new Uint32Array(INITIAL_CAPACITY);
  attributeCount = 0;
  /** KeyValue messages. */
  attributeStart = new Uint32Array(INITIAL_CAPACITY);
  attributeEnd = new Uint32Array(INITIAL_CAPACITY);

  /** Data points. */
  get count(): number {
    return this.points.count;
  }

  /** Empties the batch and points it at another body. Columns that one large request made are given back. */
  begin(body: Uint8Array): void {
    if (this.metric.length > MAX_KEPT_CAPACITY) {
      this.metric = new Uint32Array(INITIAL_CAPACITY);
      this.firstAttribute = new Uint32Array(INITIAL_CAPACITY);
    }
    if (this.attributeStart.length > MAX_KEPT_CAPACITY) {
      this.attributeStart = new Uint32Array(INITIAL_CAPACITY);
      this.attributeEnd = new Uint32Array(INITIAL_CAPACITY);
    }
    this.body = body;
    this.resources.length = 0;
    this.scopes.length = 0;
    this.metrics.length = 0;
    this.attributeCount = 0;
    this.points.clear();
  }

  /** The index of a new point of this metric, whose attributes are those that were added from `firstAttribute` on. */
  addPoint(metric: number, firstAttribute: number): number {
    const index = this.points.add();
    if (index === this.metric.length) {
      this.metric = doubled(this.metric);
      this.firstAttribute = doubled(this.firstAttribute);
    }
    this.metric[index] = metric;
    this.firstAttribute[index] = firstAttribute;
    return index;
  }

  addAttribute(start: number, end: number): void {
    if (this.attributeCount === this.attributeStart.length) {
      this.attributeStart = doubled(this.attributeStart);
      this.attributeEnd = doubled(this.attributeEnd);
    }
    this.attributeStart[this.attributeCount] = start;
    this.attributeEnd[this.attributeCount++] = end;
  }

  /** Where the attributes of a point end in their columns. */
  lastAttribute(point: number): number {
    return point + 1 < this.count ? (this.firstAttribute[point + 1] ?? 0) : this.attributeCount;
  }
}

/** A `Metric` without its data points. Filled while decoding, since fields come in any order. */
export interface BatchMetric {
  /** Index into {@link MetricBatch.scopes}. */
  readonly scope: number;
  /** Index into METRIC_KINDS. */
  readonly kind: number;
  name: ByteRange;
  description: ByteRange;
  unit: ByteRange;
  /** An AggregationTemporality; 0 where the kind has none. */
  temporality: number;
  monotonic: boolean;
  /** Whole fields, metadata and such as a newer sender may add. */
  readonly further: ByteRange[];
}

/** Exporters send some hundred points at a time. */
const INITIAL_CAPACITY = 1024;
const MAX_KEPT_CAPACITY = 1 << 16;

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
