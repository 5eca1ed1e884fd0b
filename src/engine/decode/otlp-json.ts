import type { DecodeIssues, SpanBatch } from "../../model/span-batch.ts";
import { rewriteTracesJson } from "./otlp-json-rewriter.ts";
import { decodeTracesProtobuf } from "./otlp-protobuf.ts";

/**
 * Decodes the JSON form of an OTLP `ExportTraceServiceRequest` (specification.md, "JSON Protobuf Encoding") into the
 * batch. Never throws; a span that cannot be read is left out and counted, and spans before a fault of syntax are kept.
 */
export function decodeTracesJson(body: Uint8Array, into: SpanBatch): DecodeIssues {
  const rewritten = rewriteTracesJson(body);
  return bothIssues(rewritten, decodeTracesProtobuf(rewritten.body, into));
}

/** What was wrong with a request's JSON, if it came as such, and then with what it says. */
export function bothIssues(rewritten: DecodeIssues | undefined, decoded: DecodeIssues): DecodeIssues {
  if (rewritten === undefined) return decoded;
  return {
    rejectedCount: decoded.rejectedCount + rewritten.rejectedCount,
    message: rewritten.message === "" ? decoded.message : rewritten.message,
    malformed: decoded.malformed || rewritten.malformed,
  };
}
