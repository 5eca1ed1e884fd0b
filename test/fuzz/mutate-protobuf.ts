import { END, MALFORMED, WIRE_BYTES, WireReader } from "../../src/base/wire-reader.ts";
import { WireWriter } from "../../src/base/wire-writer.ts";
import { joined, VARINTS } from "./mutate-bytes.ts";
import type { Random } from "./random.ts";

/** A field of a message: from its tag to behind its value. */
interface Field {
  readonly tag: number;
  readonly start: number;
  /** Where the content of a length-delimited field begins; `end` for others. */
  readonly content: number;
  readonly end: number;
}

/** Changes one field somewhere in the message, and keeps the lengths of what it is in right (but for a length that is to lie). */
export function mutateProtobuf(message: Uint8Array, random: Random): Uint8Array {
  const fields = fieldsOf(message);
  if (fields.length === 0) return joined(message, unknownField(random));
  const field = random.pick(fields);
  const before = message.subarray(0, field.start);
  const after = message.subarray(field.end);
  const whole = message.subarray(field.start, field.end);
  const content = message.subarray(field.content, field.end);
  // Most of what a request holds is deep inside.
  if ((field.tag & 7) === WIRE_BYTES && content.length > 1 && random.chance(0.85)) {
    return joined(before, fieldOf(field.tag, mutateProtobuf(content, random)), after);
  }
  switch (random.below(11)) {
    case 0: // left out
      return joined(before, after);
    case 1: // repeated
      return joined(before, ...Array.from({ length: 1 + random.below(4) }, () => whole), after);
    case 2: // beside an unknown one
      return joined(before, unknownField(random), whole, after);
    case 3: // at another place
      return joined(before, after, whole);
    case 4: // of another type or number
      return joined(before, fieldOf(random.below(32) * 8 + WIRE_BYTES, content), after);
    case 5: // with a length that lies
      return joined(before, lyingField(field.tag, content, random), after);
    case 6: // nested in itself
      return joined(before, nested(field.tag, content, random.pick([1, 3, 49, 50, 51, 200])), after);
    case 7: // cut off inside, so that what it holds is longer than itself
      return joined(before, fieldOf(field.tag, content.subarray(0, random.below(content.length))), after);
    case 8: // with an edge of varints for its length, or its value
    case 9:
      return joined(before, withVarint(field.tag, random), content, after);
    default: // of another length
      return joined(
        before,
        fieldOf(field.tag, random.bytes(random.pick([0, 1, 7, 8, 9, 15, 16, 17, 300]))),
        after,
      );
  }
}

/** The fields of a message, as far as it is one. */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  const reader = new WireReader();
  reader.reset(message, 0, message.length);
  for (;;) {
    const start = reader.position;
    const tag = reader.next();
    if (tag === END || tag === MALFORMED) return fields;
    const beforeValue = reader.position;
    let content: number | undefined;
    if ((tag & 7) === WIRE_BYTES) {
      if (reader.enter() === MALFORMED) return fields;
      content = reader.position;
      reader.position = beforeValue;
    }
    if (!reader.skip(tag)) return fields;
    fields.push({ tag, start, content: content ?? reader.position, end: reader.position });
  }
}

export function fieldOf(tag: number, content: Uint8Array): Uint8Array {
  const writer = new WireWriter(content.length + 12);
  writer.bytesField(Math.max(tag, 10), content);
  return writer.written.slice();
}

function nested(tag: number, content: Uint8Array, levels: number): Uint8Array {
  let result = content;
  for (let level = 0; level < levels; level++) result = fieldOf(tag, result);
  return fieldOf(tag, result);
}

function lyingField(tag: number, content: Uint8Array, random: Random): Uint8Array {
  const writer = new WireWriter(content.length + 12);
  writer.varint(Math.max(tag, 10));
  writer.varint(
    random.pick([0, Math.max(0, content.length - 1), content.length + 1, 0x7fff_ffff, 0xffff_ffff]),
  );
  writer.raw(content);
  return writer.written.slice();
}

function withVarint(tag: number, random: Random): Uint8Array {
  const writer = new WireWriter(32);
  writer.varint(Math.max(tag, 8));
  writer.raw(Uint8Array.from(random.pick(VARINTS)));
  return writer.written.slice();
}

function unknownField(random: Random): Uint8Array {
  const writer = new WireWriter(64);
  const number = random.pick([18, 100, 15_000, 0x1fff_ffff]);
  const wireType = random.below(8);
  writer.varint(((number << 3) | wireType) >>> 0);
  writer.raw(random.bytes(random.below(12)));
  return writer.written.slice();
}
