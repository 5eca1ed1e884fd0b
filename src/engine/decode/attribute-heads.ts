import { hashBytes } from "../../base/words.ts";
import { WireWriter } from "../../base/wire-writer.ts";
import type { JsonScanner } from "./json-scanner.ts";
import { ANY_VALUE, isScalar, type ScalarField } from "./otlp-json-schema.ts";

/** What every attribute with one key and kind of value begins with. */
export interface AttributeHead {
  /** `{"key":"http.route","value":{"stringValue":` */
  readonly json: DataView;
  /** The same in protobuf: the field of the key. */
  readonly key: DataView;
  readonly valueField: ScalarField;
  /** Whether the value is a string. */
  readonly isText: boolean;
  /** The heads that followed this one, the latest first. */
  readonly next: AttributeHead[];
}

/** Keys come from outside: no sender may make this grow, or slow. */
const MAX_HEADS = 2048;
const MAX_HEAD_LENGTH = 256;
const MAX_SAME_HASH = 8;
const MAX_NEXT = 2;

/**
 * Remembers how attributes begin and which follow which: an exporter's spans carry the same few keys in the same few
 * orders, so that most keys need no more than a comparison.
 */
export class AttributeHeads {
  readonly first: AttributeHead[] = [];
  /** By the hash of the key. */
  readonly #heads = new Map<number, AttributeHead[]>();
  #count = 0;

  /** Steps over the head here if it is a known one; best if it is one of those that were expected. It is expected from now on. */
  skip(json: JsonScanner, expected: AttributeHead[]): AttributeHead | undefined {
    for (let i = 0; i < expected.length; i++) {
      const head = expected[i];
      if (head !== undefined && json.skipText(head.json)) {
        if (i > 0) expect(expected, head);
        return head;
      }
    }
    const hash = hashOfKey(json);
    const heads = hash === undefined ? undefined : this.#heads.get(hash);
    const head = heads?.find((one) => json.skipText(one.json));
    if (head !== undefined) expect(expected, head);
    return head;
  }

  /** Learns the head here, if it is written as exporters do, and expects it from now on. */
  learn(json: JsonScanner, expected: AttributeHead[]): AttributeHead | undefined {
    const hash = hashOfKey(json);
    if (hash === undefined) return undefined;
    const { bytes, position } = json;
    const end = Math.min(bytes.length, position + MAX_HEAD_LENGTH);
    const written = Buffer.from(bytes.buffer, bytes.byteOffset + position, end - position).toString("latin1");
    const [text, key = "", kind = ""] = HEAD.exec(written) ?? [];
    const valueField = SCALAR_VALUES.get(kind);
    if (text === undefined || valueField === undefined) return undefined;
    const head = {
      json: new DataView(Uint8Array.from(Buffer.from(text, "latin1")).buffer),
      key: keyField(key),
      valueField,
      isText: valueField.is === "string value",
      next: [],
    };
    this.#add(hash, head);
    expect(expected, head);
    return head;
  }

  #add(hash: number, head: AttributeHead): void {
    if (this.#count >= MAX_HEADS) this.#forget();
    const heads = this.#heads.get(hash);
    if (heads !== undefined && heads.length >= MAX_SAME_HASH) return;
    this.#count++;
    if (heads === undefined) this.#heads.set(hash, [head]);
    else heads.push(head);
  }

  #forget(): void {
    for (const heads of this.#heads.values()) for (const head of heads) head.next.length = 0;
    this.#heads.clear();
    this.#count = 0;
    this.first.length = 0;
  }
}

/** Puts the head first. */
function expect(expected: AttributeHead[], head: AttributeHead): void {
  const at = expected.indexOf(head);
  if (at >= 0) expected.splice(at, 1);
  else if (expected.length === MAX_NEXT) expected.pop();
  expected.unshift(head);
}

const KEY = new DataView(new TextEncoder().encode('{"key":"').buffer);

/** Of the attribute here; undefined where it does not begin with a plain key. Leaves the position as it is. */
function hashOfKey(json: JsonScanner): number | undefined {
  const start = json.position;
  if (!json.skipText(KEY)) return undefined;
  json.position--;
  const hash = json.plainText() ? hashBytes(0, json.textView, json.textStart, json.textEnd) : undefined;
  json.position = start;
  return hash;
}

const HEAD = /^\{"key":"([^"\\\p{Cc}]+)","value":\{"(\w+)":/u;

/** Arrays and maps are not among them: of these, each level would be tried twice. */
const SCALAR_VALUES = new Map<string, ScalarField>();
for (const field of ANY_VALUE.byLength.flat()) {
  if (field !== undefined && isScalar(field)) SCALAR_VALUES.set(Buffer.from(field.name).toString(), field);
}

/** `key` as its bytes, one a character. */
function keyField(key: string): DataView {
  const writer = new WireWriter(key.length + 8);
  writer.bytesField(0x0a, Buffer.from(key, "latin1"));
  return new DataView(writer.written.slice().buffer);
}
