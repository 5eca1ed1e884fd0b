import { WireWriter } from "../../base/wire-writer.ts";
import type { TraceId } from "../../model/ids.ts";
import { indexInChunk } from "../store/span-chunk.ts";
import type { SpanStore } from "../store/span-store.ts";
import { groupRowsSliced, writeSpanFields } from "./encode-protobuf.ts";
import { jsonOfMessage, RESOURCE, SCOPE, SPAN } from "./otlp-json-schema.ts";
import { runAtOnce, type Sliced } from "./slices.ts";

/** What of a store is exported as OTLP JSON. */
interface TracesJson {
  readonly json: Uint8Array<ArrayBuffer>;
  readonly spanCount: number;
}

/** {@link writeTracesJson} into memory, in one piece. */
export function encodeTracesJson(store: SpanStore, traceIds?: readonly TraceId[]): TracesJson {
  const output = new WireWriter(64 * 1024);
  const spanCount = runAtOnce(writeTracesJson(store, traceIds, (text) => output.raw(utf8.encode(text))));
  return { json: output.written, spanCount };
}

/**
 * Traces as OTLP JSON (specification.md, "JSON Protobuf Encoding"), one `ExportTraceServiceRequest`, with everything
 * that was received, in pieces of text of a span each. All traces where none are named; ids that are not held are left
 * out, and so is what leaves between two slices. Returns how many spans there were.
 */
export function* writeTracesJson(
  store: SpanStore,
  traceIds: readonly TraceId[] | undefined,
  write: (text: string) => void,
): Sliced<number> {
  const span = new WireWriter();
  let spanCount = 0;
  // A string of all spans could exceed what a JavaScript string may hold, so that each span is written by itself.
  write('{"resourceSpans":[');
  for (const [resourceIndex, { origin, scopes }] of (yield* groupRowsSliced(store, traceIds)).entries()) {
    write(separated(resourceIndex, `{"resource":${jsonText(origin.resource, RESOURCE)},"scopeSpans":[`));
    for (const [scopeIndex, scope] of scopes.entries()) {
      write(separated(scopeIndex, `{"scope":${jsonText(scope.origin.scope, SCOPE)},"spans":[`));
      let inScope = 0;
      for (const row of scope.rows) {
        const chunk = store.chunkOf(row);
        if (chunk === undefined) continue;
        span.clear();
        writeSpanFields(span, store, chunk, indexInChunk(row));
        write(separated(inScope++, `\n${jsonText(span.written, SPAN)}`));
        if (++spanCount % SPANS_PER_YIELD === 0) yield;
      }
      write(`]${schemaUrlText(scope.origin.scopeSchemaUrl)}}`);
    }
    write(`]${schemaUrlText(origin.resourceSchemaUrl)}}`);
  }
  write("]}\n");
  return spanCount;
}

/** Some ten microseconds each. */
const SPANS_PER_YIELD = 64;

function separated(index: number, text: string): string {
  return index === 0 ? text : `,${text}`;
}

function jsonText(message: Uint8Array, schema: typeof SPAN): string {
  return JSON.stringify(jsonOfMessage(message, 0, message.length, schema));
}

function schemaUrlText(url: string): string {
  return url === "" ? "" : `,"schemaUrl":${JSON.stringify(url)}`;
}

const utf8 = new TextEncoder();
