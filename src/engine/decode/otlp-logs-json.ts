import type { LogBatch } from "../../model/log-batch.ts";
import type { DecodeIssues } from "../../model/span-batch.ts";
import { rewriteLogsJson } from "./otlp-json-rewriter.ts";
import { bothIssues } from "./otlp-json.ts";
import { decodeLogsProtobuf } from "./otlp-logs-protobuf.ts";

/**
 * Decodes the JSON form of an OTLP `ExportLogsServiceRequest` (specification.md, "JSON Protobuf Encoding") into the
 * batch. Never throws; a record that cannot be read is left out and counted, and those before a fault of syntax are kept.
 */
export function decodeLogsJson(body: Uint8Array, into: LogBatch): DecodeIssues {
  const rewritten = rewriteLogsJson(body);
  return bothIssues(rewritten, decodeLogsProtobuf(rewritten.body, into));
}
