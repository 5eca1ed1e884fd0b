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
  const { body, attributes, fieldsStart, fieldsEnd } = batch;
  record.clear();
  const mark = record.begin(0, LENGTH_BYTES);
  const attributesEnd = batch.attributesEnd[index] ?? 0;
  for (let i = index === 0 ? 0 : (batch.attributesEnd[index - 1] ?? 0); i < attributesEnd; i++) {
    const code = attributes[i] ?? 0;
    if (code >= 0) {
      dictionary.writeNumber(record, code);
      continue;
    }
    reader.reset(body, ~code, body.length);
    const end = reader.enter();
    dictionary.write(record, body, reader.position, end);
  }
  record.end(mark, LENGTH_BYTES);
  if (keepName) record.bytesField(NAME, body, batch.nameStart[index], batch.nameEnd[index]);
  const runsEnd = batch.runsEnd[index] ?? 0;
  for (let i = index === 0 ? 0 : (batch.runsEnd[index - 1] ?? 0); i < runsEnd; i++)
    record.raw(body, fieldsStart[i], fieldsEnd[i]);
  return record;
}

/** Kept free for the length of the attributes: enough for almost all, so that they need not be moved. */
const LENGTH_BYTES = 2;

const reader = new WireReader();
const record = new WireWriter();

const NAME = 0x2a;

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
