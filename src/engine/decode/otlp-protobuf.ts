import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { isWellFormedSpanBody } from "./span-check.ts";
import { NO_BYTES, NO_OFFSET, type DecodeIssues, type SpanBatch } from "../../model/span-batch.ts";

/**
 * Decodes an OTLP `ExportTraceServiceRequest` (opentelemetry-proto, collector/trace/v1) into the batch, which then
 * points into `body`. Never throws. A span that is not well formed, or whose ids are not, is left out and counted;
 * a fault outside of spans ends the message it is in, not the messages around it.
 */
export function decodeTracesProtobuf(body: Uint8Array, into: SpanBatch): DecodeIssues {
  into.begin(body);
  const decoder: Decoder = { reader, batch: into, rejectedCount: 0, message: "", malformed: false };
  reader.reset(body, 0, body.length);
  for (;;) {
    const tag = reader.next();
    if (tag === END) break;
    if (tag === RESOURCE_SPANS) nested(decoder, decodeResourceSpans, "ResourceSpans");
    else if (!reader.skip(tag)) {
      malformed(decoder, "the request is not a protobuf message");
      break;
    }
    if (reader.position > body.length) break;
  }
  reader.reset(NOTHING, 0, 0);
  return { rejectedCount: decoder.rejectedCount, message: decoder.message, malformed: decoder.malformed };
}

/** One reader serves every call: decoding is synchronous and does not call itself. */
const reader = new WireReader();
const NOTHING = new Uint8Array(0);

const RESOURCE_SPANS = 0x0a;

interface Decoder {
  readonly reader: WireReader;
  readonly batch: SpanBatch;
  rejectedCount: number;
  message: string;
  malformed: boolean;
}

function malformed(decoder: Decoder, message: string): void {
  decoder.malformed = true;
  if (decoder.message === "") decoder.message = message;
}

/** Decodes a nested message that ends where it says, or, if that is outside of its parent, where the parent ends: what is whole of it is kept. */
function nested(decoder: Decoder, decode: (decoder: Decoder) => void, name: string): void {
  const { reader } = decoder;
  const outer = reader.limit;
  let end = reader.enter();
  if (end === MALFORMED) {
    malformed(decoder, `a ${name} message is longer than what it is in`);
    end = outer;
  }
  reader.limit = end;
  decode(decoder);
  reader.limit = outer;
  reader.position = end;
}

function decodeResourceSpans(decoder: Decoder): void {
  const { reader, batch } = decoder;
  const scopeCount = batch.scopes.length;
  const resource = { message: NO_BYTES, schemaUrl: NO_BYTES };
  batch.resources.push(resource);
  for (;;) {
    const tag = reader.next();
    if (tag === END) break;
    if (tag === RESOURCE || tag === SCHEMA_URL) {
      const end = reader.enter();
      if (end === MALFORMED) {
        malformed(decoder, "a resource is longer than what it is in");
        break;
      }
      const range = { start: reader.position, end };
      if (tag === RESOURCE) resource.message = range;
      else resource.schemaUrl = range;
      reader.position = end;
    } else if (tag === SCOPE_SPANS) nested(decoder, decodeScopeSpans, "ScopeSpans");
    else if (!reader.skip(tag)) {
      malformed(decoder, "a ResourceSpans message is not well formed");
      break;
    }
  }
  // Without spans nothing refers to it, and a body can hold millions of empty messages.
  if (batch.scopes.length === scopeCount) batch.resources.pop();
}

const RESOURCE = 0x0a;
const SCOPE_SPANS = 0x12;

function decodeScopeSpans(decoder: Decoder): void {
  const { reader, batch } = decoder;
  const spanCount = batch.count;
  const scope = { message: NO_BYTES, schemaUrl: NO_BYTES, resource: batch.resources.length - 1 };
  const scopeIndex = batch.scopes.length;
  batch.scopes.push(scope);
  for (;;) {
    const tag = reader.next();
    if (tag === END) break;
    if (tag === SPAN) {
      const end = reader.enter();
      if (end === MALFORMED) {
        decoder.rejectedCount++;
        malformed(decoder, "a span is longer than what it is in");
        break;
      }
      const outer = reader.limit;
      reader.limit = end;
      const fault = decodeSpan(reader, batch, scopeIndex);
      reader.limit = outer;
      reader.position = end;
      if (fault !== "") {
        decoder.rejectedCount++;
        if (decoder.message === "") decoder.message = fault;
      }
    } else if (tag === SCOPE || tag === SCHEMA_URL) {
      const end = reader.enter();
      if (end === MALFORMED) {
        malformed(decoder, "a scope is longer than what it is in");
        break;
      }
      const range = { start: reader.position, end };
      if (tag === SCOPE) scope.message = range;
      else scope.schemaUrl = range;
      reader.position = end;
    } else if (!reader.skip(tag)) {
      malformed(decoder, "a ScopeSpans message is not well formed");
      break;
    }
  }
  if (batch.count === spanCount) batch.scopes.pop();
}

const SCOPE = 0x0a;
const SPAN = 0x12;
const SCHEMA_URL = 0x1a;

/** Reads the span between the reader's position and limit; returns what is wrong with it, or an empty text. */
function decodeSpan(reader: WireReader, batch: SpanBatch, scope: number): string {
  const start = reader.position;
  let traceId = NO_OFFSET;
  let spanId = NO_OFFSET;
  let parent = NO_OFFSET;
  let nameStart = 0;
  let nameEnd = 0;
  let startLow = 0;
  let startHigh = 0;
  let endLow = 0;
  let endHigh = 0;
  let kind = 0;
  let status = 0;
  for (;;) {
    const tag = reader.next();
    if (tag === END) break;
    if ((tag & 7) === 2) {
      const end = reader.enter();
      if (end === MALFORMED) return "a span is not well formed";
      const at = reader.position;
      switch (tag) {
        case 0x4a: // attributes
        case 0x5a: // events
        case 0x6a: // links
          if (!isWellFormedSpanBody(reader, tag, end))
            return "a span's attributes, events or links are not well formed, or nested too deeply";
          break;
        case 0x0a:
          if (end - at !== 16) return "a trace id is not 16 bytes long";
          traceId = at;
          break;
        case 0x12:
          if (end - at !== 8) return "a span id is not 8 bytes long";
          spanId = at;
          break;
        case 0x22:
          if (end - at !== 8 && end !== at) return "a parent span id is not 8 bytes long";
          parent = end === at ? NO_OFFSET : at;
          break;
        case 0x2a:
          nameStart = at;
          nameEnd = end;
          break;
        case 0x7a: {
          const outer = reader.limit;
          reader.limit = end;
          for (let field = reader.next(); field !== END; field = reader.next()) {
            if (!reader.skip(field)) return "a span's status is not well formed";
            if (field === 0x18) status = reader.high === 0 && reader.low <= 2 ? reader.low : 0;
          }
          reader.limit = outer;
          break;
        }
      }
      reader.position = end;
    } else if (tag === 0x39) {
      if (!reader.fixed64()) return "a span is not well formed";
      startLow = reader.low;
      startHigh = reader.high;
    } else if (tag === 0x41) {
      if (!reader.fixed64()) return "a span is not well formed";
      endLow = reader.low;
      endHigh = reader.high;
    } else {
      if (!reader.skip(tag)) return "a span is not well formed";
      if (tag === 0x30) kind = reader.high === 0 && reader.low <= 5 ? reader.low : 0;
    }
  }
  const { bytes } = reader;
  if (traceId === NO_OFFSET || isZero(bytes, traceId, 16)) return "a span has no trace id";
  if (spanId === NO_OFFSET || isZero(bytes, spanId, 8)) return "a span has no span id";
  if (parent !== NO_OFFSET && isZero(bytes, parent, 8)) parent = NO_OFFSET;

  const index = batch.add();
  batch.spanStart[index] = start;
  batch.spanEnd[index] = reader.limit;
  batch.traceId[index] = traceId;
  batch.spanId[index] = spanId;
  batch.parentSpanId[index] = parent;
  batch.nameStart[index] = nameStart;
  batch.nameEnd[index] = nameEnd;
  batch.startLow[index] = startLow;
  batch.startHigh[index] = startHigh;
  batch.endLow[index] = endLow;
  batch.endHigh[index] = endHigh;
  batch.kind[index] = kind;
  batch.status[index] = status;
  batch.scope[index] = scope;
  return "";
}

function isZero(bytes: Uint8Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (bytes[i] !== 0) return false;
  return true;
}
