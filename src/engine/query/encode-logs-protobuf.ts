import type { WireWriter } from "../../base/wire-writer.ts";
import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import {
  BODY_IN_RECORD,
  ID_WORDS,
  indexInLogChunk,
  isRemoved,
  lastRowOfLogChunk,
  LABEL_IN_RECORD,
  TIME_IS_OBSERVED,
  TRACE_WORDS,
  type LogChunk,
} from "../store/log-chunk.ts";
import type { LogStore } from "../store/log-store.ts";
import type { SpanOrigin } from "../store/origin-table.ts";
import { encodeEnvelope } from "./encode-envelope.ts";

/**
 * All log records as one OTLP `ExportLogsServiceRequest` (the same bytes as `LogsData`), with everything that was
 * received.
 */
export function encodeLogsProtobuf(store: LogStore): {
  readonly protobuf: Uint8Array<ArrayBuffer>;
  readonly recordCount: number;
} {
  const protobuf = encodeEnvelope(groupLogs(store), (writer, { rows }) => {
    for (const row of rows) {
      const mark = writer.begin(0x12);
      writeLogFields(writer, store, row);
      writer.end(mark);
    }
  });
  return { protobuf, recordCount: store.count };
}

interface ResourceLogs {
  readonly origin: SpanOrigin;
  readonly scopes: { readonly origin: SpanOrigin; readonly rows: readonly number[] }[];
}

/** All rows by resource and scope, in order of arrival. */
export function groupLogs(store: LogStore): ResourceLogs[] {
  const rowsOfOrigin = new Map<number, number[]>();
  for (let row = store.firstRow; row < store.endRow; row++) {
    const chunk = store.chunkOf(row);
    const i = indexInLogChunk(row);
    if (chunk === undefined) row = lastRowOfLogChunk(row);
    if (chunk === undefined || isRemoved(chunk, i)) continue;
    const origin = chunk.origin[i] ?? 0;
    const rows = rowsOfOrigin.get(origin);
    if (rows === undefined) rowsOfOrigin.set(origin, [row]);
    else rows.push(row);
  }
  const groups = new Map<string, ResourceLogs>();
  for (const [number, rows] of rowsOfOrigin) {
    const origin = store.origins.get(number);
    if (origin === undefined) continue;
    const key = `${origin.resourceSchemaUrl}\n${Buffer.from(origin.resource).toString("latin1")}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { origin, scopes: [{ origin, rows }] });
    else group.scopes.push({ origin, rows });
  }
  return [...groups.values()];
}

/** Writes the fields of the LogRecord message. */
export function writeLogFields(writer: WireWriter, store: LogStore, row: number): void {
  const chunk = store.chunkOf(row);
  if (chunk === undefined) return;
  const i = indexInLogChunk(row);
  const { bytes, attributesStart, attributesEnd, end } = store.recordAt(chunk, i);
  if (((chunk.marks[i] ?? 0) & TIME_IS_OBSERVED) === 0) {
    writer.varint(0x09);
    writer.fixed64(chunk.timeLow[i] ?? 0, chunk.timeHigh[i] ?? 0);
  }
  const severity = chunk.severity[i] ?? 0;
  if (severity !== 0) {
    writer.varint(0x10);
    writer.byte(severity);
  }
  writeLabel(writer, 0x1a, store, chunk.severityText[i]);
  writeLabel(writer, 0x62, store, chunk.eventName[i]);
  const body = chunk.body[i] ?? BODY_IN_RECORD;
  if (body !== BODY_IN_RECORD) {
    const { interner } = store.bodies;
    writer.bytesField(0x2a, interner.bytes, interner.startOf(body), interner.endOf(body));
  }
  const cursor = new AttributeCursor(store.attributes);
  cursor.reset(bytes, attributesStart, attributesEnd);
  while (cursor.next()) writeAttribute(writer, store, cursor);
  writeIds(writer, chunk, i);
  writer.raw(bytes, attributesEnd, end);
}

function writeAttribute(writer: WireWriter, store: LogStore, cursor: AttributeCursor): void {
  const { bytes, start, end, key } = cursor;
  if (key === NOT_INTERNED) {
    writer.bytesField(0x32, bytes, start, end);
    return;
  }
  const { keys } = store.attributes;
  const mark = writer.begin(0x32);
  writer.bytesField(0x0a, keys.bytes, keys.startOf(key), keys.endOf(key));
  writer.bytesField(0x12, bytes, start, end);
  writer.end(mark);
}

function writeIds(writer: WireWriter, chunk: LogChunk, i: number): void {
  const at = i * ID_WORDS;
  writeWords(writer, 0x4a, chunk.ids.subarray(at, at + TRACE_WORDS));
  writeWords(writer, 0x52, chunk.ids.subarray(at + TRACE_WORDS, at + ID_WORDS));
}

/** An id, unless it is zero: then there was none. */
function writeWords(writer: WireWriter, tag: number, words: Int32Array): void {
  if (words.every((word) => word === 0)) return;
  writer.varint(tag);
  writer.byte(words.length * 4);
  for (const word of words) for (let shift = 24; shift >= 0; shift -= 8) writer.byte((word >>> shift) & 0xff);
}

function writeLabel(writer: WireWriter, tag: number, { labels }: LogStore, label = LABEL_IN_RECORD): void {
  if (label === LABEL_IN_RECORD || labels.endOf(label) === labels.startOf(label)) return;
  writer.bytesField(tag, labels.bytes, labels.startOf(label), labels.endOf(label));
}
