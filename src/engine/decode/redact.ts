import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../../model/attribute-depth.ts";
import type { SpanBatch } from "../../model/span-batch.ts";
import { RedactedKeys } from "./redact-keys.ts";
import { isShortText } from "./span-check.ts";
import { isCardNumber, MASK, redactText } from "./redact-text.ts";

/**
 * Masks secrets in decoded spans: the values of attributes whose keys say so ({@link RedactedKeys}), and what looks
 * like a secret within any text value ({@link redactText}); in spans, events, links, scopes and resources, however deeply
 * nested; and in the messages of statuses and in trace states. It writes into the batch's body. Each masked byte becomes `*`, so that all offsets stay; a number becomes a
 * text of as many bytes. A boolean stays: it tells no secret.
 */
export class Redactor {
  readonly #keys: RedactedKeys;
  readonly #reader = new WireReader();

  constructor(keys: readonly string[]) {
    this.#keys = new RedactedKeys(keys);
  }

  /** Attributes that the batch's matcher knows hold nothing that is to be masked. */
  redact(batch: SpanBatch): void {
    const { body, resources, scopes, attributes, attributeCount, fieldsStart, fieldsEnd, fieldsCount } =
      batch;
    const reader = this.#reader;
    for (const { message } of resources) {
      reader.reset(body, message.start, message.end);
      this.#attributesIn(RESOURCE_ATTRIBUTE);
    }
    for (const { message } of scopes) {
      reader.reset(body, message.start, message.end);
      this.#attributesIn(SCOPE_ATTRIBUTE);
    }
    for (let i = 0; i < attributeCount; i++) {
      const code = attributes[i] ?? 0;
      if (code >= 0) continue;
      reader.reset(body, ~code, body.length);
      reader.limit = reader.enter();
      this.#keyValue(false, 0);
    }
    for (let i = 0; i < fieldsCount; i++) {
      reader.reset(body, fieldsStart[i] ?? 0, fieldsEnd[i] ?? 0);
      this.#fields();
    }
    reader.reset(NOTHING, 0, 0);
    this.#keys.release();
  }

  /**
   * Masks what is secret in the fields of this tag, KeyValue messages (`attributes`) or AnyValue messages (`values`),
   * of the message between `start` and `end`.
   */
  redactFields(
    bytes: Uint8Array,
    start: number,
    end: number,
    tag: number,
    kind: "attributes" | "values",
  ): void {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    this.#each(tag, kind === "attributes" ? KEY_VALUES : VALUES, false, 0);
    reader.reset(NOTHING, 0, 0);
  }

  /** Masks what is secret in the KeyValue message between `start` and `end`. */
  redactKeyValue(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    this.#keyValue(false, 0);
    reader.reset(NOTHING, 0, 0);
  }

  /** Fields of a Span message, other than its attributes. */
  #fields(): void {
    const reader = this.#reader;
    for (let tag = reader.next(); tag > END; tag = reader.next()) {
      if (tag !== EVENT && tag !== LINK && tag !== STATUS && tag !== TRACE_STATE) {
        if (!reader.skip(tag)) return;
        continue;
      }
      const end = reader.enter();
      if (end === MALFORMED) return;
      const start = reader.position;
      const outer = reader.limit;
      reader.limit = end;
      if (tag === EVENT) this.#attributesIn(EVENT_ATTRIBUTE);
      else if (tag === STATUS) this.#textsIn(STATUS_MESSAGE);
      else if (tag === TRACE_STATE) redactText(reader.bytes, start, end);
      else {
        this.#attributesIn(LINK_ATTRIBUTE);
        reader.position = start;
        this.#textsIn(LINK_TRACE_STATE);
      }
      reader.limit = outer;
      reader.position = end;
    }
  }

  /** Texts under this tag up to the reader's limit. */
  #textsIn(text: number): void {
    const reader = this.#reader;
    for (let tag = reader.next(); tag > END; tag = reader.next()) {
      if (tag !== text) {
        if (!reader.skip(tag)) return;
        continue;
      }
      const end = reader.enter();
      if (end === MALFORMED) return;
      redactText(reader.bytes, reader.position, end);
      reader.position = end;
    }
  }

  /** Goes into each KeyValue under this tag up to the reader's limit. */
  #attributesIn(attribute: number): void {
    this.#each(attribute, KEY_VALUES, false, 0);
  }

  /**
   * Goes into each nested message of this tag up to the reader's limit. What is not well formed there, or too deep, is
   * overwritten: nobody can read it, and it may hold anything.
   * @param masked all values are masked, since they lie in one that is
   */
  #each(tag: number, kind: Kind, masked: boolean, depth: number): void {
    const reader = this.#reader;
    for (;;) {
      const at = reader.position;
      const field = reader.next();
      if (field === END) return;
      if (field !== tag) {
        if (reader.skip(field)) continue;
        this.#blankFrom(at);
        return;
      }
      const end = reader.enter();
      if (end === MALFORMED || depth > MAX_ATTRIBUTE_DEPTH) {
        this.#blankFrom(at);
        return;
      }
      const outer = reader.limit;
      reader.limit = end;
      if (kind === VALUES) this.#value(masked, depth);
      else this.#keyValue(masked, depth);
      reader.limit = outer;
      reader.position = end;
    }
  }

  #keyValue(masked: boolean, depth: number): void {
    const reader = this.#reader;
    const { bytes, position, limit } = reader;
    const keyEnd = position + 2 + (bytes[position + 1] ?? 0);
    // As every SDK writes it: the key, shorter than 128 bytes, before the value.
    if (bytes[position] === KEY && keyEnd - position < 0x82 && keyEnd < limit && bytes[keyEnd] === VALUE) {
      const isMeant = masked || this.#keys.has(bytes, position + 2, keyEnd);
      if (!isMeant && isShortText(bytes, keyEnd, limit)) {
        redactText(bytes, keyEnd + 4, limit);
        return;
      }
      reader.position = keyEnd;
      this.#each(VALUE, VALUES, isMeant, depth);
      return;
    }
    const isMeant = masked || this.#hasMeantKey();
    reader.position = position;
    this.#each(VALUE, VALUES, isMeant, depth);
  }

  #hasMeantKey(): boolean {
    const reader = this.#reader;
    for (let tag = reader.next(); tag > END; tag = reader.next()) {
      if (tag !== KEY) {
        if (!reader.skip(tag)) return false;
        continue;
      }
      const end = reader.enter();
      if (end === MALFORMED) return false;
      if (this.#keys.has(reader.bytes, reader.position, end)) return true;
      reader.position = end;
    }
    return false;
  }

  /** An AnyValue up to the reader's limit. */
  #value(masked: boolean, depth: number): void {
    const reader = this.#reader;
    const { bytes } = reader;
    for (;;) {
      const at = reader.position;
      const tag = reader.next();
      if (tag === END) return;
      if (tag === STRING_VALUE || tag === BYTES_VALUE || tag === ARRAY_VALUE || tag === MAP_VALUE) {
        const end = reader.enter();
        if (end === MALFORMED) {
          this.#blankFrom(at);
          return;
        }
        if (tag === ARRAY_VALUE || tag === MAP_VALUE) this.#nested(tag, end, masked, depth + 1);
        else if (masked) bytes.fill(MASK, reader.position, end);
        else if (tag === STRING_VALUE) redactText(bytes, reader.position, end);
        reader.position = end;
      } else if (!reader.skip(tag)) {
        this.#blankFrom(at);
        return;
      } else if (tag === INT_VALUE || tag === DOUBLE_VALUE) {
        const isSecret = masked || (tag === INT_VALUE && isCardNumber(integerOf(reader)));
        if (isSecret) writeMaskedText(bytes, at, reader.position);
      }
    }
  }

  #nested(tag: number, end: number, masked: boolean, depth: number): void {
    const reader = this.#reader;
    const outer = reader.limit;
    reader.limit = end;
    this.#each(ELEMENT, tag === ARRAY_VALUE ? VALUES : KEY_VALUES, masked, depth);
    reader.limit = outer;
  }

  #blankFrom(at: number): void {
    this.#reader.bytes.fill(0, at, this.#reader.limit);
  }
}

type Kind = typeof VALUES | typeof KEY_VALUES;
const VALUES = 0;
const KEY_VALUES = 1;

/**
 * Overwrites the spans of a body that the decoder refused with zeros, in place: what is in them was not looked through
 * for secrets. They are refused again wherever the body is decoded.
 */
export function blankRefusedSpans({ body, refused }: SpanBatch): void {
  for (const { start, end } of refused) body.fill(0, start, end);
}

const NOTHING = new Uint8Array(0);

const RESOURCE_ATTRIBUTE = 0x0a;
const SCOPE_ATTRIBUTE = 0x1a;
const TRACE_STATE = 0x1a;
const EVENT = 0x5a;
const LINK = 0x6a;
const STATUS = 0x7a;
const EVENT_ATTRIBUTE = 0x1a;
const LINK_TRACE_STATE = 0x1a;
const LINK_ATTRIBUTE = 0x22;
const STATUS_MESSAGE = 0x12;
const KEY = 0x0a;
const VALUE = 0x12;
const STRING_VALUE = 0x0a;
const INT_VALUE = 0x18;
const DOUBLE_VALUE = 0x21;
const ARRAY_VALUE = 0x2a;
const MAP_VALUE = 0x32;
const BYTES_VALUE = 0x3a;
const ELEMENT = 0x0a;

/** The varint that was read last; only what a double holds exactly can be a card's number here. */
function integerOf({ low, high }: WireReader): number {
  return high * 2 ** 32 + low;
}

/** Makes a number's field, tag included, a text of the same length. */
function writeMaskedText(bytes: Uint8Array, start: number, end: number): void {
  bytes[start] = STRING_VALUE;
  bytes[start + 1] = end - start - 2;
  bytes.fill(MASK, start + 2, end);
}
