import { WireWriter } from "../../base/wire-writer.ts";
import type { SpanOrigin } from "../store/origin-table.ts";

interface Scope {
  readonly origin: SpanOrigin;
}

interface Resource<ScopeOfSignal extends Scope> {
  readonly origin: SpanOrigin;
  readonly scopes: readonly ScopeOfSignal[];
}

/**
 * What spans, metrics and log records are sent in: `TracesData`, `MetricsData` and `LogsData` number the fields of their
 * resources and scopes alike, and so do the export requests.
 * @param writeItems writes what is of a scope, each as a field of the number 2
 */
export function encodeEnvelope<ScopeOfSignal extends Scope>(
  resources: Iterable<Resource<ScopeOfSignal>>,
  writeItems: (writer: WireWriter, scope: ScopeOfSignal) => void,
): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter(64 * 1024);
  for (const { origin, scopes } of resources) {
    const resourceMark = writer.begin(FIELD_1);
    writeBytes(writer, FIELD_1, origin.resource);
    for (const scope of scopes) {
      const scopeMark = writer.begin(FIELD_2);
      writeBytes(writer, FIELD_1, scope.origin.scope);
      writeItems(writer, scope);
      writeText(writer, FIELD_3, scope.origin.scopeSchemaUrl);
      writer.end(scopeMark);
    }
    writeText(writer, FIELD_3, origin.resourceSchemaUrl);
    writer.end(resourceMark);
  }
  return writer.written;
}

/** Tags: numbers of fields with the wire type of what has a length. */
const FIELD_1 = 0x0a;
const FIELD_2 = 0x12;
const FIELD_3 = 0x1a;

/** A field, unless it is empty. */
export function writeBytes(writer: WireWriter, tag: number, bytes: Uint8Array): void {
  if (bytes.length > 0) writer.bytesField(tag, bytes);
}

/** A field, unless it is empty. */
export function writeText(writer: WireWriter, tag: number, text: string): void {
  if (text !== "") writer.stringField(tag, text);
}
