import { isUtf8 } from "node:buffer";
import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { BROKEN, CLOSED, JsonScanner, NO_BYTE, NULL_N, OPEN_BRACE, OPEN_BRACKET } from "./json-scanner.ts";

/** What was found in a request whose contents are not kept. */
export interface SignalEnvelope {
  /** Metrics or log records. */
  readonly itemCount: number;
  readonly malformed: boolean;
  /** What was wrong, for the reply; empty where nothing was. */
  readonly message: string;
}

/** Metrics and logs requests nest alike: resource, scope, item. Only JSON's names differ. */
export type EnvelopeSignal = "metrics" | "logs";

/**
 * Checks that a body is an OTLP `ExportMetricsServiceRequest` or `ExportLogsServiceRequest` down to its items, and
 * that these are well-formed messages; what is in them is not looked at. Never throws.
 */
export function checkSignalProtobuf(body: Uint8Array, signal: EnvelopeSignal): SignalEnvelope {
  const reader = new WireReader();
  reader.reset(body, 0, body.length);
  const itemCount = countItems(reader, PATH_TO_ITEMS);
  return itemCount === MALFORMED
    ? malformed(`The body is not a protobuf message of ${signal}.`)
    : { itemCount, malformed: false, message: "" };
}

/** The same for OTLP/JSON. */
export function checkSignalJson(body: Uint8Array, signal: EnvelopeSignal): SignalEnvelope {
  const json = new JsonScanner(body);
  const itemCount = isUtf8(body) ? countJsonItems(json, JSON_PATHS[signal]) : MALFORMED;
  return itemCount === MALFORMED || json.peek() !== NO_BYTE
    ? malformed(`The body is not a JSON request of ${signal}.`)
    : { itemCount, malformed: false, message: "" };
}

/** Tags of length-delimited fields: resources are field 1 of the request, scopes field 2 of these, items field 2 again. */
const PATH_TO_ITEMS = [0x0a, 0x12, 0x12] as const;

const JSON_PATHS: Readonly<Record<EnvelopeSignal, readonly string[]>> = {
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
};

/** Walks one message to its end; as deep as the path is long, whatever the input says. */
function countItems(reader: WireReader, path: readonly number[]): number {
  const [nested, ...further] = path;
  let count = 0;
  for (;;) {
    const tag = reader.next();
    if (tag === END) return nested === undefined ? 1 : count;
    if (tag === MALFORMED) return MALFORMED;
    if (tag !== nested) {
      if (!reader.skip(tag)) return MALFORMED;
      continue;
    }
    const end = reader.enter();
    if (end === MALFORMED) return MALFORMED;
    const outer = reader.limit;
    reader.limit = end;
    const inside = countItems(reader, further);
    if (inside === MALFORMED) return MALFORMED;
    reader.limit = outer;
    count += inside;
  }
}

/** Walks the value here, which has to be an object unless it is an item itself. */
function countJsonItems(json: JsonScanner, path: readonly string[]): number {
  const [name, ...further] = path;
  if (name === undefined) return json.skipValue() ? 1 : MALFORMED;
  if (json.peek() !== OPEN_BRACE) return MALFORMED;
  let count = 0;
  for (let step = json.openObject(); step !== CLOSED; step = json.nextMember()) {
    if (step === BROKEN) return MALFORMED;
    if (!isText(json, name) || json.peek() === NULL_N) {
      if (!json.skipValue()) return MALFORMED;
      continue;
    }
    const inside = countJsonList(json, further);
    if (inside === MALFORMED) return MALFORMED;
    count += inside;
  }
  return count;
}

function countJsonList(json: JsonScanner, path: readonly string[]): number {
  if (json.peek() !== OPEN_BRACKET) return MALFORMED;
  let count = 0;
  for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
    const inside = step === BROKEN ? MALFORMED : countJsonItems(json, path);
    if (inside === MALFORMED) return MALFORMED;
    count += inside;
  }
  return count;
}

/** Whether the text that was just read is this one, which has ASCII only. */
function isText({ text, textStart, textEnd }: JsonScanner, wanted: string): boolean {
  if (textEnd - textStart !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (text[textStart + i] !== wanted.charCodeAt(i)) return false;
  return true;
}

function malformed(message: string): SignalEnvelope {
  return { itemCount: 0, malformed: true, message };
}
