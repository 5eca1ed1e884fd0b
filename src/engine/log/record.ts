import { isSessionId, isTraceId, type RunNumber, type SessionId, type TraceId } from "../../model/ids.ts";
import { isPause, type Pause } from "../../model/pause.ts";
import type { Signal } from "../receive/endpoint.ts";
import type { AgentHello, Encoding, Origin } from "../receive/sink.ts";

/** One request as it was received, decompressed. Its body must not be changed before `append` has answered. */
export interface RequestRecord extends Origin {
  readonly kind: "request";
  readonly signal: Signal;
  readonly encoding: Encoding;
  readonly run: RunNumber;
  readonly receivedMs: number;
  readonly body: Uint8Array;
  /**
   * It holds all log records that one session and run had of one trace when it was written, and stands for what lies
   * before it of those.
   */
  readonly isCarried?: boolean;
}

/** What happened besides requests and is needed to build the run again. Times are milliseconds since the epoch. */
export type ControlRecord =
  | { readonly kind: "run-began"; readonly run: RunNumber; readonly name: string; readonly atMs: number }
  | {
      readonly kind: "session-opened";
      readonly sessionId: SessionId;
      readonly run: RunNumber;
      readonly name: string;
      readonly atMs: number;
    }
  | { readonly kind: "session-closed"; readonly sessionId: SessionId; readonly atMs: number }
  | {
      readonly kind: "agent-connected";
      readonly connection: number;
      readonly sessionId: SessionId | undefined;
      readonly hello: AgentHello;
      readonly atMs: number;
    }
  | { readonly kind: "agent-found-own-sdk"; readonly connection: number }
  | { readonly kind: "agent-gone"; readonly connection: number; readonly atMs: number }
  /** Without the pinned ones, what lies before it is removed from disk as well. */
  | { readonly kind: "cleared"; readonly keepPinned: boolean; readonly atMs: number }
  | { readonly kind: "pinned"; readonly traceId: TraceId; readonly pinned: boolean }
  /** Written when a pause begins, when more is known of it, and when it is over: the last word counts. */
  | { readonly kind: "paused"; readonly pause: Pause };

export type LogRecord = RequestRecord | ControlRecord;

const SIGNALS: readonly Signal[] = ["traces", "metrics", "logs"];
const ENCODINGS: readonly Encoding[] = ["protobuf", "json"];
const CHANNELS: readonly Origin["channel"][] = ["http", "grpc", "agent", "file", "debugger"];

const REQUEST = 1;
const CONTROL = 2;
/** Length of a record without these four bytes, then the kind. */
const RECORD_HEADER_BYTES = 5;
/** Of the byte of the encoding: {@link RequestRecord.isCarried}. Versions that do not know it leave the record out. */
const CARRIED = 0x80;
/** Signal, encoding, channel (a byte each), run, connection + 1 or 0 (32 bits each), receivedMs (float64), length of the session id (a byte). */
const REQUEST_HEADER_BYTES = 20;

const text = new TextEncoder();
const strictText = new TextDecoder("utf-8", { fatal: true });

/** A record's bytes in pieces; a request's body is not copied. docs/session-log.md describes them. */
export function encodeRecord(record: LogRecord): readonly Uint8Array[] {
  if (record.kind === "request") return encodeRequest(record);
  const json = text.encode(JSON.stringify(record));
  return [recordHeader(CONTROL, json.length, 0), json];
}

/**
 * The records of a frame's payload. A record of a kind that this version does not know, or that says something
 * impossible, is left out and counted; what is cut off ends the list.
 */
export function decodeRecords(payload: Uint8Array): {
  readonly records: LogRecord[];
  readonly unreadable: number;
} {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const records: LogRecord[] = [];
  let unreadable = 0;
  let at = 0;
  while (at < payload.length) {
    const end = at + 4 + (at + RECORD_HEADER_BYTES <= payload.length ? view.getUint32(at, true) : Infinity);
    if (end > payload.length || end < at + RECORD_HEADER_BYTES)
      return { records, unreadable: unreadable + 1 };
    const record = decodeRecord(payload[at + 4], payload.subarray(at + RECORD_HEADER_BYTES, end));
    if (record === undefined) unreadable++;
    else records.push(record);
    at = end;
  }
  return { records, unreadable };
}

function decodeRecord(kind: number | undefined, content: Uint8Array): LogRecord | undefined {
  if (kind === REQUEST) return decodeRequest(content);
  return kind === CONTROL ? decodeControl(content) : undefined;
}

function recordHeader(kind: number, contentLength: number, extraBytes: number): Uint8Array {
  const header = new Uint8Array(RECORD_HEADER_BYTES + extraBytes);
  new DataView(header.buffer).setUint32(0, 1 + contentLength, true);
  header[4] = kind;
  return header;
}

function encodeRequest(record: RequestRecord): readonly Uint8Array[] {
  const { sessionId = "", body, connection } = record;
  const headLength = REQUEST_HEADER_BYTES + sessionId.length;
  const header = recordHeader(REQUEST, headLength + body.length, headLength);
  const view = new DataView(header.buffer, RECORD_HEADER_BYTES);
  view.setUint8(0, SIGNALS.indexOf(record.signal));
  view.setUint8(1, ENCODINGS.indexOf(record.encoding) | (record.isCarried === true ? CARRIED : 0));
  view.setUint8(2, CHANNELS.indexOf(record.channel));
  view.setUint32(3, record.run, true);
  view.setUint32(7, connection === undefined ? 0 : connection + 1, true);
  view.setFloat64(11, record.receivedMs, true);
  view.setUint8(19, sessionId.length);
  text.encodeInto(sessionId, header.subarray(RECORD_HEADER_BYTES + REQUEST_HEADER_BYTES));
  return [header, body];
}

function decodeRequest(content: Uint8Array): RequestRecord | undefined {
  if (content.length < REQUEST_HEADER_BYTES) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const signal = SIGNALS[view.getUint8(0)];
  const encoding = ENCODINGS[view.getUint8(1) & ~CARRIED];
  const channel = CHANNELS[view.getUint8(2)];
  const bodyStart = REQUEST_HEADER_BYTES + view.getUint8(19);
  const session = Buffer.from(content.subarray(REQUEST_HEADER_BYTES, bodyStart)).toString("latin1");
  const sessionId = isSessionId(session) ? session : undefined;
  if (signal === undefined || encoding === undefined || channel === undefined) return undefined;
  if (bodyStart > content.length || (session !== "" && sessionId === undefined)) return undefined;
  const connection = view.getUint32(7, true);
  return {
    kind: "request",
    signal,
    encoding,
    sessionId,
    channel,
    run: view.getUint32(3, true) as RunNumber,
    receivedMs: view.getFloat64(11, true),
    body: content.subarray(bodyStart),
    ...(connection === 0 ? {} : { connection: connection - 1 }),
    ...((view.getUint8(1) & CARRIED) === 0 ? {} : { isCarried: true }),
  };
}

type Check = (value: unknown) => boolean;
type FieldsOf<T> = Readonly<Record<Exclude<keyof T, "kind">, Check>>;

const isString: Check = (value) => typeof value === "string";
const isBoolean: Check = (value) => typeof value === "boolean";
const isNumber: Check = (value) => typeof value === "number";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

const HELLO_FIELDS: FieldsOf<AgentHello> = {
  pid: isCount,
  ppid: isCount,
  runtime: isString,
  runtimeVersion: isString,
  service: isString,
  ownSdk: isBoolean,
  worker: isBoolean,
};

const CONTROL_FIELDS: {
  readonly [Kind in ControlRecord["kind"]]: FieldsOf<Extract<ControlRecord, { kind: Kind }>>;
} = {
  "run-began": { run: isCount, name: isString, atMs: isNumber },
  "session-opened": { sessionId: isSessionId, run: isCount, name: isString, atMs: isNumber },
  "session-closed": { sessionId: isSessionId, atMs: isNumber },
  "agent-connected": {
    connection: isCount,
    sessionId: (value) => value === undefined || isSessionId(value),
    hello: (value) => hasFields(value, HELLO_FIELDS),
    atMs: isNumber,
  },
  "agent-found-own-sdk": { connection: isCount },
  "agent-gone": { connection: isCount, atMs: isNumber },
  cleared: { keepPinned: isBoolean, atMs: isNumber },
  pinned: { traceId: isTraceId, pinned: isBoolean },
  paused: { pause: isPause },
};

function decodeControl(content: Uint8Array): ControlRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(strictText.decode(content));
  } catch {
    return undefined;
  }
  return isControl(value) ? value : undefined;
}

function isControl(value: unknown): value is ControlRecord {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const { kind } = value;
  if (typeof kind !== "string" || !Object.hasOwn(CONTROL_FIELDS, kind)) return false;
  return hasFields(value, CONTROL_FIELDS[kind as ControlRecord["kind"]]);
}

function hasFields(value: unknown, fields: Readonly<Record<string, Check>>): boolean {
  if (typeof value !== "object" || value === null) return false;
  const values = value as Readonly<Record<string, unknown>>;
  return Object.entries(fields).every(([name, check]) => check(values[name]));
}
