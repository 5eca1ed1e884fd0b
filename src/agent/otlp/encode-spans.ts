import { WireWriter } from "./wire-writer.ts";

/** Strings, numbers, booleans and lists of them; anything else that an SDK lets through is written as its string form. */
export type Attributes = Readonly<Record<string, unknown>>;

/** [seconds, nanoseconds] since the epoch. */
export type HrTime = readonly [number, number];

interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags?: number;
  readonly traceState?: { serialize(): string } | undefined;
}

interface Scope {
  readonly name: string;
  readonly version?: string | undefined;
}

/** What the encoder reads of a span of any OpenTelemetry SDK for JavaScript, 1.x to 3.x. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: number;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Attributes;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: Attributes | undefined;
    readonly droppedAttributesCount?: number | undefined;
  }[];
  readonly links: readonly { readonly context: SpanContext; readonly attributes?: Attributes | undefined }[];
  readonly droppedAttributesCount?: number;
  readonly droppedEventsCount?: number;
  readonly droppedLinksCount?: number;
  readonly instrumentationScope?: Scope;
  /** The scope's name in SDK 1.x. */
  readonly instrumentationLibrary?: Scope;
  readonly parentSpanContext?: { readonly spanId: string } | undefined;
  /** The parent in SDK 1.x. */
  readonly parentSpanId?: string | undefined;
  readonly resource?: { readonly attributes: Attributes };
  spanContext(): SpanContext;
}

/** A span, its code attributes and whether it has ended. */
export interface SpanToEncode {
  readonly span: RecordedSpan;
  readonly ended: boolean;
  /** The same object for the same place. */
  readonly code: Attributes | undefined;
}

const writer = new WireWriter();
const encodedScopes = new Map<string, Buffer>();

/** Resource of opentelemetry/proto/resource/v1, as the `resource` field of ResourceSpans. */
export function encodeResource(attributes: Attributes): Buffer {
  const message = writer.beginMessage(1);
  writeAttributes(1, attributes);
  writer.endMessage(message);
  return writer.take();
}

/** One ExportTraceServiceRequest (opentelemetry/proto/collector/trace/v1) with these spans under one resource. */
export function encodeSpans(resource: Buffer, spans: Iterable<SpanToEncode>): Buffer {
  const byScope = new Map<string, SpanToEncode[]>();
  for (const entry of spans) {
    const scope = scopeKey(entry.span);
    const group = byScope.get(scope);
    if (group === undefined) byScope.set(scope, [entry]);
    else group.push(entry);
  }
  const resourceSpans = writer.beginMessage(1);
  writer.encoded(resource);
  for (const [key, group] of byScope) {
    const scopeSpans = writer.beginMessage(2);
    writer.encoded(encodeScope(key));
    for (const entry of group) {
      const before = writer.position();
      try {
        writeSpan(entry);
      } catch {
        // A foreign SDK's span of an unforeseen shape costs that span only.
        writer.rewind(before);
      }
    }
    writer.endMessage(scopeSpans);
  }
  writer.endMessage(resourceSpans);
  return writer.take();
}

function scopeKey(span: RecordedSpan): string {
  const scope = span.instrumentationScope ?? span.instrumentationLibrary;
  return scope === undefined ? "" : `${scope.name}\n${scope.version ?? ""}`;
}

function encodeScope(key: string): Buffer {
  const known = encodedScopes.get(key);
  if (known !== undefined) return known;
  const [name = "", version = ""] = key.split("\n");
  const scopeWriter = new WireWriter(256);
  const scope = scopeWriter.beginMessage(1);
  scopeWriter.string(1, name);
  if (version !== "") scopeWriter.string(2, version);
  scopeWriter.endMessage(scope);
  const encoded = scopeWriter.take();
  encodedScopes.set(key, encoded);
  return encoded;
}

function writeSpan({ span, ended, code }: SpanToEncode): void {
  const context = span.spanContext();
  const message = writer.beginMessage(2);
  writer.hex(1, context.traceId);
  writer.hex(2, context.spanId);
  const traceState = context.traceState?.serialize();
  if (traceState) writer.string(3, traceState);
  const parentId = span.parentSpanContext?.spanId ?? span.parentSpanId;
  if (parentId) writer.hex(4, parentId);
  writer.string(5, span.name);
  // The API counts its kinds from 0 (INTERNAL), the protocol from 1.
  writer.uint(6, span.kind + 1);
  writer.fixed64Nanos(7, span.startTime[0], span.startTime[1]);
  if (ended) writer.fixed64Nanos(8, span.endTime[0], span.endTime[1]);
  writeAttributes(9, span.attributes);
  if (code !== undefined) writeCode(code);
  if (span.droppedAttributesCount) writer.uint(10, span.droppedAttributesCount);
  for (const event of span.events) {
    const eventMessage = writer.beginMessage(11);
    writer.fixed64Nanos(1, event.time[0], event.time[1]);
    writer.string(2, event.name);
    if (event.attributes !== undefined) writeAttributes(3, event.attributes);
    if (event.droppedAttributesCount) writer.uint(4, event.droppedAttributesCount);
    writer.endMessage(eventMessage);
  }
  if (span.droppedEventsCount) writer.uint(12, span.droppedEventsCount);
  for (const link of span.links) {
    const linkMessage = writer.beginMessage(13);
    writer.hex(1, link.context.traceId);
    writer.hex(2, link.context.spanId);
    if (link.attributes !== undefined) writeAttributes(4, link.attributes);
    writer.endMessage(linkMessage);
  }
  if (span.droppedLinksCount) writer.uint(14, span.droppedLinksCount);
  if (span.status.code !== 0 || span.status.message) {
    const status = writer.beginMessage(15);
    if (span.status.message) writer.string(2, span.status.message);
    if (span.status.code !== 0) writer.uint(3, span.status.code);
    writer.endMessage(status);
  }
  if (context.traceFlags !== undefined) writer.fixed32(16, context.traceFlags);
  writer.endMessage(message);
}

const encodedCodes = new WeakMap<Attributes, Buffer>();

/** Code attributes are written once and then copied: most of a program's spans start in a few places. */
function writeCode(code: Attributes): void {
  const known = encodedCodes.get(code);
  if (known !== undefined) {
    writer.encoded(known);
    return;
  }
  const start = writer.position();
  writeAttributes(9, code);
  encodedCodes.set(code, writer.copyFrom(start));
}

function writeAttributes(field: number, attributes: Attributes): void {
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined || value === null) continue;
    const keyValue = writer.beginMessage(field);
    writer.string(1, key);
    const any = writer.beginMessage(2);
    writeValue(value, 0);
    writer.endMessage(any);
    writer.endMessage(keyValue);
  }
}

function writeValue(value: unknown, depth: number): void {
  if (typeof value === "string") writer.string(1, value);
  else if (typeof value === "boolean") writer.uint(2, value ? 1 : 0);
  else if (typeof value === "number") {
    if (Number.isSafeInteger(value)) writer.int64(3, value);
    else writer.double(4, value);
  } else if (Array.isArray(value) && depth < 4) {
    const array = writer.beginMessage(5);
    for (const item of value as readonly unknown[]) {
      const any = writer.beginMessage(1);
      if (item !== undefined && item !== null) writeValue(item, depth + 1);
      writer.endMessage(any);
    }
    writer.endMessage(array);
  } else writer.string(1, String(value));
}
