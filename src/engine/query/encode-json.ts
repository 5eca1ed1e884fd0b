import { WireWriter } from "../../base/wire-writer.ts";
import type { TraceId } from "../../model/ids.ts";
import { indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { groupRows, writeSpanFields } from "./encode-protobuf.ts";
import { jsonOfMessage, RESOURCE, SCOPE, SPAN } from "./otlp-json-schema.ts";

/**
 * Traces as OTLP JSON (specification.md, "JSON Protobuf Encoding"), one `ExportTraceServiceRequest`, with everything
 * that was received. All traces where none are named; ids that are not held are left out.
 */
export function encodeTracesJson(
  store: SpanStore,
  traceIds?: readonly TraceId[],
): { readonly json: Uint8Array<ArrayBuffer>; readonly spanCount: number } {
  const output = new WireWriter(64 * 1024);
  const span = new WireWriter();
  let spanCount = 0;
  // A string of all spans could exceed what a JavaScript string may hold, so that each span is written by itself.
  const write = (text: string): void => output.raw(utf8.encode(text));
  write('{"resourceSpans":[');
  groupRows(store, traceIds).forEach((resource, resourceIndex) => {
    const { origin } = resource;
    write(
      `${resourceIndex === 0 ? "" : ","}{"resource":${jsonText(origin.resource, RESOURCE)},"scopeSpans":[`,
    );
    resource.scopes.forEach((scope, scopeIndex) => {
      write(`${scopeIndex === 0 ? "" : ","}{"scope":${jsonText(scope.origin.scope, SCOPE)},"spans":[`);
      scope.rows.forEach((row, rowIndex) => {
        const chunk = store.chunkOf(row);
        if (chunk === undefined) return;
        span.clear();
        writeSpanFields(span, store, chunk, indexInChunk(row));
        write(`${rowIndex === 0 ? "" : ","}\n${jsonText(span.written, SPAN)}`);
        spanCount++;
      });
      write(`]${schemaUrlText(scope.origin.scopeSchemaUrl)}}`);
    });
    write(`]${schemaUrlText(origin.resourceSchemaUrl)}}`);
  });
  write("]}\n");
  return { json: output.written, spanCount };
}

function jsonText(message: Uint8Array, schema: typeof SPAN): string {
  return JSON.stringify(jsonOfMessage(message, 0, message.length, schema));
}

function schemaUrlText(url: string): string {
  return url === "" ? "" : `,"schemaUrl":${JSON.stringify(url)}`;
}

const utf8 = new TextEncoder();
