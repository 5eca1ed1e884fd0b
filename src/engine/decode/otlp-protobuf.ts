import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { NO_BYTES, type ByteRange, type DecodeIssues, type SpanBatch } from "../../model/span-batch.ts";
import { MAX_RESOURCE_BYTES } from "../../model/item-limits.ts";
import { RESOURCE_TOO_LONG } from "./otlp-envelope.ts";
import { readSpan } from "./otlp-span.ts";

/**
 * Decodes an OTLP `ExportTraceServiceRequest` (opentelemetry-proto, collector/trace/v1) into the batch, which then
 * points into `body`. Never throws. A span that is not well formed, or whose ids are not, is left out and counted;
 * a fault outside of spans ends the message it is in, not the messages around it.
 */
export function decodeTracesProtobuf(body: Uint8Array, into: SpanBatch): DecodeIssues {
  const decoder = new TracesDecoder(body);
  decoder.decode(into, Infinity);
  return decoder.issues;
}

/** Decodes a request in parts, for bodies that would keep a thread for long: {@link decode} as long as {@link isDone} is false. */
export class TracesDecoder {
  readonly #reader = new WireReader();
  readonly #body: Uint8Array;
  /** The messages that the position is in. */
  #resource: OpenMessage | undefined;
  #scope: OpenMessage | undefined;
  /** Where the part has enough: a position, and a count of the fields that were gone through. */
  #stopAt = 0;
  #maxSteps = 0;
  #steps = 0;
  #isDone = false;
  #rejectedCount = 0;
  #message = "";
  #malformed = false;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#reader.reset(body, 0, body.length);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** What was wrong so far. */
  get issues(): DecodeIssues {
    return { rejectedCount: this.#rejectedCount, message: this.#message, malformed: this.#malformed };
  }

  /**
   * Fills the batch with the next spans, and ends where these have `maxBytes` (one or more) or {@link MAX_SPANS}, or where much
   * was gone through that is no span: the batch may be empty then.
   */
  decode(into: SpanBatch, maxBytes: number): void {
    into.begin(this.#body);
    if (this.#resource !== undefined) this.#resource.index = NOT_IN_BATCH;
    if (this.#scope !== undefined) this.#scope.index = NOT_IN_BATCH;
    const looking = this.#lookedThrough();
    this.#stopAt = (looking?.start ?? this.#reader.position) + maxBytes;
    this.#steps = 0;
    this.#maxSteps = maxBytes === Infinity ? Infinity : MAX_STEPS;
    const maxSpans = maxBytes === Infinity ? Infinity : MAX_SPANS;
    while (!this.#isDone && this.#steps < this.#maxSteps) {
      const looked = this.#lookedThrough();
      if (looked !== undefined) this.#lookThrough(looked);
      else if (this.#scope !== undefined) {
        if (!this.#readSpans(this.#scope, into, maxSpans)) return;
        this.#leave(this.#scope);
        this.#scope = undefined;
      } else if (this.#resource !== undefined) this.#readToScope(this.#resource);
      else this.#readToResource();
    }
  }

  /** The message whose resource or scope is still being looked for. */
  #lookedThrough(): OpenMessage | undefined {
    const open = this.#scope ?? this.#resource;
    return open?.isLookedThrough === false ? open : undefined;
  }

  #readToResource(): void {
    const reader = this.#reader;
    while (this.#steps++ < this.#maxSteps) {
      const tag = reader.next();
      if (tag === RESOURCE_SPANS) {
        this.#resource = this.#enter("ResourceSpans");
        return;
      }
      if (tag !== END && reader.skip(tag)) continue;
      if (tag !== END) this.#fault("the request is not a protobuf message");
      this.#isDone = true;
      return;
    }
  }

  #readToScope(resource: OpenMessage): void {
    const reader = this.#reader;
    while (this.#steps++ < this.#maxSteps) {
      const tag = reader.next();
      if (tag === SCOPE_SPANS) {
        this.#scope = this.#enter("ScopeSpans");
        return;
      }
      if (tag !== END && reader.skip(tag)) continue;
      if (tag !== END) this.#fault("a ResourceSpans message is not well formed");
      this.#leave(resource);
      this.#resource = undefined;
      return;
    }
  }

  /** True at the end of the scope, false where the batch has enough. */
  #readSpans(scope: OpenMessage, batch: SpanBatch, maxSpans: number): boolean {
    const reader = this.#reader;
    const outer = reader.limit;
    const stopAt = this.#stopAt;
    const maxSteps = this.#maxSteps;
    for (;;) {
      if (reader.position >= stopAt || batch.count >= maxSpans || this.#steps++ >= maxSteps) return false;
      const tag = reader.next();
      if (tag === END) return true;
      if (tag !== SPAN) {
        if (reader.skip(tag)) continue;
        this.#fault("a ScopeSpans message is not well formed");
        return true;
      }
      const end = reader.enter();
      if (end === MALFORMED) {
        this.#rejectedCount++;
        this.#fault("a span is longer than what it is in");
        return true;
      }
      const start = reader.position;
      reader.limit = end;
      const fault = readSpan(reader, batch);
      reader.limit = outer;
      reader.position = end;
      if (fault === "") batch.scope[batch.count - 1] = this.#scopeIn(batch, scope);
      else {
        this.#rejectedCount++;
        batch.refused.push({ start, end });
        this.#note(fault);
      }
    }
  }

  /** Resources and scopes get into a batch with their first span: a body can hold millions of empty ones. */
  #scopeIn({ resources, scopes }: SpanBatch, scope: OpenMessage): number {
    const resource = this.#resource;
    if (scope.index !== NOT_IN_BATCH || resource === undefined) return scope.index;
    if (resource.index === NOT_IN_BATCH)
      resource.index = resources.push({ message: resource.message, schemaUrl: resource.schemaUrl }) - 1;
    const { message, schemaUrl } = scope;
    return (scope.index = scopes.push({ message, schemaUrl, resource: resource.index }) - 1);
  }

  /**
   * Goes into a nested message that ends where it says, or, if that is outside of its parent, where the parent ends:
   * what is whole of it is kept.
   */
  #enter(name: string): OpenMessage {
    const reader = this.#reader;
    const outer = reader.limit;
    let end = reader.enter();
    if (end === MALFORMED) {
      this.#fault(`a ${name} message is longer than what it is in`);
      end = outer;
    }
    reader.limit = end;
    return {
      outer,
      start: reader.position,
      isLookedThrough: false,
      message: NO_BYTES,
      schemaUrl: NO_BYTES,
      index: NOT_IN_BATCH,
    };
  }

  /** Looks for the message's resource or scope, which may come after the spans, and goes back to its start. */
  #lookThrough(open: OpenMessage): void {
    const reader = this.#reader;
    while (this.#steps++ < this.#maxSteps) {
      const tag = reader.next();
      if (tag === RESOURCE_OR_SCOPE || tag === SCHEMA_URL) {
        const fieldEnd = reader.enter();
        if (fieldEnd !== MALFORMED) {
          const range = { start: reader.position, end: fieldEnd };
          if (tag === SCHEMA_URL) open.schemaUrl = range;
          else if (fieldEnd - reader.position <= MAX_RESOURCE_BYTES) open.message = range;
          else this.#note(RESOURCE_TOO_LONG);
          reader.position = fieldEnd;
          continue;
        }
      } else if (tag !== END && reader.skip(tag)) continue;
      open.isLookedThrough = true;
      reader.position = open.start;
      return;
    }
  }

  #leave({ outer }: OpenMessage): void {
    this.#reader.position = this.#reader.limit;
    this.#reader.limit = outer;
  }

  #fault(message: string): void {
    this.#malformed = true;
    this.#note(message);
  }

  /** The first thing that was wrong is what the sender hears of. */
  #note(message: string): void {
    if (this.#message === "") this.#message = message;
  }
}

/** A ResourceSpans or ScopeSpans message that is being read, up to the reader's limit. */
interface OpenMessage {
  /** Where the message around it ends. */
  readonly outer: number;
  readonly start: number;
  isLookedThrough: boolean;
  /** The Resource or InstrumentationScope message. */
  message: ByteRange;
  schemaUrl: ByteRange;
  /** Of the resource or scope in the batch. */
  index: number;
}

const NOT_IN_BATCH = -1;

/** Spans of a part of a request: some milliseconds where each is a trace of its own. */
const MAX_SPANS = 1024;

/** Fields that are gone through for a part: some milliseconds where they are empty messages or refused spans. */
const MAX_STEPS = 1 << 15;

const RESOURCE_SPANS = 0x0a;
const SCOPE_SPANS = 0x12;
const SPAN = 0x12;
const RESOURCE_OR_SCOPE = 0x0a;
const SCHEMA_URL = 0x1a;
