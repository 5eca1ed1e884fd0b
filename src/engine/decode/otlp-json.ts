import type { DecodeIssues, SpanBatch } from "../../model/span-batch.ts";
import { rewriteTracesJson, type RewrittenRequest } from "./otlp-json-rewriter.ts";
import { decodeTracesProtobuf } from "./otlp-protobuf.ts";

/**
 * Decodes the JSON form of an OTLP `ExportTraceServiceRequest` (specification.md, "JSON Protobuf Encoding") into the
 * batch. Never throws; a span that cannot be read is left out and counted, and spans before a fault of syntax are kept.
 */
export function decodeTracesJson(body: Uint8Array, into: SpanBatch): DecodeIssues {
  const rewritten = rewriteTracesJson(body);
  return bothIssues(rewritten, decodeTracesProtobuf(rewritten.body, into));
}

/** What was wrong with a request's JSON, and then with what it says. */
export function bothIssues(rewritten: RewrittenRequest, decoded: DecodeIssues): DecodeIssues {
  return {
    rejectedCount: decoded.rejectedCount + rewritten.rejectedCount,
    message: rewritten.message === "" ? decoded.message : rewritten.message,
    malformed: decoded.malformed || rewritten.malformed,
  };
}
