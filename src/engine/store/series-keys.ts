import { WireWriter } from "../../base/wire-writer.ts";
import type { MetricBatch } from "../../model/metric-batch.ts";
import { mixWords } from "./hash-index.ts";
import { labelOf, type Label } from "./series-labels.ts";

/**
 * Writes what tells a series from others of its metric: its attributes in the order of their bytes, each as a field.
 * The bytes are in {@link written} until the next call.
 */
export class SeriesKeyWriter {
  readonly #writer = new WireWriter();
  #order = new Uint32Array(16);
  #lastHash = 0;

  get written(): Uint8Array {
    return this.#writer.written;
  }

  /** The hash of the key that was written last. */
  get hash(): number {
    return this.#lastHash;
  }

  /** Writes the key of a data point and returns its hash. */
  write(batch: MetricBatch, point: number, metric: number): number {
    const { body, attributeStart, attributeEnd } = batch;
    const writer = this.#writer;
    writer.clear();
    const count = this.#sort(batch, point);
    for (let i = 0; i < count; i++) {
      const attribute = this.#order[i] ?? 0;
      writer.bytesField(ATTRIBUTE, body, attributeStart[attribute] ?? 0, attributeEnd[attribute] ?? 0);
    }
    return (this.#lastHash = this.#hash(metric));
  }

  /** Whether this key was written last. */
  isEqual(key: Uint8Array): boolean {
    const { buffer, length } = this.#writer;
    if (key.length !== length) return false;
    for (let i = 0; i < length; i++) if (key[i] !== buffer[i]) return false;
    return true;
  }

  /** Orders the point's attributes and returns their number. Senders mostly keep to one order: insertion is enough for few, and for sorted ones. */
  #sort(batch: MetricBatch, point: number): number {
    const first = batch.firstAttribute[point] ?? 0;
    const count = batch.lastAttribute(point) - first;
    if (count > this.#order.length) this.#order = new Uint32Array(count * 2);
    const order = this.#order;
    if (count > MAX_INSERTED) {
      const sorted = Array.from({ length: count }, (_, i) => first + i);
      order.set(sorted.sort((a, b) => compare(batch, a, b)));
      return count;
    }
    for (let i = 0; i < count; i++) {
      let at = i;
      for (; at > 0 && compare(batch, order[at - 1] ?? 0, first + i) > 0; at--)
        order[at] = order[at - 1] ?? 0;
      order[at] = first + i;
    }
    return count;
  }

  #hash(metric: number): number {
    const { buffer, length } = this.#writer;
    let hash = HASH_SEED ^ Math.imul(metric + 1, 0x9e37_79b1);
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (buffer[i] ?? 0), 0x0100_0193);
    return mixWords(hash, length);
  }
}

/** The labels that a key's attributes stand for. */
export function labelsOfKey(key: Uint8Array): Label[] {
  const labels: Label[] = [];
  for (const [start, end] of attributesOfKey(key)) labels.push(labelOf(key, start, end));
  return labels;
}

/** Where the KeyValue messages of a key lie. */
export function* attributesOfKey(key: Uint8Array): Generator<readonly [start: number, end: number]> {
  for (let at = 0; at < key.length;) {
    let length = 0;
    at++;
    for (let shift = 0; ; shift += 7) {
      const byte = key[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    yield [at, at + length];
    at += length;
  }
}

/** Unknown to senders, so that they cannot choose attributes that collide. */
const HASH_SEED = Math.floor(Math.random() * 0xffff_ffff);

/** A tag that only has to take one byte. */
const ATTRIBUTE = 0x0a;
const MAX_INSERTED = 32;

function compare({ body, attributeStart, attributeEnd }: MetricBatch, a: number, b: number): number {
  const startA = attributeStart[a] ?? 0;
  const startB = attributeStart[b] ?? 0;
  const lengthA = (attributeEnd[a] ?? 0) - startA;
  const lengthB = (attributeEnd[b] ?? 0) - startB;
  const shorter = Math.min(lengthA, lengthB);
  for (let i = 0; i < shorter; i++) {
    const difference = (body[startA + i] ?? 0) - (body[startB + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}
