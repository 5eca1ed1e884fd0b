import { isUtf8 } from "node:buffer";
import type { DecodeIssues, SpanBatch } from "../../model/span-batch.ts";
import { OtlpJsonRewriter } from "./otlp-json-rewriter.ts";
import { decodeTracesProtobuf } from "./otlp-protobuf.ts";

/**
 * Decodes the JSON form of an OTLP `ExportTraceServiceRequest` (specification.md, "JSON Protobuf Encoding") into the
 * batch: it is rewritten as protobuf, so that everything behind it knows one form only. Never throws; a span that
 * cannot be read is left out and counted, and spans before a fault of syntax are kept.
 */
export function decodeTracesJson(body: Uint8Array, into: SpanBatch): DecodeIssues {
  const rewriter = new OtlpJsonRewriter(isUtf8(body) ? body : withoutInvalidUtf8(body));
  rewriter.run();
  const issues = decodeTracesProtobuf(rewriter.writer.written, into);
  return {
    rejectedCount: issues.rejectedCount + rewriter.rejectedCount,
    message: rewriter.message === "" ? issues.message : rewriter.message,
    malformed: issues.malformed || rewriter.malformed,
  };
}

/** Readers of protobuf may refuse a string that is no UTF-8; in JSON its bytes are replaced. */
function withoutInvalidUtf8(body: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder("utf-8").decode(body));
}
