import type fc from "fast-check";
import { LogBatch } from "../../../src/model/log-batch.ts";
import type { RunNumber } from "../../../src/model/ids.ts";
import type { LogFilter, LogList } from "../../../src/model/log-record.ts";
import { decodeLogsProtobuf } from "../../../src/engine/decode/otlp-logs-protobuf.ts";
import { listLogs } from "../../../src/engine/query/list-logs.ts";
import { runAtOnce } from "../../../src/engine/query/slices.ts";
import { StackCache } from "../../../src/engine/query/stack-cache.ts";
import { LogStore, type LogAppendOutcome } from "../../../src/engine/store/log-store.ts";
import { anyRequestOf, encodeAs, type Plain } from "./otlp-signals-oracle.ts";

/** A log record as protobufjs takes it. */
export interface PlainLog {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly eventName?: string;
  readonly body?: object;
  readonly attributes?: readonly { readonly key: string; readonly value: object }[];
  readonly traceId?: readonly number[];
  readonly spanId?: readonly number[];
  readonly flags?: number;
  readonly droppedAttributesCount?: number;
}

/** One millisecond, and the moment from which {@link logOf} counts. */
export const MS = 1_000_000n;
export const START = 1_700_000_000_000_000_000n;

/** A record that says this text, that many milliseconds after {@link START}. */
export function logOf(text: string, atMs = 0, more: PlainLog = {}): PlainLog {
  return { timeUnixNano: String(START + BigInt(atMs) * MS), body: { stringValue: text }, ...more };
}

export function logsRequest(logRecords: readonly PlainLog[], service = "shop"): Plain {
  const name = { key: "service.name", value: { stringValue: service } };
  return {
    resourceLogs: [{ resource: { attributes: [name] }, scopeLogs: [{ scope: { name: "lib" }, logRecords }] }],
  };
}

export function logsBody(logRecords: readonly PlainLog[], service = "shop"): Uint8Array {
  return encodeAs("LogsRequest", logsRequest(logRecords, service));
}

export function decodedLogs(body: Uint8Array): LogBatch {
  const batch = new LogBatch();
  decodeLogsProtobuf(body, batch);
  return batch;
}

/** Puts a request into a store; outside any session, unless one is named. */
export function appendLogs(store: LogStore, body: Uint8Array, session?: string, run = 0): LogAppendOutcome {
  return store.append(decodedLogs(body), { session, run: run as RunNumber, channel: "http" });
}

export function storeOf(logRecords: readonly PlainLog[], maxBytes = 64 << 20): LogStore {
  const store = new LogStore({ maxBytes });
  if (logRecords.length > 0) appendLogs(store, logsBody(logRecords));
  return store;
}

/** The moment at which these tests ask: ten milliseconds after the common start. */
const NOW_MS = Number(START / MS) + 10;

/** The records that meet the filter, the newest first. */
export function logsIn(store: LogStore, filter: LogFilter = {}, limit = 100): LogList {
  return runAtOnce(listLogs(store, { filter, limit }, new StackCache(), NOW_MS));
}

/** The texts of these records, the newest first. */
export function textsIn(store: LogStore, filter: LogFilter = {}, limit = 100): readonly unknown[] {
  return logsIn(store, filter, limit).records.map(({ body }) => body);
}

/** Requests of every shape that the schema allows, all of whose records are acceptable. */
export const anyLogsRequest: fc.Arbitrary<Plain> = anyRequestOf("LogsRequest").map(withWholeIds);

function withWholeIds(request: Plain): Plain {
  const resources = (request["resourceLogs"] ?? []) as Plain[];
  for (const resource of resources) {
    for (const scope of (resource["scopeLogs"] ?? []) as Plain[]) {
      for (const record of (scope["logRecords"] ?? []) as Plain[]) {
        wholeId(record, "traceId", 16);
        wholeId(record, "spanId", 8);
      }
    }
  }
  return request;
}

/** Ids of zeros are absent, and are written out as such. */
function wholeId(record: Plain, name: string, length: number): void {
  const bytes = (record[name] ?? []) as number[];
  const isAbsent = bytes.every((byte) => byte === 0);
  record[name] = isAbsent ? [] : [...bytes, ...new Array<number>(16).fill(1)].slice(0, length);
}
