import { WireWriter } from "../../base/wire-writer.ts";
import type { BatchMetric, MetricBatch } from "../../model/metric-batch.ts";
import type { ByteRange } from "../../model/span-batch.ts";
import type { BatchOrigin, OriginTable } from "./origin-table.ts";
import { labelsAround, METRIC_NAME, type Label } from "./series-labels.ts";

/** What all series of a metric of one resource and scope have in common. */
export interface HeldMetric {
  readonly number: number;
  /** Index into METRIC_KINDS. */
  readonly kind: number;
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  /** The number of an AggregationTemporality. */
  readonly temporality: number;
  readonly monotonic: boolean;
  /** Fields of a Metric message besides its data, as they came. */
  readonly header: Uint8Array;
  /** In the table of origins. */
  readonly origin: number;
  readonly labels: readonly Label[];
}

/** The metrics of the series that are held, counted: one that no series refers to is forgotten. */
export class MetricTable {
  readonly #origins: OriginTable;
  readonly #metrics = new Map<string, { readonly metric: HeldMetric; uses: number }>();
  readonly #keys = new Map<number, string>();
  readonly #writer = new WireWriter(256);
  #next = 0;
  #byteLength = 0;

  constructor(origins: OriginTable) {
    this.#origins = origins;
  }

  /** Bytes of memory that the metrics take, as estimated. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** The metrics of a batch, each of which counts as one use of the caller's until it is {@link release}d. */
  acquire(batch: MetricBatch, from: BatchOrigin): HeldMetric[] {
    const origins = batch.scopes.map((_, index) => this.#origins.acquire(batch, index, from));
    const metrics = batch.metrics.map((metric) =>
      this.#acquire(batch.body, metric, origins[metric.scope] ?? 0),
    );
    for (const origin of origins) this.#origins.release(origin);
    return metrics;
  }

  use({ number }: HeldMetric): void {
    const held = this.#metrics.get(this.#keys.get(number) ?? "");
    if (held !== undefined) held.uses++;
  }

  release({ number, origin }: HeldMetric): void {
    const key = this.#keys.get(number) ?? "";
    const held = this.#metrics.get(key);
    if (held === undefined || --held.uses > 0) return;
    this.#metrics.delete(key);
    this.#keys.delete(number);
    this.#byteLength -= weightOf(key);
    this.#origins.release(origin);
  }

  #acquire(body: Uint8Array, metric: BatchMetric, origin: number): HeldMetric {
    const { kind, temporality, monotonic } = metric;
    writeHeader(this.#writer, body, metric);
    const header = this.#writer.written;
    const key = `${origin} ${kind} ${temporality} ${monotonic ? 1 : 0} ${Buffer.from(header.buffer, header.byteOffset, header.length).toString("latin1")}`;
    const known = this.#metrics.get(key);
    if (known !== undefined) {
      known.uses++;
      return known.metric;
    }
    const name = textOf(body, metric.name);
    const around = this.#origins.get(origin);
    const held: HeldMetric = {
      number: this.#next++,
      name,
      unit: textOf(body, metric.unit),
      description: textOf(body, metric.description),
      kind,
      temporality,
      monotonic,
      header: header.slice(),
      origin,
      labels: [
        [METRIC_NAME, name],
        ...(around === undefined ? [] : labelsAround(around.resource, around.scope)),
      ],
    };
    this.#origins.use(origin);
    this.#metrics.set(key, { metric: held, uses: 1 });
    this.#keys.set(held.number, key);
    this.#byteLength += weightOf(key);
    return held;
  }
}

/** Name, description and unit, then all further fields in their order. */
function writeHeader(
  writer: WireWriter,
  body: Uint8Array,
  { name, description, unit, further }: BatchMetric,
): void {
  writer.clear();
  for (const [tag, { start, end }] of [
    [0x0a, name],
    [0x12, description],
    [0x1a, unit],
  ] as const)
    if (end > start) writer.bytesField(tag, body, start, end);
  for (const { start, end } of further) writer.raw(body, start, end);
}

/** The key, its bytes once more in the header, the labels, and the objects around them. */
function weightOf(key: string): number {
  return key.length * 3 + 800;
}

function textOf(bytes: Uint8Array, { start, end }: ByteRange): string {
  return utf8.decode(bytes.subarray(start, end));
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
