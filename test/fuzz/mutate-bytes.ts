import type { Random } from "./random.ts";

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

/** Bytes at which readers of lengths, varints and text change their minds. */
const EDGES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x0b, 0x0c, 0x12, 0x22, 0x2c, 0x5b, 0x5c, 0x7b, 0x7d];

/** Varints of one byte too many, of exactly 64 bits, of 32 bits, negative, padded with zeros, cut off, and small ones. */
export const VARINTS = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x80, 0x80, 0x80, 0x80, 0x10],
  [0x80, 0x80, 0x80, 0x00],
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  [0x80, 0x80, 0x01],
  [0x7f],
  [0x01],
  [0x00],
];

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const result = new Uint8Array(bytes);
    const at = random.below(result.length);
    result[at] = (result[at] ?? 0) ^ (1 << random.below(8));
    return result;
  },
  function setEdge(bytes, random) {
    const result = new Uint8Array(bytes);
    result[random.below(result.length)] = random.pick(EDGES);
    return result;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length));
  },
  function cutOut(bytes, random) {
    const at = random.below(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16)));
  },
  function insertVarint(bytes, random) {
    const at = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), Uint8Array.from(random.pick(VARINTS)), bytes.subarray(at));
  },
  function insertNoise(bytes, random) {
    const at = random.below(bytes.length + 1);
    return joined(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at));
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length);
    const end = Math.min(bytes.length, at + 1 + random.below(64));
    return joined(bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end));
  },
  function splice(bytes, random, other) {
    return joined(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length)));
  },
];

/** One to four mutations that know nothing of the format; `other` is what splices take their second half from. */
export function mutateBytes(bytes: Uint8Array, random: Random, other: Uint8Array = bytes): Uint8Array {
  let result = bytes;
  for (let left = 1 + random.below(4); left > 0; left--) {
    result = result.length === 0 ? random.bytes(4) : random.pick(MUTATIONS)(result, random, other);
  }
  return result;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
