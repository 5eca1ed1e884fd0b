import { isFormAt } from "./text-finder.ts";

/** Bytes that are looked for natively. */
export interface Needle {
  readonly bytes: Buffer;
  /** Whether what is wanted lies around these bytes, which were found at `at`. */
  readonly isWanted: (page: Uint8Array, at: number) => boolean;
}

/**
 * Chooses what is looked for natively, where case matters, to find texts whatever their case: a piece of two or three
 * bytes of each text, in all the cases it may have. Of the pieces the one that is soonest found in the sample wins.
 * @param texts as UTF-8, with ASCII letters in lower case; none is empty.
 */
export function chooseTextNeedles(texts: readonly Uint8Array[], sample: Buffer): Needle[] {
  const byteCounts = new Uint32Array(256);
  for (const byte of sample) byteCounts[byte] = (byteCounts[byte] ?? 0) + 1;
  return texts.flatMap((text) => {
    let best:
      { readonly needles: readonly Buffer[]; readonly offset: number; readonly cost: number } | undefined;
    for (const piece of piecesOf(text.subarray(0, MAX_LOOKED_AT))) {
      const needles = withAllCases(piece);
      const cost = costOf(needles, sample, byteCounts);
      const offset = piece.byteOffset - text.byteOffset;
      if (best === undefined || cost < best.cost) best = { needles, offset, cost };
    }
    if (best === undefined) return [];
    const { needles, offset } = best;
    const isWanted: Needle["isWanted"] = (page, at) => isFormAt(text, page, at - offset);
    return needles.map((bytes) => ({ bytes, isWanted }));
  });
}

/** A longer text has a rare piece among its first bytes. */
const MAX_LOOKED_AT = 24;

function* piecesOf(text: Uint8Array): Iterable<Uint8Array> {
  if (text.length < 2) yield text;
  for (const length of [2, 3]) {
    for (let at = 0; at + length <= text.length; at++) {
      const piece = text.subarray(at, at + length);
      // Each letter doubles the passes over the bytes.
      if (length === 2 || piece.filter(isLetter).length <= 2) yield piece;
    }
  }
}

function withAllCases(piece: Uint8Array): Buffer[] {
  let cases: number[][] = [[]];
  for (const byte of piece) {
    const forms = isLetter(byte) ? [byte, byte - 0x20] : [byte];
    cases = cases.flatMap((head) => forms.map((form) => [...head, form]));
  }
  return cases.map((bytes) => Buffer.from(bytes));
}

/**
 * In units of one pass over the sample without a hit, as measured: finding the first byte costs as much as passing over
 * 200 bytes, and finding all of it, which is told to JavaScript and compared there, as much as 2,000.
 */
function costOf(needles: readonly Buffer[], sample: Buffer, byteCounts: Uint32Array): number {
  let cost = 0;
  for (const needle of needles) {
    const firstBytes = byteCounts[needle[0] ?? 0] ?? 0;
    cost += 1 + (firstBytes * 200 + countOf(needle, sample) * 2000) / sample.length;
  }
  return cost;
}

function countOf(needle: Buffer, sample: Buffer): number {
  let count = 0;
  for (let at = sample.indexOf(needle); at >= 0 && count < MAX_COUNTED; at = sample.indexOf(needle, at + 1)) {
    count++;
  }
  return count;
}

const MAX_COUNTED = 1024;

function isLetter(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}
