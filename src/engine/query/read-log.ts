import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import type { SessionId, SpanId, TraceId } from "../../model/ids.ts";
import type { LogRecord } from "../../model/log-record.ts";
import type { Attribute, AttributeValue } from "../../model/span.ts";
import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import { hexOfWords } from "../store/hex.ts";
import {
  BODY_IN_RECORD,
  ID_WORDS,
  indexInLogChunk,
  isRemoved,
  LABEL_IN_RECORD,
  type LogChunk,
} from "../store/log-chunk.ts";
import type { LogStore } from "../store/log-store.ts";
import { readAnyValue, readAttribute, readAttributesOf, textOf } from "./attribute-values.ts";
import { locationsOf, withFrames } from "./locations.ts";
import type { StackCache } from "./stack-cache.ts";

/** All that is known of one log record; undefined where the row has left or never was. */
export function readLog(store: LogStore, row: number, stacks: StackCache): LogRecord | undefined {
  const chunk = store.chunkOf(row);
  const i = indexInLogChunk(row);
  if (chunk === undefined || isRemoved(chunk, i)) return undefined;
  const origin = store.originAt(chunk, i);
  if (origin === undefined) return undefined;
  const rest = readRest(store, chunk, i);
  const attributes = attributesOfLog(store, chunk, i);
  const located: Parameters<typeof locationsOf>[0] = {
    name: "",
    kind: "unspecified",
    attributes,
    events: [],
    resource: readAttributesOf(origin.resource, 0, origin.resource.length, 0x0a),
    service: origin.service,
    session: origin.session as SessionId | undefined,
  };
  const { frames } = withFrames({ name: "exception", offsetNs: 0, attributes }, located, stacks);
  const body = chunk.body[i] ?? BODY_IN_RECORD;
  const { interner } = store.bodies;
  return {
    row,
    ...idsOf(chunk, i),
    run: origin.run,
    service: origin.service,
    scope: scopeNameOf(origin.scope),
    timeUnixNano: timeOf(chunk, i).toString(),
    severity: chunk.severity[i] ?? 0,
    severityText: labelOf(store, chunk.severityText[i]) ?? rest.severityText,
    eventName: labelOf(store, chunk.eventName[i]) ?? rest.eventName,
    body:
      body === BODY_IN_RECORD
        ? rest.body
        : readAnyValue(interner.bytes, interner.startOf(body), interner.endOf(body)),
    attributes,
    droppedAttributesCount: rest.droppedAttributesCount,
    locations: locationsOf(located, stacks),
    ...(frames !== undefined && { frames }),
  };
}

/** Nanoseconds since the epoch. */
export function timeOf(chunk: LogChunk, i: number): bigint {
  return (BigInt(chunk.timeHigh[i] ?? 0) << 32n) | BigInt(chunk.timeLow[i] ?? 0);
}

function idsOf(chunk: LogChunk, i: number): Pick<LogRecord, "traceId" | "spanId"> {
  const [a, b, c, d, high, low] = chunk.ids.subarray(i * ID_WORDS, (i + 1) * ID_WORDS);
  const trace = hexOfWords(a, b) + hexOfWords(c, d);
  const span = hexOfWords(high, low);
  return {
    traceId: /[^0]/.test(trace) ? (trace as TraceId) : undefined,
    spanId: /[^0]/.test(span) ? (span as SpanId) : undefined,
  };
}

function attributesOfLog(store: LogStore, chunk: LogChunk, i: number): Attribute[] {
  const attributes: Attribute[] = [];
  const cursor = new AttributeCursor(store.attributes);
  const { bytes, attributesStart, attributesEnd } = store.recordAt(chunk, i);
  cursor.reset(bytes, attributesStart, attributesEnd);
  while (cursor.next()) {
    attributes.push(
      cursor.key === NOT_INTERNED
        ? readAttribute(cursor.bytes, cursor.start, cursor.end)
        : {
            key: store.attributes.keys.textOf(cursor.key),
            value: readAnyValue(cursor.bytes, cursor.start, cursor.end),
          },
    );
  }
  return attributes;
}

/** The text of a label's number; undefined where the record holds it. */
function labelOf(store: LogStore, label = LABEL_IN_RECORD): string | undefined {
  return label === LABEL_IN_RECORD ? undefined : store.labels.textOf(label);
}

interface Rest {
  body: AttributeValue;
  severityText: string;
  eventName: string;
  droppedAttributesCount: number;
}

/** What of a record lies in no column. Of a field that is there twice the last one counts, as protobuf has it. */
function readRest(store: LogStore, chunk: LogChunk, i: number): Rest {
  const { bytes, attributesEnd, end } = store.recordAt(chunk, i);
  const rest: Rest = { body: { empty: true }, severityText: "", eventName: "", droppedAttributesCount: 0 };
  for (const { tag, start, end: fieldEnd, low } of readFields(bytes, attributesEnd, end)) {
    if (tag === 0x38) rest.droppedAttributesCount = low;
    else if (tag === 0x1a) rest.severityText = textOf(bytes, start, fieldEnd);
    else if (tag === 0x62) rest.eventName = textOf(bytes, start, fieldEnd);
    else if (tag === 0x2a) rest.body = readAnyValue(bytes, start, fieldEnd);
  }
  return rest;
}

/** A field of a message: its content's place where that has a length, else the lower half of its number. */
interface MessageField {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly low: number;
}

function* readFields(bytes: Uint8Array, from: number, to: number): Generator<MessageField> {
  const reader = new WireReader();
  reader.reset(bytes, from, to);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    const hasLength = (tag & 7) === 2;
    const contentEnd = hasLength ? reader.enter() : reader.position;
    if (contentEnd === MALFORMED) return;
    const start = reader.position;
    if (hasLength) reader.position = contentEnd;
    else if (!reader.skip(tag)) return;
    yield { tag, start, end: contentEnd, low: reader.low };
  }
}

function scopeNameOf(scope: Uint8Array): string {
  let name = "";
  for (const { tag, start, end } of readFields(scope, 0, scope.length)) {
    if (tag === 0x0a) name = textOf(scope, start, end);
  }
  return name;
}
