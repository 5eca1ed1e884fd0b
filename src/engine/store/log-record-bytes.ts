import { END, WireReader } from "../../base/wire-reader.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { LogBatch } from "../../model/log-batch.ts";
import type { AttributeDictionary } from "./attribute-dictionary.ts";

/** What of a log record its bytes have to hold, because no column does. */
export interface KeptFields {
  readonly body: boolean;
  readonly severityText: boolean;
  readonly eventName: boolean;
}

/**
 * Writes what of a log record is not in columns, in the form of a span's record (see partsOfRecord in span-record.ts): the
 * length of the attributes, the attributes as {@link AttributeDictionary} writes them, then the remaining fields of the
 * LogRecord message exactly as they came (observed time, flags, dropped count, a severity out of range, and what `kept`
 * names). Fields that OTLP does not know are left out. The result is valid until the next call.
 */
export function writeLogRecord(
  batch: LogBatch,
  index: number,
  dictionary: AttributeDictionary,
  kept: KeptFields,
): WireWriter {
  const bytes = batch.body;
  record.clear();
  rest.clear();
  const attributes = record.begin();
  // Of a field that comes more than once the last counts, and what is in range has a column.
  const isOutOfRange = batch.severity[index] === 0;
  reader.reset(bytes, batch.recordStart[index] ?? 0, batch.recordEnd[index] ?? 0);
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
    if (tag === SEVERITY_NUMBER ? isOutOfRange && isSevere(reader) : isKept(tag, kept))
      rest.raw(bytes, at, reader.position);
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

const ATTRIBUTE = 0x32;

const SEVERITY_NUMBER = 0x10;

/** Above what OTLP has names for. */
function isSevere({ low, high }: WireReader): boolean {
  return high !== 0 || low > 24;
}

function isKept(tag: number, kept: KeptFields): boolean {
  switch (tag) {
    case 0x38: // dropped_attributes_count
    case 0x45: // flags
    case 0x59: // observed_time_unix_nano
      return true;
    case 0x1a:
      return kept.severityText;
    case 0x2a:
      return kept.body;
    case 0x62:
      return kept.eventName;
    default:
      return false;
  }
}
