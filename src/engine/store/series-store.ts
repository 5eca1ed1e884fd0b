import type { MetricBatch } from "../../model/metric-batch.ts";
import { PointColumns } from "../../model/metric-points.ts";
import { ByteArena } from "./byte-arena.ts";
import { ChunkQueue } from "./chunk-queue.ts";
import { HashIndex, NO_ITEM } from "./hash-index.ts";
import { OriginTable, type BatchOrigin } from "./origin-table.ts";
import { ChunkWriter, CHUNK_BYTES, readChunk, type Chunk } from "./series-chunk.ts";
import { SeriesIndex } from "./series-index.ts";
import { labelsOfKey, SeriesKeyWriter } from "./series-keys.ts";
import { SentReader, type SentAttributes } from "./series-sent.ts";
import type { Label } from "./series-labels.ts";
import { MetricTable, type HeldMetric } from "./series-metrics.ts";
import { samplesInOrder } from "./series-order.ts";
import { SampleFinder } from "./series-sample-finder.ts";
import { NOT_SHARED, SharedTimes, TimeSharing } from "./series-times.ts";

/** What became of a batch. The two add up to its data points. */
export interface SeriesOutcome {
  readonly addedCount: number;
  /** Points that were held already, to the last byte. */
  readonly duplicateCount: number;
}

/** A series: a metric of one resource and scope with one set of attributes. */
export interface Series {
  /** A number that no other series of this store ever has. */
  readonly number: number;
  readonly metric: HeldMetric;
  /** Its attributes (series-keys.ts). */
  readonly key: Uint8Array;
  readonly chunks: readonly Readonly<Chunk>[];
}

interface HeldSeries extends Series {
  readonly hash: number;
  /** Its attributes as they were sent last. */
  sent: SentAttributes;
  /** The series that a sample came for after this one's last time: senders keep to their order. */
  next: HeldSeries | undefined;
  readonly chunks: Chunk[];
  readonly writer: ChunkWriter;
  /** For samples that are not younger than all before them. */
  lateWriter: ChunkWriter | undefined;
  newestNs: number;
}

/**
 * All samples of metrics that are held, compressed, by series, bounded by bytes: beyond the bound the chunks to which nothing was
 * added for the longest time leave. A sample that is held already to the last byte is dropped; one that is not younger than the newest is kept
 * apart and put into its place when it is read. Everything that was received can be written out again
 * (query/encode-metrics-protobuf.ts).
 */
export class SeriesStore {
  readonly origins = new OriginTable();
  readonly index = new SeriesIndex((number) => this.#series.has(number));
  #metrics = new MetricTable(this.origins);
  readonly #series = new Map<number, HeldSeries>();
  #byKey = this.#emptyIndex();
  readonly #keys = new SeriesKeyWriter();
  readonly #sent = new SentReader();
  readonly #arena = new ByteArena();
  readonly #queue = new ChunkQueue();
  readonly #times = new SharedTimes();
  readonly #finder = new SampleFinder((chunk, into) => this.#readChunk(chunk, into));
  #isReplaying = false;
  /** That of the last sample. */
  #last: HeldSeries | undefined;
  #nextSeries = 0;
  #sampleCount = 0;
  #chunkCount = 0;
  /** Of all series and their writers. */
  #seriesBytes = 0;
  #version = 0;
  #maxBytes: number;
  #evictedCount = 0;
  #evictedUntilMs: number | undefined;

  constructor(limits: { readonly maxBytes: number }) {
    this.#maxBytes = limits.maxBytes;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  get sampleCount(): number {
    return this.#sampleCount;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Bytes of memory that samples, series and indexes take, partly as estimated. */
  get bytes(): number {
    return (
      this.#arena.byteLength +
      this.#chunkCount * CHUNK_BYTES +
      this.#seriesBytes +
      this.#metrics.byteLength +
      this.origins.byteLength +
      this.index.byteLength +
      this.#times.byteLength +
      this.#byKey.byteLength
    );
  }

  /** Samples that left because of the bound. */
  get evictedCount(): number {
    return this.#evictedCount;
  }

  /** The newest moment of a sample that left, milliseconds since the epoch; undefined where none has. */
  get evictedUntilMs(): number | undefined {
    return this.#evictedUntilMs;
  }

  /** All series in the order in which they were first seen. */
  get all(): Iterable<Series> {
    return this.#series.values();
  }

  /** The series of this number; undefined where it is not held (any more). */
  get(number: number): Series | undefined {
    return this.#series.get(number);
  }

  /** Takes a decoded batch; the batch may be used again at once. */
  append(batch: MetricBatch, from: BatchOrigin): SeriesOutcome {
    if (batch.count === 0) return { addedCount: 0, duplicateCount: 0 };
    this.#version++;
    this.#finder.begin();
    const metrics = this.#metrics.acquire(batch, from);
    const { points } = batch;
    let addedCount = 0;
    const sharing = new TimeSharing(this.#times, points);
    for (let point = 0; point < batch.count; point++) {
      const metric = metrics[batch.metric[point] ?? 0];
      if (metric === undefined) continue;
      if (this.#appendPoint(this.#seriesFor(batch, point, metric), points, point, sharing.isShared(point)))
        addedCount++;
      // One request may hold more than the bound: its first samples leave before its last ones come.
      if (point % EVICT_EVERY_POINTS === EVICT_EVERY_POINTS - 1) this.#evict();
    }
    this.#evict();
    this.#sent.release();
    for (const metric of metrics) this.#metrics.release(metric);
    return { addedCount, duplicateCount: batch.count - addedCount };
  }

  /** Takes what an earlier engine took ({@link clearReplayed}). */
  appendReplayed(batch: MetricBatch, from: BatchOrigin): SeriesOutcome {
    this.#isReplaying = true;
    try {
      return this.append(batch, from);
    } finally {
      this.#isReplaying = false;
    }
  }

  /**
   * The samples of a series by their time, those of one time as they came, as columns of data points.
   * @param fromNs nanoseconds since the epoch, inclusive like `toNs`; all samples where they are left out
   */
  samplesOf(number: number, fromNs?: bigint, toNs?: bigint): PointColumns {
    const samples = new PointColumns();
    const series = this.#series.get(number);
    if (series === undefined) return samples;
    const first = fromNs === undefined ? -1 : Number(fromNs);
    const last = toNs === undefined ? Number.POSITIVE_INFINITY : Number(toNs);
    for (const chunk of series.chunks)
      if (chunk.maxNs >= first && chunk.minNs <= last) this.#readChunk(chunk, samples);
    return samplesInOrder(samples, series.metric.kind, fromNs, toNs);
  }

  /** All labels of a series: its name, its attributes, and what its resource and scope say. */
  labelsOf({ metric, key }: Series): readonly Label[] {
    return [...metric.labels, ...labelsOfKey(key)];
  }

  /** Forgets all series. They do not count as evicted. */
  clear(): void {
    this.#version++;
    this.#series.clear();
    this.#last = undefined;
    this.#byKey = this.#emptyIndex();
    this.index.clear();
    this.#metrics = new MetricTable(this.origins);
    this.origins.clear();
    this.#arena.clear();
    this.#queue.clear();
    this.#times.clear();
    this.#sampleCount = this.#chunkCount = this.#seriesBytes = 0;
  }

  /** Forgets the samples that were replayed, and the series that have no others. */
  clearReplayed(): void {
    this.#version++;
    const kept: Chunk[] = [];
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
      if (chunk.isReplayed) this.#remove(chunk);
      else kept.push(chunk);
    }
    for (const chunk of kept) this.#queue.add(chunk);
  }

  setMaxBytes(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#evict();
  }

  #emptyIndex(): HashIndex {
    return new HashIndex((number) => this.#series.get(number)?.hash ?? 0);
  }

  #seriesFor(batch: MetricBatch, point: number, metric: HeldMetric): HeldSeries {
    const last = this.#last;
    const expected = last?.next;
    // One without chunks was forgotten.
    if (
      expected?.metric === metric &&
      expected.chunks.length > 0 &&
      this.#sent.isSame(expected.sent, batch, point)
    )
      return (this.#last = expected);
    const series = this.#find(batch, point, metric) ?? this.#add(batch, point, metric);
    if (last !== undefined) last.next = series;
    return (this.#last = series);
  }

  #find(batch: MetricBatch, point: number, metric: HeldMetric): HeldSeries | undefined {
    const hash = this.#keys.write(batch, point, metric.number);
    for (let at = this.#byKey.first(hash); this.#byKey.item(at) !== NO_ITEM; at = this.#byKey.after(at)) {
      if (!this.#byKey.mayBe(at, hash)) continue;
      const known = this.#series.get(this.#byKey.item(at));
      if (known?.metric !== metric || !this.#keys.isEqual(known.key)) continue;
      this.#seriesBytes -= bytesOf(known);
      known.sent = this.#sent.read(batch, point);
      this.#seriesBytes += bytesOf(known);
      return known;
    }
    return undefined;
  }

  /** @param point whose key was written last */
  #add(batch: MetricBatch, point: number, metric: HeldMetric): HeldSeries {
    const series: HeldSeries = {
      number: this.#nextSeries++,
      metric,
      key: this.#keys.written.slice(),
      hash: this.#keys.hash,
      sent: this.#sent.read(batch, point),
      next: undefined,
      chunks: [],
      writer: new ChunkWriter(metric.kind),
      lateWriter: undefined,
      newestNs: -1,
    };
    this.#metrics.use(metric);
    this.#series.set(series.number, series);
    this.#byKey.add(series.hash, series.number);
    this.index.add(series.number, this.labelsOf(series));
    this.#seriesBytes += bytesOf(series) + series.writer.byteLength;
    return series;
  }

  /** False where the sample is held already. */
  #appendPoint(series: HeldSeries, points: PointColumns, point: number, isTimeShared: boolean): boolean {
    const low = points.timeLow[point] ?? 0;
    const high = points.timeHigh[point] ?? 0;
    const timeNs = high * 2 ** 32 + low;
    let { writer } = series;
    if (timeNs > series.newestNs) series.newestNs = timeNs;
    else {
      if (this.#finder.has(series.chunks, series.metric.kind, points, point, timeNs)) return false;
      writer = this.#lateWriterOf(series);
    }
    const bytesBefore = writer.byteLength;
    const timeNumber = isTimeShared ? this.#times.numberOf(low, high) : NOT_SHARED;
    if (writer.isFullFor(timeNumber) || writer.open?.isReplayed === !this.#isReplaying)
      writer.seal(this.#arena);
    const chunk = (writer.open ??= this.#openChunk(series));
    chunk.touched = this.#version;
    if (chunk.timesFrom === NOT_SHARED && isTimeShared) this.#times.hold(timeNumber);
    writer.append(chunk, points, point, timeNs, timeNumber);
    this.#sampleCount++;
    this.#seriesBytes += writer.byteLength - bytesBefore;
    return true;
  }

  #lateWriterOf(series: HeldSeries): ChunkWriter {
    if (series.lateWriter === undefined) {
      series.lateWriter = new ChunkWriter(series.metric.kind);
      this.#seriesBytes += series.lateWriter.byteLength;
    }
    return series.lateWriter;
  }

  #openChunk(series: HeldSeries): Chunk {
    const chunk: Chunk = {
      series: series.number,
      isReplayed: this.#isReplaying,
      count: 0,
      minNs: Number.POSITIVE_INFINITY,
      maxNs: -1,
      timesFrom: NOT_SHARED,
      address: undefined,
      touched: this.#version,
    };
    series.chunks.push(chunk);
    this.#chunkCount++;
    this.#queue.add(chunk);
    return chunk;
  }

  #readChunk(chunk: Chunk, into: PointColumns): void {
    const series = this.#series.get(chunk.series);
    if (series === undefined) return;
    const { address } = chunk;
    if (address !== undefined)
      readChunk(
        this.#arena.bytesAt(address),
        this.#arena.startAt(address),
        chunk,
        series.metric.kind,
        this.#times,
        into,
      );
    else {
      const writer = series.writer.open === chunk ? series.writer : series.lateWriter;
      if (writer !== undefined) readChunk(writer.buffer, 0, chunk, series.metric.kind, this.#times, into);
    }
  }

  #evict(): void {
    while (this.#sampleCount > 0 && this.bytes > this.#maxBytes) {
      const chunk = this.#queue.shift();
      if (chunk === undefined) return;
      this.#version++;
      this.#remove(chunk);
      this.#evictedCount += chunk.count;
      this.#evictedUntilMs = Math.max(this.#evictedUntilMs ?? 0, chunk.maxNs / 1e6);
    }
  }

  #remove(chunk: Chunk): void {
    this.#sampleCount -= chunk.count;
    this.#chunkCount--;
    if (chunk.address !== undefined) this.#arena.free(chunk.address);
    if (chunk.timesFrom !== NOT_SHARED) this.#times.letGo(chunk.timesFrom);
    const series = this.#series.get(chunk.series);
    if (series === undefined) return;
    for (const writer of [series.writer, series.lateWriter]) {
      if (writer?.open !== chunk) continue;
      const bytesBefore = writer.byteLength;
      writer.drop();
      this.#seriesBytes += writer.byteLength - bytesBefore;
    }
    series.chunks.splice(series.chunks.indexOf(chunk), 1);
    if (series.chunks.length === 0) this.#forget(series);
  }

  #forget(series: HeldSeries): void {
    const { number, hash, metric } = series;
    for (let at = this.#byKey.first(hash); this.#byKey.item(at) !== NO_ITEM; at = this.#byKey.after(at)) {
      if (this.#byKey.item(at) !== number) continue;
      this.#byKey.remove(at);
      break;
    }
    this.#seriesBytes -=
      bytesOf(series) +
      series.writer.byteLength +
      (series.lateWriter === undefined ? 0 : series.lateWriter.byteLength);
    this.#series.delete(number);
    series.next = undefined;
    this.index.remove(this.labelsOf(series));
    this.#metrics.release(metric);
  }
}

/** Of a series' object and its places in maps and lists, without its writers. */
function bytesOf({ key, sent }: HeldSeries): number {
  return key.length + sent.bytes.byteLength + 700;
}

/** A data point can take 400 KiB in a writer: this many stay below a tenth of the least bound. */
const EVICT_EVERY_POINTS = 64;
