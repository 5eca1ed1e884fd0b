import { END, WIRE_BYTES, WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { SpanBatch } from "../../model/span-batch.ts";
import type { AttributeDictionary } from "./attribute-dictionary.ts";

/**
 * Writes what of a span is not in columns, its record: the length of the attributes, the attributes as
 * {@link AttributeDictionary} writes them, then the remaining fields of the Span message exactly as they came
 * (trace state, flags, events, links, dropped counts, a status with a message). Fields that OTLP does not know are left out.
 * The result is valid until the next call.
 */
export function writeSpanRecord(
  batch: SpanBatch,
  index: number,
  dictionary: AttributeDictionary,
  keepName: boolean,
): WireWriter {
  const bytes = batch.body;
  record.clear();
  rest.clear();
  const attributes = record.begin();
  reader.reset(bytes, batch.spanStart[index] ?? 0, batch.spanEnd[index] ?? 0);
  for (;;) {
    const at = reader.position;
    const tag = reader.next();
    if (tag <= END) break;
    if (tag === ATTRIBUTE) {
      const end = reader.enter();
      dictionary.write(record, bytes, reader.position, end);
      reader.position = end;
      continue;
    }
    if (!reader.skip(tag)) break;
    const size = reader.position - at;
    if (isKept(tag, size, keepName)) rest.raw(bytes, at, reader.position);
  }
  reader.reset(NOTHING, 0, 0);
  record.end(attributes);
  record.append(rest);
  return record;
}

const reader = new WireReader();
const rest = new WireWriter();
const record = new WireWriter();
const NOTHING = new Uint8Array(0);

const ATTRIBUTE = 0x4a;
const STATUS = 0x7a;
const NAME = 0x2a;

function isKept(tag: number, size: number, keepName: boolean): boolean {
  switch (tag) {
    case 0x1a: // trace_state
    case 0x50: // dropped_attributes_count
    case 0x5a: // events
    case 0x60: // dropped_events_count
    case 0x6a: // links
    case 0x70: // dropped_links_count
    case 0x85: // flags
      return true;
    case STATUS:
      // Without a message it is its code, which has a column.
      return size > 4;
    case NAME:
      return keepName;
    default:
      return false;
  }
}

/** Where the two parts of a record lie. */
export interface RecordParts {
  readonly bytes: Uint8Array;
  readonly attributesStart: number;
  readonly attributesEnd: number;
  /** From here to `end`: fields of the Span message. */
  readonly end: number;
}

/** Finds the parts of a record that lies between `start` and `end`. */
export function partsOfRecord(bytes: Uint8Array, start: number, end: number): RecordParts {
  let length = 0;
  let at = start;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return { bytes, attributesStart: at, attributesEnd: at + (length >>> 0), end };
}

/** The span's name in a record that keeps it; see NAME_IN_RECORD. */
export function nameInRecord(parts: RecordParts): string {
  const fields = new WireReader();
  fields.reset(parts.bytes, parts.attributesEnd, parts.end);
  let name = "";
  for (let tag = fields.next(); tag > END; tag = fields.next()) {
    if (tag === NAME && (tag & 7) === WIRE_BYTES) {
      const end = fields.enter();
      name = utf8.decode(parts.bytes.subarray(fields.position, end));
      fields.position = end;
    } else if (!fields.skip(tag)) break;
  }
  return name;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
