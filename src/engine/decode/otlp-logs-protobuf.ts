import { END, MALFORMED, type WireReader } from "../../base/wire-reader.ts";
import type { LogBatch } from "../../model/log-batch.ts";
import { MAX_ITEM_BYTES } from "../../model/item-limits.ts";
import { NO_OFFSET, type DecodeIssues } from "../../model/span-batch.ts";
import { EnvelopeDecoder } from "./otlp-envelope.ts";
import { isWellFormedKeyValue, isWellFormedValue } from "./span-check.ts";

/**
 * Decodes an OTLP `ExportLogsServiceRequest` (opentelemetry-proto, logs/v1) into the batch, which then points into
 * `body`. Never throws. A record that is not well formed, or whose ids are neither whole nor absent, is left out and
 * counted. Ids of zeros are absent (logs data model, "Trace Context Fields").
 */
export function decodeLogsProtobuf(body: Uint8Array, into: LogBatch): DecodeIssues {
  const decoder = logsDecoder(body, into);
  decoder.decode();
  return decoder.issues;
}

/** Decodes such a request in parts, for bodies that would keep a thread for long. */
export function logsDecoder(body: Uint8Array, into: LogBatch): EnvelopeDecoder {
  return new EnvelopeDecoder(body, into, NAMES, (reader, envelope) => decodeRecord(reader, into, envelope));
}

/** A record takes two bytes at least: without a bound, the columns of a request would take gigabytes. */
const MAX_RECORDS = 1 << 19;

const NAMES = { resource: "ResourceLogs", scope: "ScopeLogs", item: "a log record" };

function decodeRecord(reader: WireReader, batch: LogBatch, envelope: EnvelopeDecoder): string {
  const { position: start, limit: end } = reader;
  const index = batch.add();
  const fault =
    index < MAX_RECORDS
      ? readRecord(reader, batch, index)
      : `a request has more than ${MAX_RECORDS} log records`;
  if (fault === "") batch.scope[index] = envelope.scopeIndex();
  else {
    batch.count--;
    batch.refused.push({ start, end });
  }
  return fault;
}

function readRecord(reader: WireReader, batch: LogBatch, index: number): string {
  if (reader.limit - reader.position > MAX_ITEM_BYTES) return TOO_LONG;
  reader.nestedCount = 0;
  clearColumns(batch, index);
  batch.recordStart[index] = reader.position;
  batch.recordEnd[index] = reader.limit;
  let bodyCount = 0;
  for (;;) {
    const tag = reader.next();
    if (tag === END) break;
    if ((tag & 7) === 2) {
      const end = reader.enter();
      if (end === MALFORMED) return NOT_WELL_FORMED;
      const at = reader.position;
      switch (tag) {
        case ATTRIBUTE:
          if (!isWellFormedKeyValue(reader, end)) return BAD_VALUE;
          break;
        case BODY:
          if (!isWellFormedValue(reader, end)) return BAD_VALUE;
          bodyCount++;
          batch.bodyStart[index] = at;
          batch.bodyEnd[index] = end;
          break;
        case SEVERITY_TEXT:
          batch.severityTextStart[index] = at;
          batch.severityTextEnd[index] = end;
          break;
        case EVENT_NAME:
          batch.eventNameStart[index] = at;
          batch.eventNameEnd[index] = end;
          break;
        case TRACE_ID:
          if (end - at !== 16 && end !== at) return "a log record's trace id is not 16 bytes long";
          batch.traceId[index] = isZero(reader.bytes, at, end) ? NO_OFFSET : at;
          break;
        case SPAN_ID:
          if (end - at !== 8 && end !== at) return "a log record's span id is not 8 bytes long";
          batch.spanId[index] = isZero(reader.bytes, at, end) ? NO_OFFSET : at;
          break;
      }
      reader.position = end;
    } else if (tag === TIME || tag === OBSERVED_TIME) {
      if (!reader.fixed64()) return NOT_WELL_FORMED;
      const [low, high] =
        tag === TIME ? [batch.timeLow, batch.timeHigh] : [batch.observedLow, batch.observedHigh];
      low[index] = reader.low;
      high[index] = reader.high;
    } else {
      if (!reader.skip(tag)) return NOT_WELL_FORMED;
      if (tag === SEVERITY_NUMBER) batch.severity[index] = isSeverity(reader) ? reader.low : 0;
    }
  }
  if (bodyCount > 1) batch.bodyStart[index] = NO_OFFSET;
  return "";
}

function clearColumns(batch: LogBatch, index: number): void {
  batch.timeLow[index] = 0;
  batch.timeHigh[index] = 0;
  batch.observedLow[index] = 0;
  batch.observedHigh[index] = 0;
  batch.severity[index] = 0;
  batch.severityTextStart[index] = 0;
  batch.severityTextEnd[index] = 0;
  batch.eventNameStart[index] = 0;
  batch.eventNameEnd[index] = 0;
  batch.bodyStart[index] = NO_OFFSET;
  batch.bodyEnd[index] = NO_OFFSET;
  batch.traceId[index] = NO_OFFSET;
  batch.spanId[index] = NO_OFFSET;
}

function isSeverity({ low, high }: WireReader): boolean {
  return high === 0 && low <= MAX_SEVERITY;
}

/** FATAL4 (logs data model, "Displaying Severity"). */
const MAX_SEVERITY = 24;

const TIME = 0x09;
const SEVERITY_NUMBER = 0x10;
const SEVERITY_TEXT = 0x1a;
const BODY = 0x2a;
const ATTRIBUTE = 0x32;
const TRACE_ID = 0x4a;
const SPAN_ID = 0x52;
const OBSERVED_TIME = 0x59;
const EVENT_NAME = 0x62;

const NOT_WELL_FORMED = "a log record is not well formed";
const BAD_VALUE = "a log record's body or attributes are not well formed, nested too deeply, or too many";
const TOO_LONG = `a log record is longer than ${MAX_ITEM_BYTES / 2 ** 20} MiB`;

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return false;
  return true;
}
