import type { WireWriter } from "../../base/wire-writer.ts";
import { halves, readDecimal, readWholeNumber } from "./json-integer.ts";
import {
  BROKEN,
  CLOSED,
  HEX_DIGITS,
  LOWER_F,
  LOWER_T,
  MINUS,
  NO_DIGIT,
  OPEN_BRACKET,
  QUOTE,
  type JsonScanner,
} from "./json-scanner.ts";
import type { Field, ScalarField } from "./otlp-json-schema.ts";

/** Writes the fields of OTLP's JSON that are no messages: texts, numbers, bytes and lists of numbers. */
export class ScalarWriter {
  readonly #json: JsonScanner;
  readonly #writer: WireWriter;

  constructor(json: JsonScanner, writer: WireWriter) {
    this.#json = json;
    this.#writer = writer;
  }

  /** Reads the value here, which begins with `byte`. False where it is not one for this field, or no JSON. */
  write(field: ScalarField, byte: number): boolean {
    const json = this.#json;
    switch (field.is) {
      case "string value":
        return byte === QUOTE && json.string() && this.writeText(field);
      case "text":
        if (byte !== QUOTE) return json.skipValue();
        return json.string() && (json.textEnd === json.textStart || this.writeText(field));
      case "id":
        if (byte !== QUOTE) return field.fault === undefined && json.skipValue();
        return json.string() && (this.#writeHex(field) || field.fault === undefined);
      case "fixed64":
      case "signed fixed64":
        if (!this.#readInteger(byte, field.is === "signed fixed64")) return false;
        this.#writer.varint(field.tag);
        this.#writer.fixed64(halves.low, halves.high);
        return true;
      case "int value":
        if (!this.#readInteger(byte, true)) return false;
        this.#writer.varint(field.tag);
        this.#writer.varint64(halves.low, halves.high);
        return true;
      case "zigzag":
        return this.#writeZigzag(field, byte);
      case "bool value":
        if ((byte !== LOWER_T && byte !== LOWER_F) || !json.literal(byte)) return false;
        this.#writeNumber(field, byte === LOWER_T ? 1 : 0);
        return true;
      case "flag":
        if (!json.skipValue()) return false;
        if (byte === LOWER_T) this.#writeNumber(field, 1);
        return true;
      case "double value":
      case "double": {
        const number = this.#readDouble(byte);
        if (number === undefined) return false;
        this.#writer.varint(field.tag);
        this.#writer.double(number);
        return true;
      }
      case "bytes value":
        return byte === QUOTE && json.string() && this.#writeBase64(field);
      case "count":
      case "enum":
      case "fixed32":
        return this.#write32Bits(field, byte);
      case "fixed64s":
      case "varints":
      case "doubles":
        return byte === OPEN_BRACKET && this.#writePacked(field);
    }
  }

  /** The text that was just read. */
  writeText(field: Field): true {
    const { text, textView, textStart, textEnd } = this.#json;
    const writer = this.#writer;
    const size = textEnd - textStart;
    writer.varint(field.tag);
    writer.varint(size);
    if (size < LONG_TEXT) writer.copy(textView, textStart, textEnd);
    else writer.raw(text, textStart, textEnd);
    return true;
  }

  #writeNumber(field: Field, number: number): void {
    this.#writer.varint(field.tag);
    this.#writer.varint(number);
  }

  /** An empty id is written as nothing. */
  #writeHex(field: IdField): boolean {
    const { textView, textStart, textEnd } = this.#json;
    const writer = this.#writer;
    const size = textEnd - textStart;
    if (size === 0) return true;
    if (size % 2 !== 0 || (field.bytes !== undefined && size !== field.bytes * 2)) return false;
    const before = writer.length;
    writer.varint(field.tag);
    writer.varint(size / 2);
    let to = writer.claim(size / 2);
    const { buffer } = writer;
    let found = 0;
    for (let at = textStart; at < textEnd; at += 2) {
      const byte = HEX_PAIRS[textView.getUint16(at, true)] ?? NO_PAIR;
      found |= byte;
      buffer[to++] = byte;
    }
    if (found >= 0) return true;
    writer.truncate(before);
    return false;
  }

  /** Standard or url-safe, with or without padding. */
  #writeBase64(field: Field): boolean {
    const text = this.#textAsString();
    if (!BASE64.test(text)) return false;
    this.#writer.bytesField(field.tag, Buffer.from(text, "base64"));
    return true;
  }

  /** Reads an integer of 64 bits into {@link halves}: a number, or a string of decimal digits. */
  #readInteger(byte: number, isSigned: boolean): boolean {
    const json = this.#json;
    if (byte === QUOTE ? !json.string() : !json.number()) return false;
    const { text, textView, textStart, textEnd } = json;
    if (!isSigned && text[textStart] === MINUS) return false;
    if (readDecimal(textView, textStart, textEnd)) return true;
    return byte !== QUOTE && readWholeNumber(Number(this.#textAsString()));
  }

  #writeZigzag(field: Field, byte: number): boolean {
    if (!this.#readInteger(byte, true)) return false;
    const number = halves.low | 0;
    if (halves.high !== (number < 0 ? 0xffff_ffff : 0)) return false;
    this.#writeNumber(field, ((number << 1) ^ (number >> 31)) >>> 0);
    return true;
  }

  #readDouble(byte: number): number | undefined {
    const json = this.#json;
    if (byte === QUOTE ? !json.string() : !json.number()) return undefined;
    const text = this.#textAsString();
    const number = Number(text);
    return text.trim() === "" || (Number.isNaN(number) && text !== "NaN") ? undefined : number;
  }

  /** Counts, enums and flags: left out where they are 0 or something else. */
  #write32Bits(field: ThirtyTwoBitField, byte: number): boolean {
    const json = this.#json;
    const start = json.position;
    let number = this.#readInteger(byte, false) && halves.high === 0 ? halves.low : 0;
    json.position = start;
    if (!json.skipValue()) return false;
    if (number === 0 && byte === QUOTE && field.is === "enum") {
      number = Math.max(0, field.names.indexOf(this.#textAsString().replace(field.prefix, "").toLowerCase()));
    }
    if (number === 0) return true;
    if (field.is !== "fixed32") this.#writeNumber(field, number);
    else {
      this.#writer.varint(field.tag);
      this.#writer.fixed32(number);
    }
    return true;
  }

  #writePacked(field: PackedField): boolean {
    const json = this.#json;
    const writer = this.#writer;
    const mark = writer.begin(field.tag);
    for (let step = json.openArray(); step !== CLOSED; step = json.nextElement()) {
      if (step === BROKEN) return false;
      const byte = json.peek();
      if (field.is === "doubles") {
        const number = this.#readDouble(byte);
        if (number === undefined) return false;
        writer.double(number);
      } else {
        if (!this.#readInteger(byte, false)) return false;
        if (field.is === "varints") writer.varint64(halves.low, halves.high);
        else writer.fixed64(halves.low, halves.high);
      }
    }
    writer.end(mark);
    return true;
  }

  #textAsString(): string {
    const { text, textStart, textEnd } = this.#json;
    return Buffer.from(text.buffer, text.byteOffset + textStart, textEnd - textStart).toString("latin1");
  }
}

type IdField = Extract<ScalarField, { is: "id" }>;
type PackedField = Extract<ScalarField, { is: "fixed64s" | "varints" | "doubles" }>;
type ThirtyTwoBitField = Extract<ScalarField, { is: "count" | "enum" | "fixed32" }>;

/** The byte that two hexadecimal digits mean, by their two bytes as they lie in the text. */
const NO_PAIR = -1;
const HEX_PAIRS = new Int16Array(0x1_0000).fill(NO_PAIR);
for (let high = 0; high < 256; high++) {
  for (let low = 0; low < 256; low++) {
    const digits = [HEX_DIGITS[high] ?? NO_DIGIT, HEX_DIGITS[low] ?? NO_DIGIT] as const;
    if (digits[0] !== NO_DIGIT && digits[1] !== NO_DIGIT)
      HEX_PAIRS[high | (low << 8)] = (digits[0] << 4) | digits[1];
  }
}

/** From here on a native copy is faster than one by words. */
const LONG_TEXT = 200;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
