import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";
import { MAX_ITEM_VALUES } from "../../model/item-limits.ts";
import type { DecodeIssues } from "../../model/span-batch.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { findJsonPath } from "./json-path.ts";
import {
  BROKEN,
  CLOSED,
  COMMA,
  JsonScanner,
  NO_BYTE,
  NULL_N,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from "./json-scanner.ts";
import { AttributeWriter } from "./otlp-json-attributes.ts";
import { LOGS_REQUEST } from "./otlp-json-logs-schema.ts";
import { METRICS_REQUEST } from "./otlp-json-metrics-schema.ts";
import { ScalarWriter } from "./otlp-json-scalars.ts";
import { KEY_VALUE, type Field, type RequestSchema, type Schema } from "./otlp-json-schema.ts";
import { TRACES_REQUEST } from "./otlp-json-traces-schema.ts";
import { withoutInvalidUtf8 } from "./valid-utf8.ts";

/** A request in protobuf, and what was wrong with its JSON. */
export interface RewrittenRequest extends DecodeIssues {
  readonly body: Uint8Array;
}

/** Rewrites a part of a request with each step, for bodies that would keep a thread for long. */
export type Rewriting = Generator<undefined, RewrittenRequest, undefined>;

const REQUESTS = { traces: TRACES_REQUEST, metrics: METRICS_REQUEST, logs: LOGS_REQUEST };

/**
 * Rewrites an OTLP/JSON request (specification.md, "JSON Protobuf Encoding") as protobuf, so that everything behind it
 * knows one form only. Never throws; an item (a span, a data point, a log record) that cannot be read is left out and
 * counted, and what is whole before a fault of syntax is kept.
 * @param partBytes what a step reads: items are not divided
 * @param into memory for the protobuf, which the result may then lie in; a new buffer is made where it is left out or too small
 */
export function* rewriteJson(
  signal: keyof typeof REQUESTS,
  body: Uint8Array,
  partBytes = PART_BYTES,
  into?: Uint8Array<ArrayBuffer>,
): Rewriting {
  const text = yield* withoutInvalidUtf8(body, partBytes);
  return yield* new OtlpJsonRewriter(text, REQUESTS[signal], partBytes, into).run();
}

/** The same at once. */
export function rewriteTracesJson(body: Uint8Array): RewrittenRequest {
  return toEnd(rewriteJson("traces", body));
}

export function rewriteMetricsJson(body: Uint8Array): RewrittenRequest {
  return toEnd(rewriteJson("metrics", body));
}

export function rewriteLogsJson(body: Uint8Array): RewrittenRequest {
  return toEnd(rewriteJson("logs", body));
}

/** A millisecond or two of reading and writing, and ten times that before the code is compiled. */
const PART_BYTES = 256 * 1024;

function toEnd(rewriting: Rewriting): RewrittenRequest {
  for (;;) {
    const { done, value } = rewriting.next();
    if (done === true) return value;
  }
}

/**
 * Writes fields while they are read, without objects. Fields keep their order; where a key is there twice, protobuf's
 * rules hold: the last value counts, lists are joined.
 */
class OtlpJsonRewriter {
  readonly #request: RequestSchema;
  readonly #json: JsonScanner;
  readonly #writer: WireWriter;
  readonly #scalars: ScalarWriter;
  readonly #attributes: AttributeWriter;
  /** Attributes, and values nested in these, since the item or what leads to items began. */
  #valueCount = 0;
  #isInItem = false;
  #rejectedCount = 0;
  #message = "";
  /** Where what the message tells of is. */
  #messageAt: number | undefined;
  #isMalformed = false;
  /** Why the message that is being written cannot be, and where; empty too where the text is no JSON. */
  #fault = "";
  #faultAt = 0;
  readonly #partBytes: number;
  #pauseAt: number;

  /** @param text valid UTF-8 */
  constructor(
    text: Uint8Array,
    request: RequestSchema,
    partBytes: number,
    into: Uint8Array<ArrayBuffer> | undefined,
  ) {
    this.#partBytes = partBytes;
    this.#pauseAt = partBytes;
    this.#request = request;
    this.#json = new JsonScanner(text);
    // Protobuf takes about half of what JSON does.
    this.#writer = new WireWriter(into ?? Math.max(1024, text.length >> 1));
    this.#scalars = new ScalarWriter(this.#json, this.#writer);
    this.#attributes = new AttributeWriter(this.#json, this.#writer, this.#scalars);
  }

  *run(): Rewriting {
    const json = this.#json;
    if (json.peek() !== OPEN_BRACE) {
      if (json.skipValue()) this.#malformed("the request is not a JSON object");
      else this.#brokenSyntax();
    } else if (!(yield* this.#writeEnvelope(this.#request.fields)) || json.peek() !== NO_BYTE)
      this.#brokenSyntax();
    const path =
      this.#messageAt === undefined ? "" : yield* findJsonPath(json.bytes, this.#messageAt, this.#partBytes);
    return {
      body: this.#writer.written,
      rejectedCount: this.#rejectedCount,
      message: path === "" ? this.#message : `${this.#message} (${path})`,
      malformed: this.#isMalformed,
    };
  }

  #brokenSyntax(): void {
    const { position } = this.#json;
    this.#malformed(`the request is not JSON: it makes no sense at byte ${position}`, position);
  }

  #malformed(message: string, at?: number): void {
    this.#isMalformed = true;
    this.#tell(message, at);
  }

  #reject(fault: string, at: number): void {
    this.#rejectedCount++;
    this.#tell(fault, at);
  }

  /** Only the first fault is told. */
  #tell(fault: string, at: number | undefined): void {
    if (this.#message !== "") return;
    this.#message = fault;
    this.#messageAt = at;
  }

  /** {@link #writeMessage} for what leads to items, which can be many: yields wherever a part has been read. */
  *#writeEnvelope(schema: Schema): Generator<undefined, boolean> {
    const json = this.#json;
    // For one part, generators would be work for nothing.
    if (json.bytes.length - json.position <= this.#partBytes) return this.#writeMessage(schema, 0);
    for (let step = json.openObject(); step !== CLOSED; step = json.nextMember()) {
      if (step === BROKEN) return false;
      if (this.#hasPart()) yield;
      const field = fieldNamed(schema, json);
      const byte = json.peek();
      if (field === undefined || byte === NULL_N) {
        if (!json.skipValue()) return false;
      } else if (field.is === "envelope" && byte === OPEN_BRACE) {
        if (!(yield* this.#writeNestedEnvelope(field.tag, field.schema()))) return false;
      } else if (byte === OPEN_BRACKET && isOfItems(field)) {
        if (!(yield* this.#writeItems(field))) return false;
      } else if (!this.#writeField(field, byte, 0)) return false;
    }
    return true;
  }

  *#writeNestedEnvelope(tag: number, schema: Schema): Generator<undefined, boolean> {
    const mark = this.#writer.begin(tag, ENVELOPE_ROOM);
    const written = yield* this.#writeEnvelope(schema);
    this.#writer.end(mark, ENVELOPE_ROOM);
    return written;
  }

  *#writeItems(field: ListField): Generator<undefined, boolean> {
    const json = this.#json;
    for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
      if (step === BROKEN) return false;
      if (this.#hasPart()) yield;
      const byte = json.peek();
      const written =
        field.is === "envelopes" && byte === OPEN_BRACE
          ? yield* this.#writeNestedEnvelope(field.tag, field.schema())
          : this.#writeElement(field, byte, 0);
      if (!written) return false;
    }
    return true;
  }

  #hasPart(): boolean {
    const { position } = this.#json;
    if (position < this.#pauseAt) return false;
    this.#pauseAt = position + this.#partBytes;
    return true;
  }

  /** Writes the fields of the object here. False where it cannot be read on: with a fault, the message is bad; without, the JSON is. */
  #writeMessage(schema: Schema, depth: number): boolean {
    const json = this.#json;
    let before: Schema | Field = schema;
    for (let opening: typeof OPEN_BRACE | typeof COMMA = OPEN_BRACE; ; opening = COMMA) {
      let field: Field | undefined = before.next;
      if (field === undefined || !json.skipMember(opening, field.token)) {
        const step = opening === COMMA ? json.nextMember() : json.openObject();
        if (step === CLOSED) return true;
        if (step === BROKEN) return false;
        field = fieldNamed(schema, json);
        if (field !== undefined) before.next = field;
      }
      const byte = json.peek();
      if (field === undefined || byte === NULL_N) {
        // Protobuf's JSON mapping takes null for a field that is not there.
        if (!json.skipValue()) return false;
      } else if (!this.#writeField(field, byte, depth)) return false;
      if (field !== undefined) before = field;
    }
  }

  #writeField(field: Field, byte: number, depth: number): boolean {
    const json = this.#json;
    const at = json.position;
    switch (field.is) {
      case "message":
        return byte === OPEN_BRACE ? this.#writeNested(field, field.schema(), depth) : json.skipValue();
      case "envelope":
        if (byte === OPEN_BRACE) return this.#writeNested(field, field.schema(), depth);
        this.#malformed(this.#request.wrongShape, at);
        return json.skipValue();
      case "value":
        if (byte !== OPEN_BRACE) return this.#bad(field.fault, at);
        return this.#writeNested(field, field.schema(), depth);
      case "nested":
        if (byte !== OPEN_BRACE || depth >= MAX_ATTRIBUTE_DEPTH) return this.#bad(field.fault, at);
        return this.#writeNested(field, field.schema(), depth + 1);
      case "texts":
      case "messages":
      case "envelopes":
        return this.#writeList(field, byte, depth);
      default:
        return this.#scalars.write(field, byte) || this.#bad(field.fault, at);
    }
  }

  #bad(fault: string | undefined, at: number): false {
    if (this.#fault === "" && fault !== undefined) {
      this.#fault = fault;
      this.#faultAt = at;
    }
    return false;
  }

  #writeNested(field: Field, schema: Schema, depth: number): boolean {
    const room = roomForLength(field);
    const mark = this.#writer.begin(field.tag, room);
    const written = this.#writeMessage(schema, depth);
    this.#writer.end(mark, room);
    return written;
  }

  #writeList(field: ListField, byte: number, depth: number): boolean {
    const json = this.#json;
    if (byte !== OPEN_BRACKET) {
      // A list of items is no envelope, but leads to them too.
      if (field.is === "envelopes" || (field.is === "messages" && field.bad === "count"))
        this.#malformed(this.#request.wrongShape, json.position);
      return json.skipValue();
    }
    if (field.is === "messages" && field.schema() === KEY_VALUE) return this.#writeAttributes(field, depth);
    for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
      if (step === BROKEN) return false;
      if (depth > 0 && ++this.#valueCount > MAX_ITEM_VALUES) {
        if (!this.#skipSurplus()) return false;
      } else if (!this.#writeElement(field, json.peek(), depth)) return false;
    }
    return true;
  }

  /** A value too many: it spoils an item, and is left out of a resource or a scope. */
  #skipSurplus(): boolean {
    const { position } = this.#json;
    const fault = `there are more than ${MAX_ITEM_VALUES} attributes and values`;
    if (this.#isInItem) return this.#bad(`${this.#request.item} is too large: ${fault}`, position);
    this.#tell(`a resource or a scope is not whole: ${fault}`, position);
    return this.#json.skipValue();
  }

  #writeAttributes(field: ListField, depth: number): boolean {
    const json = this.#json;
    const attributes = this.#attributes;
    attributes.beginList();
    for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
      if (step === BROKEN) return false;
      const byte = json.peek();
      if (++this.#valueCount > MAX_ITEM_VALUES) {
        if (!this.#skipSurplus()) return false;
        continue;
      }
      if (attributes.writeKnown(field.tag)) continue;
      const start = json.position;
      if (!this.#writeElement(field, byte, depth)) return false;
      attributes.learn(start);
    }
    return true;
  }

  #writeElement(field: ListField, byte: number, depth: number): boolean {
    const json = this.#json;
    const start = json.position;
    if (field.is === "texts") {
      return byte === QUOTE ? json.string() && this.#scalars.writeText(field) : json.skipValue();
    }
    if (byte !== OPEN_BRACE) {
      if (field.is === "envelopes") this.#malformed(this.#request.wrongShape, start);
      else if (field.bad === "count") this.#reject(`${this.#request.item} is not a JSON object`, start);
      return json.skipValue();
    }
    if (field.is === "envelopes" || field.bad === "spoils") {
      if (field.is === "envelopes") this.#valueCount = 0;
      return this.#writeNested(field, field.schema(), depth);
    }

    const before = this.#writer.length;
    if (this.#writeLeavable(field, depth)) return true;
    this.#writer.truncate(before);
    // Whether the rest of a bad message is JSON is known only behind it.
    json.position = start;
    const fault = this.#fault;
    this.#fault = "";
    if (!json.skipValue()) return false;
    if (field.bad === "count") this.#reject(fault, this.#faultAt);
    return true;
  }

  /** An item, or what is merely left out where it is bad. */
  #writeLeavable(field: Exclude<ListField, { is: "texts" }>, depth: number): boolean {
    const isItem = field.is === "messages" && field.bad === "count";
    if (isItem) {
      this.#valueCount = 0;
      this.#isInItem = true;
    }
    const written = this.#writeNested(field, field.schema(), depth);
    if (isItem) this.#isInItem = false;
    return written;
  }
}

type ListField = Extract<Field, { is: "texts" | "messages" | "envelopes" }>;

/** Enough for all that may be received. */
const ENVELOPE_ROOM = 4;

/** Bytes for the length of a message, so many that its content seldom has to be moved. */
function roomForLength(field: Field): number {
  if (field.is === "envelope" || field.is === "envelopes") return ENVELOPE_ROOM;
  return field.is === "messages" && field.bad === "count" ? 2 : 1;
}

/** The field that has the key which was just read. */
function fieldNamed(schema: Schema, { text, textStart, textEnd }: JsonScanner): Field | undefined {
  const candidates = schema.byLength[textEnd - textStart];
  if (candidates === undefined) return undefined;
  for (const field of candidates) {
    const { name } = field;
    let same = 0;
    while (same < name.length && text[textStart + same] === name[same]) same++;
    if (same === name.length) return field;
  }
  return undefined;
}

/** Whether it is a list of items, or leads to such. */
function isOfItems(field: Field): field is ListField {
  return field.is === "envelopes" || (field.is === "messages" && field.bad === "count");
}
