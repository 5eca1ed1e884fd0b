import type { WireWriter } from "../../base/wire-writer.ts";
import type { TraceId } from "../../model/ids.ts";
import { AttributeCursor } from "../store/attribute-dictionary.ts";
import { NOT_INTERNED } from "../store/byte-interner.ts";
import { chunkIndexOf, indexInChunk, NAME_IN_RECORD, type SpanChunk } from "../store/span-chunk.ts";
import type { SpanOrigin } from "../store/origin-table.ts";
import type { SpanStore } from "../store/span-store.ts";
import { NO_SLOT } from "../store/trace-table.ts";
import { encodeEnvelope } from "./encode-envelope.ts";
import { ROWS_PER_YIELD, runAtOnce, type Sliced } from "./slices.ts";

/**
 * Traces as one OTLP `ExportTraceServiceRequest` (the same bytes as `TracesData`), with everything that was received.
 * All traces where none are named; ids that are not held are left out.
 */
export function encodeTracesProtobuf(
  store: SpanStore,
  traceIds?: readonly TraceId[],
): { readonly protobuf: Uint8Array<ArrayBuffer>; readonly spanCount: number } {
  let spanCount = 0;
  const protobuf = encodeEnvelope(groupRows(store, traceIds), (writer, { rows }) => {
    for (const row of rows) {
      const chunk = store.chunkOf(row);
      if (chunk === undefined) continue;
      writeSpan(writer, store, chunk, indexInChunk(row));
      spanCount++;
    }
  });
  return { protobuf, spanCount };
}

interface ResourceRows {
  readonly origin: SpanOrigin;
  readonly scopes: readonly { readonly origin: SpanOrigin; readonly rows: readonly number[] }[];
}

/** {@link groupRowsSliced} in one piece. */
export function groupRows(store: SpanStore, traceIds: readonly TraceId[] | undefined): ResourceRows[] {
  return runAtOnce(groupRowsSliced(store, traceIds));
}

/** The rows of these traces, or of all, by resource and scope, in order of arrival. */
export function* groupRowsSliced(
  store: SpanStore,
  traceIds: readonly TraceId[] | undefined,
): Sliced<ResourceRows[]> {
  // By the origin itself: its number may be another one's after a yield.
  const rowsOfOrigin = new Map<SpanOrigin, number[]>();
  let taken = 0;
  for (const slot of slotsOf(store, traceIds)) {
    for (const row of store.rowsOf(slot)) {
      const origin = store.origins.get(store.chunks[chunkIndexOf(row)]?.origin[indexInChunk(row)] ?? 0);
      if (origin === undefined) continue;
      const rows = rowsOfOrigin.get(origin);
      if (rows === undefined) rowsOfOrigin.set(origin, [row]);
      else rows.push(row);
      if (++taken % ROWS_PER_YIELD === 0) yield;
    }
  }
  const groups = new Map<string, { origin: SpanOrigin; scopes: { origin: SpanOrigin; rows: number[] }[] }>();
  for (const [origin, rows] of rowsOfOrigin) {
    const key = `${origin.resourceSchemaUrl}\n${Buffer.from(origin.resource).toString("latin1")}`;
    const group = groups.get(key) ?? { origin, scopes: [] };
    group.scopes.push({ origin, rows });
    groups.set(key, group);
  }
  return [...groups.values()];
}

function slotsOf(store: SpanStore, traceIds: readonly TraceId[] | undefined): number[] {
  const { traces } = store;
  if (traceIds !== undefined) {
    return [...new Set(traceIds)].map((id) => traces.slotOf(id)).filter((slot) => slot !== NO_SLOT);
  }
  const slots: number[] = [];
  for (let slot = 0; slot < traces.slotCount; slot++) if (traces.version[slot] !== 0) slots.push(slot);
  return slots;
}

/** Writes the span in this row as a field of its ScopeSpans; without its end, as one that runs, where that is asked. */
export function writeSpan(
  writer: WireWriter,
  store: SpanStore,
  chunk: SpanChunk,
  i: number,
  withEnd = true,
): void {
  const mark = writer.begin(0x12);
  writeSpanFields(writer, store, chunk, i, withEnd);
  writer.end(mark);
}

/** Writes the fields of the Span message. */
export function writeSpanFields(
  writer: WireWriter,
  store: SpanStore,
  chunk: SpanChunk,
  i: number,
  withEnd = true,
): void {
  const slot = chunk.trace[i] ?? 0;
  writer.varint(0x0a);
  writer.byte(16);
  for (let word = 0; word < 4; word++) writeBigEndian(writer, store.traces.word(slot, word));
  writeId(writer, 0x12, chunk.idHigh[i], chunk.idLow[i]);
  if (chunk.parentHigh[i] !== 0 || chunk.parentLow[i] !== 0) {
    writeId(writer, 0x22, chunk.parentHigh[i], chunk.parentLow[i]);
  }
  const name = chunk.name[i] ?? NAME_IN_RECORD;
  const { names } = store;
  if (name !== NAME_IN_RECORD && names.endOf(name) > names.startOf(name)) {
    writer.bytesField(0x2a, names.bytes, names.startOf(name), names.endOf(name));
  }
  writeNumber(writer, 0x30, chunk.kind[i] ?? 0);
  writeTime(writer, 0x39, chunk.startHigh[i], chunk.startLow[i]);
  if (withEnd) writeTime(writer, 0x41, chunk.endHigh[i], chunk.endLow[i]);
  const parts = store.recordAt(chunk, i);
  const cursor = new AttributeCursor(store.attributes);
  cursor.reset(parts.bytes, parts.attributesStart, parts.attributesEnd);
  while (cursor.next()) writeAttribute(writer, store, cursor);
  const status = chunk.status[i] ?? 0;
  if (status !== 0) {
    const mark = writer.begin(0x7a);
    writeNumber(writer, 0x18, status);
    writer.end(mark);
  }
  // A status with a message is among these: it comes later, and protobuf joins the two.
  writer.raw(parts.bytes, parts.attributesEnd, parts.end);
}

function writeAttribute(writer: WireWriter, store: SpanStore, cursor: AttributeCursor): void {
  const { bytes, start, end, key } = cursor;
  if (key === NOT_INTERNED) {
    writer.bytesField(0x4a, bytes, start, end);
    return;
  }
  const { keys } = store.attributes;
  const mark = writer.begin(0x4a);
  writer.bytesField(0x0a, keys.bytes, keys.startOf(key), keys.endOf(key));
  writer.bytesField(0x12, bytes, start, end);
  writer.end(mark);
}

function writeId(writer: WireWriter, tag: number, high = 0, low = 0): void {
  writer.varint(tag);
  writer.byte(8);
  writeBigEndian(writer, high);
  writeBigEndian(writer, low);
}

function writeBigEndian(writer: WireWriter, word: number): void {
  writer.byte(word >>> 24);
  writer.byte((word >>> 16) & 0xff);
  writer.byte((word >>> 8) & 0xff);
  writer.byte(word & 0xff);
}

function writeTime(writer: WireWriter, tag: number, high = 0, low = 0): void {
  if (high === 0 && low === 0) return;
  writer.varint(tag);
  writer.fixed64(low, high);
}

function writeNumber(writer: WireWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.varint(tag);
  writer.varint(value);
}
