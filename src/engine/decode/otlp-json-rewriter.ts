import { WireWriter } from "../../base/wire-writer.ts";
import { halves, readDecimal, readWholeNumber } from "./json-integer.ts";
import {
  BROKEN,
  CLOSED,
  HEX_DIGITS,
  JsonScanner,
  LOWER_F,
  LOWER_T,
  NO_BYTE,
  NO_DIGIT,
  NULL_N,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
} from "./json-scanner.ts";
import { TRACES_REQUEST, type Field, type Schema } from "./otlp-json-fields.ts";
import { MAX_ATTRIBUTE_DEPTH } from "./span-check.ts";

/**
 * Rewrites an OTLP/JSON request as protobuf while it reads it, field by field and without objects. Fields keep their
 * order; where a key is there twice, protobuf's rules hold: the last value counts, lists are joined. What is whole
 * before a fault of syntax is kept.
 */
export class OtlpJsonRewriter {
  readonly writer: WireWriter;
  /** Spans that were left out. */
  rejectedCount = 0;
  /** What was wrong first; empty where nothing was. */
  message = "";
  malformed = false;
  readonly #json: JsonScanner;
  /** Why the message that is being written cannot be; empty too where the text is no JSON. */
  #fault = "";

  constructor(body: Uint8Array) {
    this.#json = new JsonScanner(body);
    // Protobuf takes about half of what JSON does.
    this.writer = new WireWriter(Math.max(1024, body.length >> 1));
  }

  run(): void {
    const json = this.#json;
    if (json.peek() !== OPEN_BRACE) {
      this.#malformed(json.skipValue() ? "the request is not a JSON object" : this.#syntaxFault());
      return;
    }
    if (!this.#writeMessage(TRACES_REQUEST, 0) || json.peek() !== NO_BYTE)
      this.#malformed(this.#syntaxFault());
  }

  #syntaxFault(): string {
    return `the request is not JSON: it makes no sense at byte ${this.#json.position}`;
  }

  #malformed(message: string): void {
    this.malformed = true;
    if (this.message === "") this.message = message;
  }

  /** Writes the fields of the object here. False where it cannot be read on: with a fault, the message is bad; without, the JSON is. */
  #writeMessage(schema: Schema, depth: number): boolean {
    const json = this.#json;
    for (let step = json.openObject(); step !== CLOSED; step = json.nextMember()) {
      if (step === BROKEN) return false;
      const field = fieldNamed(schema, json);
      const byte = json.peek();
      // Protobuf's JSON mapping takes null for a field that is not there.
      const read =
        field === undefined || byte === NULL_N ? json.skipValue() : this.#writeField(field, byte, depth);
      if (!read) return false;
    }
    return true;
  }

  #writeField(field: Field, byte: number, depth: number): boolean {
    const json = this.#json;
    switch (field.is) {
      case "text":
        if (byte !== QUOTE) return json.skipValue();
        return json.string() && (json.textEnd === json.textStart || this.#writeText(field));
      case "string value":
        if (byte !== QUOTE) return this.#bad(BAD_VALUE);
        return json.string() && this.#writeText(field);
      case "id":
        if (byte !== QUOTE) return this.#bad(field.fault);
        return json.string() && (this.#writeHex(field) || this.#bad(field.fault));
      case "time":
        if (!this.#readInteger(byte)) return this.#bad(field.fault);
        this.writer.varint(field.tag);
        this.writer.fixed64(halves.low, halves.high);
        return true;
      case "int value":
        if (!this.#readInteger(byte)) return this.#bad(BAD_VALUE);
        this.writer.varint(field.tag);
        this.writer.varint64(halves.low, halves.high);
        return true;
      case "bool value":
        if ((byte !== LOWER_T && byte !== LOWER_F) || !json.literal(byte)) return this.#bad(BAD_VALUE);
        this.writer.varint(field.tag);
        this.writer.byte(byte === LOWER_T ? 1 : 0);
        return true;
      case "double value":
        return this.#writeDouble(field, byte) || this.#bad(BAD_VALUE);
      case "bytes value":
        return (byte === QUOTE && json.string() && this.#writeBase64(field)) || this.#bad(BAD_VALUE);
      case "message":
        return byte === OPEN_BRACE ? this.#writeNested(field, field.schema(), depth) : json.skipValue();
      case "value":
        return byte === OPEN_BRACE ? this.#writeNested(field, field.schema(), depth) : this.#bad(BAD_VALUE);
      case "nested":
        if (byte !== OPEN_BRACE || depth >= MAX_ATTRIBUTE_DEPTH) return this.#bad(BAD_VALUE);
        return this.#writeNested(field, field.schema(), depth + 1);
      case "count":
      case "enum":
      case "flags":
        return this.#writeNumber(field, byte);
      case "texts":
      case "messages":
      case "envelopes":
        return this.#writeList(field, byte, depth);
    }
  }

  #bad(fault: string): false {
    if (this.#fault === "") this.#fault = fault;
    return false;
  }

  #writeNested(field: Field, schema: Schema, depth: number): boolean {
    const mark = this.writer.begin(field.tag);
    const written = this.#writeMessage(schema, depth);
    this.writer.end(mark);
    return written;
  }

  #writeList(field: ListField, byte: number, depth: number): boolean {
    const json = this.#json;
    if (byte !== OPEN_BRACKET) {
      // `spans` is no envelope, but leads to them too.
      if (field.is === "envelopes" || (field.is === "messages" && field.bad === "count"))
        this.#malformed(WRONG_SHAPE);
      return json.skipValue();
    }
    for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
      if (step === BROKEN || !this.#writeElement(field, json.peek(), depth)) return false;
    }
    return true;
  }

  #writeElement(field: ListField, byte: number, depth: number): boolean {
    const json = this.#json;
    if (field.is === "texts") {
      return byte === QUOTE ? json.string() && this.#writeText(field) : json.skipValue();
    }
    if (byte !== OPEN_BRACE) {
      if (field.is === "envelopes") this.#malformed(WRONG_SHAPE);
      else if (field.bad === "count") this.#reject("a span is not a JSON object");
      return json.skipValue();
    }
    if (field.is === "envelopes" || field.bad === "spoils")
      return this.#writeNested(field, field.schema(), depth);

    const start = json.position;
    const before = this.writer.length;
    if (this.#writeNested(field, field.schema(), depth)) return true;
    this.writer.truncate(before);
    // Whether the rest of a bad message is JSON is known only behind it.
    json.position = start;
    const fault = this.#fault;
    this.#fault = "";
    if (!json.skipValue()) return false;
    if (field.bad === "count") this.#reject(fault);
    return true;
  }

  #reject(fault: string): void {
    this.rejectedCount++;
    if (this.message === "") this.message = fault;
  }

  #writeText(field: Field): true {
    const json = this.#json;
    this.writer.bytesField(field.tag, json.text, json.textStart, json.textEnd);
    return true;
  }

  /** An empty id is written as nothing; the reader of the protobuf judges the length. */
  #writeHex(field: Field): boolean {
    const { text, textStart, textEnd } = this.#json;
    const size = textEnd - textStart;
    if (size % 2 !== 0) return false;
    if (size === 0) return true;
    this.writer.varint(field.tag);
    this.writer.varint(size / 2);
    for (let at = textStart; at < textEnd; at += 2) {
      const high = HEX_DIGITS[text[at] ?? 0] ?? NO_DIGIT;
      const low = HEX_DIGITS[text[at + 1] ?? 0] ?? NO_DIGIT;
      if (high === NO_DIGIT || low === NO_DIGIT) return false;
      this.writer.byte(high * 16 + low);
    }
    return true;
  }

  /** Standard or url-safe, with or without padding. */
  #writeBase64(field: Field): boolean {
    const text = this.#textAsString();
    if (!BASE64.test(text)) return false;
    this.writer.bytesField(field.tag, Buffer.from(text, "base64"));
    return true;
  }

  /** Reads an integer of 64 bits into {@link halves}: a number, or a string of decimal digits. */
  #readInteger(byte: number): boolean {
    const json = this.#json;
    if (byte === QUOTE) return json.string() && readDecimal(json.text, json.textStart, json.textEnd);
    if (!json.number()) return false;
    return (
      readDecimal(json.text, json.textStart, json.textEnd) || readWholeNumber(Number(this.#textAsString()))
    );
  }

  #writeDouble(field: Field, byte: number): boolean {
    const json = this.#json;
    if (byte === QUOTE ? !json.string() : !json.number()) return false;
    const text = this.#textAsString();
    const number = Number(text);
    if (text.trim() === "" || (Number.isNaN(number) && text !== "NaN")) return false;
    this.writer.varint(field.tag);
    this.writer.double(number);
    return true;
  }

  /** Counts, enums and flags: 32 bits, left out where they are 0 or something else. */
  #writeNumber(field: NumberField, byte: number): boolean {
    const json = this.#json;
    const start = json.position;
    let number = this.#readInteger(byte) && halves.high === 0 ? halves.low : 0;
    json.position = start;
    if (!json.skipValue()) return false;
    if (number === 0 && byte === QUOTE && field.is === "enum") {
      number = Math.max(0, field.names.indexOf(this.#textAsString().replace(field.prefix, "").toLowerCase()));
    }
    if (number === 0) return true;
    if (field.is !== "flags") {
      this.writer.varint(field.tag);
      this.writer.varint(number);
      return true;
    }
    // A span's flags are field 16: their tag has two bytes, of which the table holds the first.
    this.writer.byte(field.tag);
    if (field.tag >= 0x80) this.writer.byte(1);
    this.writer.fixed32(number);
    return true;
  }

  #textAsString(): string {
    const { text, textStart, textEnd } = this.#json;
    return Buffer.from(text.buffer, text.byteOffset + textStart, textEnd - textStart).toString("latin1");
  }
}

type ListField = Extract<Field, { is: "texts" | "messages" | "envelopes" }>;
type NumberField = Extract<Field, { is: "count" | "flags" | "enum" }>;

const BAD_VALUE = "an attribute's value is not one that OTLP knows, or is nested too deeply";
const WRONG_SHAPE = "resourceSpans, scopeSpans and spans have to be arrays of objects";
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The field that has the key which was just read. */
function fieldNamed(schema: Schema, { text, textStart, textEnd }: JsonScanner): Field | undefined {
  const candidates = schema[textEnd - textStart];
  if (candidates === undefined) return undefined;
  for (const field of candidates) {
    const { name } = field;
    let same = 0;
    while (same < name.length && text[textStart + same] === name[same]) same++;
    if (same === name.length) return field;
  }
  return undefined;
}
