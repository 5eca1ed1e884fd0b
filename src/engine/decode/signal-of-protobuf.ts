import { END, WireReader } from "../../base/wire-reader.ts";

export type OtlpSignal = "traces" | "metrics" | "logs";

/**
 * Which signal the bytes of an OTLP request are of. The three look the same down to the span, metric or log record:
 * the first of these that has a telling field decides. Traces where there is none. Never throws.
 */
export function signalOfProtobuf(bytes: Uint8Array): OtlpSignal {
  return signalIn(bytes, 0, bytes.length, PATH) ?? "traces";
}

/** `resource_spans`, `scope_spans` and `spans`, and what stands in their place in the other signals. */
const PATH: readonly number[] = [0x0a, 0x12, 0x12];

function signalIn(
  bytes: Uint8Array,
  start: number,
  end: number,
  [wanted, ...inner]: readonly number[],
): OtlpSignal | undefined {
  if (wanted === undefined) return signalOfItem(bytes, start, end);
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (tag !== wanted) {
      if (!reader.skip(tag)) return undefined;
      continue;
    }
    const innerEnd = reader.enter();
    if (innerEnd < 0) return undefined;
    const found = signalIn(bytes, reader.position, innerEnd, inner);
    if (found !== undefined) return found;
    reader.position = innerEnd;
  }
  return undefined;
}

/** Fields that only a log record has: time, observed time, severity, attributes and flags by their numbers and wire types. */
const LOG_TAGS: ReadonlySet<number> = new Set([0x09, 0x59, 0x10, 0x32, 0x45]);
/** Fields that only a span has: start, end, kind and parent. */
const SPAN_TAGS: ReadonlySet<number> = new Set([0x39, 0x41, 0x30, 0x22]);
/** Fields that only a metric has: its data points, of whatever kind. A span has its name and attributes under two of these numbers. */
const METRIC_TAGS: ReadonlySet<number> = new Set([0x3a, 0x52]);
/** A span's two ids; a metric has its name and its description there. */
const FIRST_TAG = 0x0a;
const TRACE_ID_BYTES = 16;
const SECOND_TAG = 0x12;
const SPAN_ID_BYTES = 8;

function signalOfItem(bytes: Uint8Array, start: number, end: number): OtlpSignal | undefined {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  let nameBytes: number | undefined;
  let spanIdBytes = 0;
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if (LOG_TAGS.has(tag)) return "logs";
    if (SPAN_TAGS.has(tag)) return "traces";
    if (METRIC_TAGS.has(tag)) return "metrics";
    const at = reader.position;
    if (!reader.skip(tag)) break;
    // The length itself takes one byte of these.
    if (tag === FIRST_TAG) nameBytes = reader.position - at - 1;
    else if (tag === SECOND_TAG) spanIdBytes = reader.position - at - 1;
  }
  if (nameBytes === undefined) return undefined;
  return nameBytes === TRACE_ID_BYTES && spanIdBytes === SPAN_ID_BYTES ? "traces" : "metrics";
}
