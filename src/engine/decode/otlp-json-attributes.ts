import { copyBytes } from "../../base/words.ts";
import type { WireWriter } from "../../base/wire-writer.ts";
import { AttributeHeads, type AttributeHead } from "./attribute-heads.ts";
import { CLOSE_BRACE, type JsonScanner } from "./json-scanner.ts";
import type { ScalarWriter } from "./otlp-json-scalars.ts";

/** One for all requests: what a sender's attributes look like, its next request knows already. */
const HEADS = new AttributeHeads();
/** The field of an attribute's value. */
const VALUE = 0x12;
/** Below this, a length takes one byte. */
const SHORT = 0x80;

/** Writes lists of attributes, those with a known head and a scalar value without taking them apart. */
export class AttributeWriter {
  readonly #json: JsonScanner;
  readonly #writer: WireWriter;
  readonly #scalars: ScalarWriter;
  #expected = HEADS.first;

  constructor(json: JsonScanner, writer: WireWriter, scalars: ScalarWriter) {
    this.#json = json;
    this.#writer = writer;
    this.#scalars = scalars;
  }

  beginList(): void {
    this.#expected = HEADS.first;
  }

  /** Writes the attribute here as the field with this tag. False where it is to be read as any other message, from its beginning. */
  writeKnown(tag: number): boolean {
    const json = this.#json;
    const start = json.position;
    const head = HEADS.skip(json, this.#expected);
    if (head === undefined) return false;
    this.#expected = head.next;
    if (head.isText && this.#writeShortText(tag, head)) return true;

    const writer = this.#writer;
    const before = writer.length;
    const attribute = writer.begin(tag);
    writer.copy(head.key, 0, head.key.byteLength);
    const value = writer.begin(VALUE);
    if (this.#scalars.write(head.valueField, json.peek()) && json.skipTwo(CLOSE_BRACE)) {
      writer.end(value);
      writer.end(attribute);
      return true;
    }
    writer.truncate(before);
    json.position = start;
    return false;
  }

  /** Learns what the attribute at `start` looks like, one that was read as any other message. */
  learn(start: number): void {
    const json = this.#json;
    const { position } = json;
    json.position = start;
    this.#expected = HEADS.learn(json, this.#expected)?.next ?? this.#expected;
    json.position = position;
  }

  /** Most attributes: all lengths take one byte, so that the whole is laid out in one go. */
  #writeShortText(tag: number, { key, valueField }: AttributeHead): boolean {
    const json = this.#json;
    if (!json.plainText() || !json.skipTwo(CLOSE_BRACE)) return false;
    const { textView, textStart } = json;
    const textSize = json.textEnd - textStart;
    const keySize = key.byteLength;
    const size = keySize + 4 + textSize;
    if (size >= SHORT) return false;
    const writer = this.#writer;
    let to = writer.claim(2 + size);
    const { buffer, view } = writer;
    buffer[to++] = tag;
    buffer[to++] = size;
    copyBytes(key, 0, view, to, keySize);
    to += keySize;
    buffer[to++] = VALUE;
    buffer[to++] = 2 + textSize;
    buffer[to++] = valueField.tag;
    buffer[to++] = textSize;
    copyBytes(textView, textStart, view, to, textSize);
    return true;
  }
}
