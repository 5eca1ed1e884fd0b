import { isUtf8 } from "node:buffer";
import type { DecodeIssues } from "../../model/span-batch.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import { jsonPathAt } from "./json-path.ts";
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
import { MAX_ATTRIBUTE_DEPTH } from "./span-check.ts";

/** A request in protobuf, and what was wrong with its JSON. */
export interface RewrittenRequest extends DecodeIssues {
  readonly body: Uint8Array;
}

/**
 * Rewrites an OTLP/JSON request (specification.md, "JSON Protobuf Encoding") as protobuf, so that everything behind it
 * knows one form only. Never throws; an item (a span, here) that cannot be read is left out and counted, and what is
 * whole before a fault of syntax is kept.
 */
export function rewriteTracesJson(body: Uint8Array): RewrittenRequest {
  return new OtlpJsonRewriter(body, TRACES_REQUEST).run();
}

/** The same for metrics; their items are data points. */
export function rewriteMetricsJson(body: Uint8Array): RewrittenRequest {
  return new OtlpJsonRewriter(body, METRICS_REQUEST).run();
}

/** The same for logs; their items are log records. */
export function rewriteLogsJson(body: Uint8Array): RewrittenRequest {
  return new OtlpJsonRewriter(body, LOGS_REQUEST).run();
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
  #rejectedCount = 0;
  #message = "";
  #isMalformed = false;
  /** Why the message that is being written cannot be, and where; empty too where the text is no JSON. */
  #fault = "";
  #faultAt = 0;

  constructor(body: Uint8Array, request: RequestSchema) {
    const text = isUtf8(body) ? body : withoutInvalidUtf8(body);
    this.#request = request;
    this.#json = new JsonScanner(text);
    // Protobuf takes about half of what JSON does.
    this.#writer = new WireWriter(Math.max(1024, text.length >> 1));
    this.#scalars = new ScalarWriter(this.#json, this.#writer);
    this.#attributes = new AttributeWriter(this.#json, this.#writer, this.#scalars);
  }

  run(): RewrittenRequest {
    const json = this.#json;
    if (json.peek() !== OPEN_BRACE) {
      if (json.skipValue()) this.#malformed("the request is not a JSON object");
      else this.#brokenSyntax();
    } else if (!this.#writeMessage(this.#request.fields, 0) || json.peek() !== NO_BYTE) this.#brokenSyntax();
    return {
      body: this.#writer.written,
      rejectedCount: this.#rejectedCount,
      message: this.#message,
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
    const path = at === undefined ? "" : jsonPathAt(this.#json.bytes, at);
    this.#message = path === "" ? fault : `${fault} (${path})`;
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
    const mark = this.#writer.begin(field.tag);
    const written = this.#writeMessage(schema, depth);
    this.#writer.end(mark);
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
      if (step === BROKEN || !this.#writeElement(field, json.peek(), depth)) return false;
    }
    return true;
  }

  #writeAttributes(field: ListField, depth: number): boolean {
    const json = this.#json;
    const attributes = this.#attributes;
    attributes.beginList();
    for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
      if (step === BROKEN) return false;
      const byte = json.peek();
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
    if (field.is === "envelopes" || field.bad === "spoils")
      return this.#writeNested(field, field.schema(), depth);

    const before = this.#writer.length;
    if (this.#writeNested(field, field.schema(), depth)) return true;
    this.#writer.truncate(before);
    // Whether the rest of a bad message is JSON is known only behind it.
    json.position = start;
    const fault = this.#fault;
    this.#fault = "";
    if (!json.skipValue()) return false;
    if (field.bad === "count") this.#reject(fault, this.#faultAt);
    return true;
  }
}

type ListField = Extract<Field, { is: "texts" | "messages" | "envelopes" }>;

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

/** Readers of protobuf may refuse a string that is no UTF-8; in JSON its bytes are replaced. */
function withoutInvalidUtf8(body: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder("utf-8").decode(body));
}
