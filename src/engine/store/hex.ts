/** Sixteen lower-case hexadecimal digits of two 32-bit words, signed or not. */
export function hexOfWords(high = 0, low = 0): string {
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

/** The two signed words that sixteen hexadecimal digits from `at` stand for. */
export function wordsOfHex(text: string, at: number): readonly [high: number, low: number] {
  return [
    Number.parseInt(text.slice(at, at + 8), 16) | 0,
    Number.parseInt(text.slice(at + 8, at + 16), 16) | 0,
  ];
}

/** The word of four bytes at this offset, the first one the highest; signed, since V8 keeps larger numbers on its heap. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)
  );
}

/** The digits of any bytes. */
export function hexOfBytes(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += (bytes[i] ?? 0).toString(16).padStart(2, "0");
  return text;
}
