import { END, MALFORMED, type WireReader } from "../../base/wire-reader.ts";
import { MAX_METADATA_BYTES } from "../../model/item-limits.ts";
import { EXPONENTIAL_HISTOGRAM, GAUGE, HISTOGRAM, SUM, SUMMARY } from "../../model/metric.ts";
import type { BatchMetric, MetricBatch } from "../../model/metric-batch.ts";
import { NO_BYTES, type DecodeIssues } from "../../model/span-batch.ts";
import { EnvelopeDecoder, type DecodedInParts } from "./otlp-envelope.ts";
import { DataPointDecoder } from "./otlp-metrics-points.ts";
import { isWellFormedKeyValue } from "./span-check.ts";

/**
 * Decodes an OTLP `ExportMetricsServiceRequest` (opentelemetry-proto, metrics/v1) into the batch, which then points
 * into `body`. Never throws. A data point that is not well formed is left out and counted; a fault outside of data
 * points ends the message it is in, not the messages around it.
 */
export function decodeMetricsProtobuf(body: Uint8Array, into: MetricBatch): DecodeIssues {
  const decoder = metricsDecoder(body, into);
  decoder.decode();
  return decoder.issues;
}

/** Decodes such a request in parts, for bodies that would keep a thread for long. */
export function metricsDecoder(body: Uint8Array, into: MetricBatch): EnvelopeDecoder {
  const points = new DataPointDecoder(into);
  return new EnvelopeDecoder(body, into, NAMES, (reader, envelope) =>
    decodeMetric({ batch: into, points, envelope }, reader),
  );
}

const NAMES = { resource: "ResourceMetrics", scope: "ScopeMetrics", item: "a metric" };

interface Decoder {
  readonly batch: MetricBatch;
  readonly points: DataPointDecoder;
  readonly envelope: EnvelopeDecoder;
}

/** A metric's head, which each part of a request that has points of it holds anew. */
type MetricHead = Omit<BatchMetric, "scope">;

/** Reads the Metric message between the reader's position and limit: first what it is, then its data points. */
function* decodeMetric(decoder: Decoder, reader: WireReader): DecodedInParts<string> {
  const { position: start } = reader;
  const { head, dataTag, end } = yield* readHead(decoder, reader);
  if (head === undefined) return "";
  reader.limit = end;
  if (hasTemporality(head.kind)) {
    reader.position = start;
    yield* readAggregation(decoder, reader, dataTag, head);
  }
  reader.position = start;
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (decoder.envelope.isLong()) yield;
    if (!DATA_TAGS.has(tag)) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const entered = reader.enter();
    const dataEnd = entered === MALFORMED ? end : entered;
    reader.limit = dataEnd;
    if (tag === dataTag) yield* readPoints(decoder, reader, head);
    else yield* rejectData(decoder, reader);
    reader.limit = end;
    reader.position = dataEnd;
  }
  return "";
}

/** What a Metric says besides its points, the tag of its data, and where the message ends or is broken. */
function* readHead(
  decoder: Decoder,
  reader: WireReader,
): DecodedInParts<{ readonly head: MetricHead | undefined; readonly dataTag: number; readonly end: number }> {
  const texts = { name: NO_BYTES, description: NO_BYTES, unit: NO_BYTES };
  const further = new FurtherFields(decoder.envelope);
  let dataTag = 0;
  let fieldStart = reader.position;
  reader.nestedCount = 0;
  for (let tag = reader.next(); tag !== END; tag = reader.next()) {
    if (decoder.envelope.isLong()) yield;
    const isData = DATA_TAGS.has(tag);
    if (isData) dataTag = tag;
    const end = (tag & 7) === 2 && tag !== MALFORMED ? reader.enter() : reader.position;
    if (end === MALFORMED || ((tag & 7) !== 2 && !reader.skip(tag))) {
      decoder.envelope.noteMalformed("a metric is not well formed");
      // What is whole of the data of a metric that is cut off is kept.
      if (isData) fieldStart = reader.limit;
      break;
    }
    if ((tag & 7) === 2) {
      const range = { start: reader.position, end };
      reader.position = end;
      if (tag === NAME) texts.name = range;
      else if (tag === DESCRIPTION) texts.description = range;
      else if (tag === UNIT) texts.unit = range;
    }
    if (!TEXT_TAGS.has(tag) && !isData) further.keep(reader, tag, fieldStart);
    fieldStart = reader.position;
  }
  const kind = DATA_TAGS.get(dataTag);
  const head =
    kind === undefined
      ? undefined
      : { kind, ...texts, temporality: 0, monotonic: false, further: further.ranges };
  return { head, dataTag, end: fieldStart };
}

/** Whole fields of a metric that have no column; what is to be an attribute has to be one. */
class FurtherFields {
  readonly ranges: BatchMetric["further"] = [];
  readonly #envelope: Decoder["envelope"];
  #metadataBytes = 0;

  constructor(envelope: Decoder["envelope"]) {
    this.#envelope = envelope;
  }

  /** Keeps the field from `start` to the reader's position. */
  keep(reader: WireReader, tag: number, start: number): void {
    const end = reader.position;
    const fault = tag === METADATA ? this.#checkMetadata(reader, start) : "";
    // One range for many fields, where nothing is between them: a body can hold millions.
    const last = this.ranges.at(-1);
    if (fault !== "") this.#envelope.note(fault);
    else if (last?.end === start) this.ranges[this.ranges.length - 1] = { start: last.start, end };
    else if (this.ranges.length < MAX_FURTHER) this.ranges.push({ start, end });
    else this.#envelope.note("a metric has more fields that nobody knows than are kept");
  }

  /** What is wrong with it, or nothing. */
  #checkMetadata(reader: WireReader, start: number): string {
    const end = reader.position;
    if (this.#metadataBytes + end - start > MAX_METADATA_BYTES) return METADATA_TOO_LONG;
    this.#metadataBytes += end - start;
    reader.position = start;
    reader.next();
    reader.enter();
    const wellFormed = isWellFormedKeyValue(reader, end);
    reader.position = end;
    return wellFormed ? "" : "a metric's metadata is not well formed, and was left out";
  }
}

/** What the Sum, Histogram or ExponentialHistogram messages of a Metric say besides their points, which come first. */
function* readAggregation(
  { envelope }: Decoder,
  reader: WireReader,
  dataTag: number,
  head: Pick<BatchMetric, "kind" | "temporality" | "monotonic">,
): DecodedInParts<void> {
  const { limit } = reader;
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (envelope.isLong()) yield;
    if (tag !== dataTag) {
      if (!reader.skip(tag)) return;
      continue;
    }
    const entered = reader.enter();
    const end = entered === MALFORMED ? limit : entered;
    reader.limit = end;
    for (let field = reader.next(); field !== END; field = reader.next()) {
      if (envelope.isLong()) yield;
      if (!reader.skip(field)) break;
      if (field === TEMPORALITY) head.temporality = reader.low;
      else if (field === MONOTONIC && head.kind === SUM) head.monotonic = (reader.low | reader.high) !== 0;
    }
    reader.limit = limit;
    reader.position = end;
  }
}

/** Reads the data points of a Gauge, Sum, Histogram, ExponentialHistogram or Summary message. */
function* readPoints(
  { batch, points, envelope }: Decoder,
  reader: WireReader,
  head: MetricHead,
): DecodedInParts<void> {
  let index = batch.metrics.length;
  for (;;) {
    if (envelope.hasEnough()) {
      yield;
      index = batch.metrics.length;
    }
    const tag = reader.next();
    if (tag === END) return;
    if (tag === DATA_POINT) {
      const end = reader.enter();
      if (end === MALFORMED) {
        envelope.noteRejected("a data point is longer than what it is in");
        envelope.noteMalformed("");
        return;
      }
      const outer = reader.limit;
      reader.limit = end;
      const fault = points.decode(reader, head.kind, index);
      reader.limit = outer;
      reader.position = end;
      // Without points nothing refers to it.
      if (fault !== "") envelope.noteRejected(fault);
      else if (index === batch.metrics.length) batch.metrics.push({ ...head, scope: envelope.scopeIndex() });
    } else if (!reader.skip(tag)) {
      envelope.noteMalformed("a metric's data is not well formed");
      return;
    }
  }
}

/** Data of another kind than the last one that a metric has: protobuf keeps the last. */
function* rejectData({ envelope }: Decoder, reader: WireReader): DecodedInParts<void> {
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (envelope.isLong()) yield;
    if (!reader.skip(tag)) return;
    if (tag === DATA_POINT) envelope.noteRejected("a metric has data of more than one kind");
  }
}

function hasTemporality(kind: number): boolean {
  return kind === SUM || kind === HISTOGRAM || kind === EXPONENTIAL_HISTOGRAM;
}

const METADATA_TOO_LONG = `a metric's metadata is longer than ${MAX_METADATA_BYTES / 2 ** 20} MiB, and was left out in part`;

/** Ranges of fields: senders write metadata in one. */
const MAX_FURTHER = 1000;

const NAME = 0x0a;
const DESCRIPTION = 0x12;
const UNIT = 0x1a;
const METADATA = 0x62;
const TEXT_TAGS: ReadonlySet<number> = new Set([NAME, DESCRIPTION, UNIT]);
const DATA_TAGS: ReadonlyMap<number, number> = new Map([
  [0x2a, GAUGE],
  [0x3a, SUM],
  [0x4a, HISTOGRAM],
  [0x52, EXPONENTIAL_HISTOGRAM],
  [0x5a, SUMMARY],
]);
const DATA_POINT = 0x0a;
const TEMPORALITY = 0x10;
const MONOTONIC = 0x18;
