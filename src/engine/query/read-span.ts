import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import type { SessionId, SpanId, SpanRow, TraceId } from "../../model/ids.ts";
import {
  SPAN_KINDS,
  SPAN_STATES,
  SPAN_STATUSES,
  type Span,
  type SpanEvent,
  type SpanLink,
} from "../../model/span.ts";
import { hexOfBytes, hexOfWords } from "../store/hex.ts";
import { indexInChunk, STATE_RUNNING, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { readAttributesOf, textOf } from "./attribute-values.ts";
import { locationsOf, withFrames } from "./locations.ts";
import { attributesOfRow } from "./span-attributes.ts";
import { StackCache } from "./stack-cache.ts";

/** All that is known of one span; undefined where the row has left or never was. */
export function readSpan(store: SpanStore, row: SpanRow, stacks = new StackCache()): Span | undefined {
  const chunk = store.chunkOf(row);
  const i = indexInChunk(row);
  const origin = chunk && store.originAt(chunk, i);
  if (chunk === undefined || origin === undefined) return undefined;
  const start = nanosOf(chunk.startHigh[i], chunk.startLow[i]);
  const attributes = attributesOfRow(store, chunk, i);
  const rest = readRest(store, chunk, i, start);
  const span = {
    name: store.nameAt(chunk, i),
    service: origin.service,
    kind: SPAN_KINDS[chunk.kind[i] ?? 0] ?? "unspecified",
    attributes,
    events: rest.events,
    resource: readAttributesOf(origin.resource, 0, origin.resource.length, 0x0a),
    session: origin.session as SessionId | undefined,
  };
  const { session: _, ...shown } = span;
  const isRoot = chunk.parentHigh[i] === 0 && chunk.parentLow[i] === 0;
  return {
    row,
    traceId: store.traces.idOf(chunk.trace[i] ?? 0),
    spanId: hexOfWords(chunk.idHigh[i], chunk.idLow[i]) as SpanId,
    parentSpanId: isRoot ? undefined : (hexOfWords(chunk.parentHigh[i], chunk.parentLow[i]) as SpanId),
    run: origin.run,
    ...shown,
    scope: readScope(origin.scope),
    status: SPAN_STATUSES[chunk.status[i] ?? 0] ?? "unset",
    state: SPAN_STATES[chunk.state[i] ?? 0] ?? "ended",
    startTimeUnixNano: start.toString(),
    durationNs:
      chunk.state[i] === STATE_RUNNING
        ? undefined
        : Number(nanosOf(chunk.endHigh[i], chunk.endLow[i]) - start),
    ...rest,
    events: rest.events.map((event) => withFrames(event, span, stacks)),
    locations: locationsOf(span, stacks),
  };
}

/** The events of a row. */
export function eventsOfRow(store: SpanStore, chunk: SpanChunk, index: number): readonly SpanEvent[] {
  return readRest(store, chunk, index, nanosOf(chunk.startHigh[index], chunk.startLow[index])).events;
}

type Rest = Pick<
  Span,
  "statusMessage" | "events" | "links" | "droppedAttributesCount" | "droppedEventsCount" | "droppedLinksCount"
>;

function readRest(store: SpanStore, chunk: SpanChunk, index: number, start: bigint): Rest {
  const parts = store.recordAt(chunk, index);
  const events: SpanEvent[] = [];
  const links: SpanLink[] = [];
  let statusMessage = "";
  let droppedAttributesCount = 0;
  let droppedEventsCount = 0;
  let droppedLinksCount = 0;
  const reader = new WireReader();
  reader.reset(parts.bytes, parts.attributesEnd, parts.end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if ((tag & 7) !== 2) {
      if (!reader.skip(tag)) break;
      if (tag === 0x50) droppedAttributesCount = reader.low;
      else if (tag === 0x60) droppedEventsCount = reader.low;
      else if (tag === 0x70) droppedLinksCount = reader.low;
      continue;
    }
    const end = reader.enter();
    if (end === MALFORMED) break;
    if (tag === 0x5a) events.push(readEvent(parts.bytes, reader.position, end, start));
    else if (tag === 0x6a) links.push(readLink(parts.bytes, reader.position, end));
    else if (tag === 0x7a) statusMessage = readTextField(parts.bytes, reader.position, end, 0x12);
    reader.position = end;
  }
  return { statusMessage, events, links, droppedAttributesCount, droppedEventsCount, droppedLinksCount };
}

function readEvent(bytes: Uint8Array, start: number, end: number, spanStart: bigint): SpanEvent {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  let time = 0n;
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (!reader.skip(tag)) break;
    if (tag !== 0x09) continue;
    reader.position -= 8;
    reader.fixed64();
    time = nanosOf(reader.high, reader.low);
  }
  return {
    name: readTextField(bytes, start, end, 0x12),
    offsetNs: Number(time - spanStart),
    attributes: readAttributesOf(bytes, start, end, 0x1a),
  };
}

function readLink(bytes: Uint8Array, start: number, end: number): SpanLink {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  let traceId = "";
  let spanId = "";
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (tag !== 0x0a && tag !== 0x12) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) break;
    const hex = hexOfBytes(bytes, reader.position, inner);
    if (tag === 0x0a) traceId = hex;
    else spanId = hex;
    reader.position = inner;
  }
  return {
    traceId: traceId as TraceId,
    spanId: spanId as SpanId,
    attributes: readAttributesOf(bytes, start, end, 0x22),
  };
}

function readScope(scope: Uint8Array): Span["scope"] {
  return {
    name: readTextField(scope, 0, scope.length, 0x0a),
    version: readTextField(scope, 0, scope.length, 0x12),
  };
}

/** The last string field of this tag, empty where there is none. */
function readTextField(bytes: Uint8Array, start: number, end: number, wanted: number): string {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  let text = "";
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (tag !== wanted) {
      if (!reader.skip(tag)) break;
      continue;
    }
    const inner = reader.enter();
    if (inner === MALFORMED) break;
    text = textOf(bytes, reader.position, inner);
    reader.position = inner;
  }
  return text;
}

function nanosOf(high = 0, low = 0): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
