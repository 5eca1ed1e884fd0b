import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { MAX_METADATA_BYTES, MAX_POINT_BYTES, MAX_RESOURCE_BYTES } from "../../model/item-limits.ts";
import type { LogBatch } from "../../model/log-batch.ts";
import type { Redactor } from "./redact.ts";

/**
 * Masks secrets in an OTLP `ExportMetricsServiceRequest`, in place and without moving anything: in the attributes of
 * resources, scopes and data points, in metadata, and in what exemplars have of their measurements. It may run before or after the
 * decoder. What is not well formed is overwritten with zeros up to the end of the message that it is in.
 */
export function redactMetrics(body: Uint8Array, redactor: Redactor): void {
  metricsMask(body, redactor).maskAll();
}

/** The same for an `ExportLogsServiceRequest`: attributes of resources, scopes and records, and bodies of any kind. */
export function redactLogs(body: Uint8Array, redactor: Redactor): void {
  new BodyMask(body, LOGS_REQUEST, redactor).maskAll();
}

/** {@link redactMetrics} in parts, for bodies that would keep a thread for long. */
export function metricsMask(body: Uint8Array, redactor: Redactor): BodyMask {
  return new BodyMask(body, METRICS_REQUEST, redactor);
}

/** The same for the resources and scopes alone of a logs request, those without any item included. */
export function envelopeMask(body: Uint8Array, redactor: Redactor): BodyMask {
  return new BodyMask(body, ENVELOPE, redactor);
}

/**
 * The same for resources and scopes of a traces request, but those messages that begin at one of these offsets, which are masked
 * with their spans. To be used on a body that has been decoded without a fault.
 */
export function spanlessMask(body: Uint8Array, redactor: Redactor, masked: ReadonlySet<number>): BodyMask {
  return new BodyMask(body, WITHOUT_ITEMS, redactor, masked);
}

/** Masks secrets in the records of a batch, and overwrites those that were refused, since nobody has looked at what is in them. */
export function redactRecords(batch: LogBatch, redactor: Redactor): void {
  const { body, count, recordStart, recordEnd, refused } = batch;
  for (let i = 0; i < count; i++)
    maskFields(body, recordStart[i] ?? 0, recordEnd[i] ?? 0, LOG_RECORD, redactor);
  for (const { start, end } of refused) body.fill(0, start, end);
}

/** Where secrets can be in a message, by the tags of its fields. */
interface Layout {
  /** Fields of KeyValue messages, and of AnyValue messages. */
  readonly attributes?: number;
  readonly values?: number;
  /** It is a KeyValue message itself. */
  readonly isKeyValue?: boolean;
  /** Longer ones are left out by the decoder, and overwritten: nobody looks through them. */
  readonly maxBytes?: number;
  readonly nested?: ReadonlyMap<number, Layout>;
}

/** A walk through a body that can be interrupted. It goes as deep as the layouts are, whatever the input says. */
export class BodyMask {
  readonly #reader = new WireReader();
  readonly #redactor: Redactor;
  readonly #masked: ReadonlySet<number>;
  /** The messages that the position is in, the outermost first. */
  readonly #inside: { readonly layout: Layout; readonly end: number }[];

  /** @param masked where messages begin that are masked already */
  constructor(body: Uint8Array, layout: Layout, redactor: Redactor, masked: ReadonlySet<number> = new Set()) {
    this.#masked = masked;
    this.#reader.reset(body, 0, body.length);
    this.#redactor = redactor;
    this.#inside = [{ layout, end: body.length }];
  }

  get isDone(): boolean {
    return this.#inside.length === 0;
  }

  maskAll(): void {
    while (!this.isDone) this.maskPart();
  }

  /** Some milliseconds' worth. */
  maskPart(): void {
    const reader = this.#reader;
    const { bytes } = reader;
    const stopAt = reader.position + PART_BYTES;
    for (let fields = 0; fields < PART_FIELDS && reader.position < stopAt; fields++) {
      const inside = this.#inside.at(-1);
      if (inside === undefined) return;
      const { layout, end } = inside;
      reader.limit = end;
      const at = reader.position;
      const tag = layout.nested === undefined ? END : reader.next();
      if (tag === END) {
        reader.position = end;
        this.#inside.pop();
        continue;
      }
      const nested = layout.nested?.get(tag);
      if (nested === undefined) {
        if (reader.skip(tag)) continue;
        bytes.fill(0, at, end);
        reader.position = end;
        continue;
      }
      const inner = reader.enter();
      // The decoders read on in a message that is longer than its parent, up to the parent's end.
      const innerEnd = inner === MALFORMED ? end : inner;
      if (innerEnd - reader.position > (nested.maxBytes ?? Infinity)) {
        bytes.fill(0, reader.position, innerEnd);
        reader.position = innerEnd;
        continue;
      }
      if (!this.#masked.has(reader.position))
        maskFields(bytes, reader.position, innerEnd, nested, this.#redactor);
      this.#inside.push({ layout: nested, end: innerEnd });
    }
  }
}

function maskFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  { attributes, values, isKeyValue }: Layout,
  redactor: Redactor,
): void {
  if (isKeyValue === true) redactor.redactKeyValue(bytes, start, end);
  if (attributes !== undefined) redactor.redactFields(bytes, start, end, attributes, "attributes");
  if (values !== undefined) redactor.redactFields(bytes, start, end, values, "values");
}

/** Some milliseconds where all of it is short attributes, and where it is empty messages. */
const PART_BYTES = 512 * 1024;
const PART_FIELDS = 1 << 15;

/** Request and resource, resource and scope, scope and item nest alike in all signals (opentelemetry-proto). */
function requestOf(item: Layout | undefined): Layout {
  const scope: Layout = { attributes: 0x1a, maxBytes: MAX_RESOURCE_BYTES };
  const resource: Layout = { attributes: 0x0a, maxBytes: MAX_RESOURCE_BYTES };
  const perScope: Layout = {
    nested: new Map([[0x0a, scope], ...(item === undefined ? [] : [[0x12, item] as const])]),
  };
  const perResource: Layout = {
    nested: new Map([
      [0x0a, resource],
      [0x12, perScope],
    ]),
  };
  return { nested: new Map([[0x0a, perResource]]) };
}

const EXEMPLAR: Layout = { attributes: 0x3a };

/** Gauges, sums, histograms and summaries have their points in field 1. */
function pointsOf(point: Layout): Layout {
  return { nested: new Map([[0x0a, point]]) };
}

const pointOf = (attributes: number, exemplars?: number): Layout => ({
  attributes,
  maxBytes: MAX_POINT_BYTES,
  nested: new Map(exemplars === undefined ? [] : [[exemplars, EXEMPLAR]]),
});
const NUMBER_POINT = pointOf(0x3a, 0x2a);
const HISTOGRAM_POINT = pointOf(0x4a, 0x42);
const EXPONENTIAL_HISTOGRAM_POINT = pointOf(0x0a, 0x5a);
const SUMMARY_POINT = pointOf(0x3a);

// One by one, as a metric may have any number.
const METADATA: Layout = { isKeyValue: true, maxBytes: MAX_METADATA_BYTES };

const METRIC: Layout = {
  nested: new Map([
    [0x62, METADATA],
    [0x2a, pointsOf(NUMBER_POINT)],
    [0x3a, pointsOf(NUMBER_POINT)],
    [0x4a, pointsOf(HISTOGRAM_POINT)],
    [0x52, pointsOf(EXPONENTIAL_HISTOGRAM_POINT)],
    [0x5a, pointsOf(SUMMARY_POINT)],
  ]),
};

const METRICS_REQUEST = requestOf(METRIC);
const LOG_RECORD: Layout = { attributes: 0x32, values: 0x2a };
const LOGS_REQUEST = requestOf(LOG_RECORD);
const ENVELOPE = requestOf({});
const WITHOUT_ITEMS = requestOf(undefined);
