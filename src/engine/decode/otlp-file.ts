import type { DecodeIssues, SpanBatch } from "../../model/span-batch.ts";
import { decodeTracesJson } from "./otlp-json.ts";
import { decodeTracesProtobuf } from "./otlp-protobuf.ts";

/**
 * Decodes a file of traces: OTLP JSON (one object, or one object a line, as the Collector's file exporter writes) or
 * OTLP protobuf (one `TracesData` or request, which are the same bytes). `take` gets the batch once for each request
 * in the file that holds spans, and is done with it when it returns. Never throws; a bad line costs that line.
 */
export function decodeTracesFile(
  bytes: Uint8Array,
  into: SpanBatch,
  take: (batch: SpanBatch) => void,
): DecodeIssues {
  if (!looksLikeJson(bytes)) {
    const issues = decodeTracesProtobuf(bytes, into);
    take(into);
    return issues;
  }
  const whole = decodeTracesJson(bytes, into);
  if (whole.malformed && bytes[0] === NEWLINE) {
    const issues = decodeTracesProtobuf(bytes, into);
    if (!issues.malformed) {
      take(into);
      return issues;
    }
  }
  if (!whole.malformed || !bytes.includes(NEWLINE)) {
    take(into);
    return whole;
  }
  const lines = decodeLines(bytes, into, take);
  if (lines !== undefined) return lines;
  // One object that is broken somewhere: what stands before that was read, and overwritten by the lines.
  const issues = decodeTracesJson(bytes, into);
  take(into);
  return issues;
}

const NEWLINE = 0x0a;

/** JSON begins with a brace after white space and perhaps a byte order mark. A protobuf request may look the same: its tag 0x0a is a newline, and a length of 123 a brace. */
function looksLikeJson(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
      return byte === OPEN_BRACE || byte === OPEN_BRACKET;
  }
  return false;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** Undefined where no line is an object of JSON, nor holds a span. */
function decodeLines(
  bytes: Uint8Array,
  into: SpanBatch,
  take: (batch: SpanBatch) => void,
): DecodeIssues | undefined {
  let rejectedCount = 0;
  let message = "";
  let goodLines = 0;
  let badLines = 0;
  let lineNumber = 0;
  let spanCount = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    lineNumber++;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (isBlank(line)) continue;
    const issues = decodeTracesJson(line, into);
    rejectedCount += issues.rejectedCount;
    if (issues.malformed) badLines++;
    else goodLines++;
    if (message === "" && issues.message !== "") message = `line ${lineNumber}: ${issues.message}`;
    spanCount += into.count;
    if (into.count > 0) take(into);
  }
  if (goodLines === 0 && spanCount === 0) return undefined;
  return { rejectedCount, message, malformed: badLines > 0 && goodLines === 0 };
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
