import { signalOfProtobuf, type OtlpSignal } from "./signal-of-protobuf.ts";

/** One request of a file of OTLP. */
export interface FileRequest {
  readonly body: Uint8Array;
  readonly encoding: "json" | "protobuf";
  /** What it may hold; a JSON object may hold all three. */
  readonly signals: readonly OtlpSignal[];
  /** Where it stands in a file of one object a line, from 1; undefined where the file is one request. */
  readonly line: number | undefined;
}

/**
 * The requests in a file: OTLP JSON (one object, or one object a line, as the Collector's file exporter writes) or OTLP
 * protobuf (one request, `TracesData`, `MetricsData` or `LogsData`, which are the same bytes). What is neither is taken
 * for one request, which its decoder refuses. Never throws.
 *
 * @param encoding leaves nothing to guess
 */
export function* requestsInFile(
  bytes: Uint8Array,
  encoding?: FileRequest["encoding"],
): Generator<FileRequest> {
  const found = encoding ?? encodingOf(bytes);
  if (found === "protobuf")
    yield { body: bytes, encoding: found, signals: [signalOfProtobuf(bytes)], line: undefined };
  else if (isOneObjectALine(bytes)) yield* linesOf(bytes);
  else yield { body: bytes, encoding: found, signals: signalsOfJson(bytes), line: undefined };
}

const NEWLINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;

/** Lines are looked at until one is an object; more than two broken ones before it make it no file of lines. */
const TRIED_LINES = 3;

/** A string may have half a gigabyte at most, and no text that begins like protobuf is near this. */
const MAX_TRIED_BYTES = 64 * 1024 * 1024;

/** Some ten milliseconds of parsing. Nobody breaks an object over lines and leaves one so long. */
const MAX_PARSED_LINE_BYTES = 1024 * 1024;

/** JSON begins with a brace after white space and perhaps a byte order mark. A protobuf request may look the same: its tag 0x0a is a newline, and a length of 123 a brace. */
function encodingOf(bytes: Uint8Array): FileRequest["encoding"] {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (isSpace(bytes[at])) at++;
  if (bytes[at] !== OPEN_BRACE && bytes[at] !== OPEN_BRACKET) return "protobuf";
  return bytes[0] !== NEWLINE || isOneObjectALine(bytes) || isObject(bytes) ? "json" : "protobuf";
}

function isOneObjectALine(bytes: Uint8Array): boolean {
  let tried = 0;
  for (const { line } of lines(bytes)) {
    if (line.length === bytes.length || tried++ === TRIED_LINES) return false;
    if (isObjectOfLine(line) && signalsIn(line).length > 0) return true;
  }
  return false;
}

function* linesOf(bytes: Uint8Array): Generator<FileRequest> {
  for (const { line, number } of lines(bytes))
    yield { body: line, encoding: "json", signals: signalsOfJson(line), line: number };
}

/** The lines that are not blank. */
function* lines(bytes: Uint8Array): Generator<{ readonly line: Uint8Array; readonly number: number }> {
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    number++;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (!line.every(isSpace)) yield { line, number };
  }
}

/** Of a line too long to be parsed in one go its ends tell. */
function isObjectOfLine(line: Uint8Array): boolean {
  if (line.length <= MAX_PARSED_LINE_BYTES) return isObject(line);
  const last = line.findLastIndex((byte) => !isSpace(byte));
  return line.find((byte) => !isSpace(byte)) === OPEN_BRACE && line[last] === CLOSE_BRACE;
}

function isObject(text: Uint8Array): boolean {
  if (text.length > MAX_TRIED_BYTES) return false;
  try {
    const value: unknown = JSON.parse(utf8.decode(text));
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}

/** A text that names none is given to the decoder of traces, which says what is wrong with it. */
function signalsOfJson(text: Uint8Array): readonly OtlpSignal[] {
  const signals = signalsIn(text);
  return signals.length === 0 ? ["traces"] : signals;
}

function signalsIn(text: Uint8Array): readonly OtlpSignal[] {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return SIGNAL_KEYS.filter(([, keys]) => keys.some((key) => bytes.includes(key))).map(([signal]) => signal);
}

/** Protobuf's JSON takes both forms of a field's name. */
const SIGNAL_KEYS: readonly (readonly [OtlpSignal, readonly string[]])[] = [
  ["traces", ['"resourceSpans"', '"resource_spans"']],
  ["metrics", ['"resourceMetrics"', '"resource_metrics"']],
  ["logs", ['"resourceLogs"', '"resource_logs"']],
];

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

const utf8 = new TextDecoder("utf-8");
