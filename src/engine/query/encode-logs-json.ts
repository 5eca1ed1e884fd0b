import { WireWriter } from "../../base/wire-writer.ts";
import type { LogStore } from "../store/log-store.ts";
import { groupLogs, writeLogFields } from "./encode-logs-protobuf.ts";
import { jsonOfMessage, LOG_RECORD, RESOURCE, SCOPE, type Schema } from "./otlp-json-schema.ts";

/**
 * All log records as OTLP JSON (specification.md, "JSON Protobuf Encoding"), one `ExportLogsServiceRequest`, with
 * everything that was received.
 */
export function encodeLogsJson(store: LogStore): {
  readonly json: Uint8Array<ArrayBuffer>;
  readonly recordCount: number;
} {
  const output = new WireWriter(64 * 1024);
  const record = new WireWriter();
  // A string of all records could exceed what a JavaScript string may hold, so that each is written by itself.
  const write = (text: string): void => output.raw(utf8.encode(text));
  write('{"resourceLogs":[');
  groupLogs(store).forEach(({ origin, scopes }, resourceIndex) => {
    write(`${comma(resourceIndex)}{"resource":${jsonText(origin.resource, RESOURCE)},"scopeLogs":[`);
    scopes.forEach((scope, scopeIndex) => {
      write(`${comma(scopeIndex)}{"scope":${jsonText(scope.origin.scope, SCOPE)},"logRecords":[`);
      scope.rows.forEach((row, rowIndex) => {
        record.clear();
        writeLogFields(record, store, row);
        write(`${comma(rowIndex)}\n${jsonText(record.written, LOG_RECORD)}`);
      });
      write(`]${schemaUrlText(scope.origin.scopeSchemaUrl)}}`);
    });
    write(`]${schemaUrlText(origin.resourceSchemaUrl)}}`);
  });
  write("]}\n");
  return { json: output.written, recordCount: store.count };
}

function comma(index: number): string {
  return index === 0 ? "" : ",";
}

function jsonText(message: Uint8Array, schema: Schema): string {
  return JSON.stringify(jsonOfMessage(message, 0, message.length, schema));
}

function schemaUrlText(url: string): string {
  return url === "" ? "" : `,"schemaUrl":${JSON.stringify(url)}`;
}

const utf8 = new TextEncoder();
