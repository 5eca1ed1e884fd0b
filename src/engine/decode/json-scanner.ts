import { isEqualText } from "../../base/words.ts";

/** What {@link JsonScanner.openObject} and its kin found: a further member or element, the end, or no JSON. */
export const MORE = 1;
export const CLOSED = 0;
export const BROKEN = -1;
export type Step = typeof MORE | typeof CLOSED | typeof BROKEN;

/** {@link JsonScanner.peek} at the end of the text. */
export const NO_BYTE = -1;

export const QUOTE = 0x22;
export const OPEN_BRACE = 0x7b;
export const OPEN_BRACKET = 0x5b;
export const NULL_N = 0x6e;

/**
 * Reads JSON (RFC 8259) from UTF-8 without building values, so that a hostile text costs no more memory than it has
 * bytes. Never throws, and does not call itself: any depth is fine. Bytes of a string that are no UTF-8 are left as they are.
 *
 *     for (let step = json.openObject(); step !== CLOSED; step = json.nextMember()) {
 *       if (step === BROKEN) return …; // else: the key is the last text, and the value is to be read or skipped
 */
export class JsonScanner {
  readonly bytes: Uint8Array;
  position = 0;
  /** The last string or number: from `textStart` to `textEnd` in `text`, without quotes and escapes. */
  text: Uint8Array;
  /** All of {@link text}. */
  textView: DataView;
  textStart = 0;
  textEnd = 0;
  /** Where the last key begins, behind its quote. */
  keyStart = 0;
  readonly #view: DataView;
  #unescaped = new Uint8Array(0);
  #unescapedView = new DataView(this.#unescaped.buffer);
  /** Which of the values that are open in {@link skipValue} are objects. */
  #open = new Uint8Array(64);

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.text = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.textView = this.#view;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.position = 3;
  }

  /** The next byte that is no white space, which it moves to. */
  peek(): number {
    const { bytes } = this;
    for (;;) {
      const byte = bytes[this.position];
      if (byte === undefined) return NO_BYTE;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) return byte;
      this.position++;
    }
  }

  /** Steps over this text behind a brace or a comma; false where something else, or white space, stands there. */
  skipMember(before: number, text: DataView): boolean {
    if (this.bytes[this.position] !== before || !this.#isAt(this.position + 1, text)) return false;
    this.position += 1 + text.byteLength;
    return true;
  }

  /** Steps over this text; false where something else stands here. */
  skipText(text: DataView): boolean {
    if (!this.#isAt(this.position, text)) return false;
    this.position += text.byteLength;
    return true;
  }

  /** Steps over this byte twice; false where something else stands here. */
  skipTwo(byte: number): boolean {
    if (this.bytes[this.position] !== byte || this.bytes[this.position + 1] !== byte) return false;
    this.position += 2;
    return true;
  }

  /** Enters the object that begins here, and reads its first key. */
  openObject(): Step {
    this.position++;
    const byte = this.peek();
    if (byte === QUOTE) return this.#key();
    if (byte !== CLOSE_BRACE) return BROKEN;
    this.position++;
    return CLOSED;
  }

  /** Goes on behind a member's value. */
  nextMember(): Step {
    const byte = this.peek();
    this.position++;
    if (byte === COMMA) return this.peek() === QUOTE ? this.#key() : BROKEN;
    return byte === CLOSE_BRACE ? CLOSED : BROKEN;
  }

  /** Enters the array that begins here. */
  openArray(): Step {
    this.position++;
    if (this.peek() !== CLOSE_BRACKET) return MORE;
    this.position++;
    return CLOSED;
  }

  /** Goes on behind an element. */
  nextElement(): Step {
    const byte = this.peek();
    this.position++;
    return byte === COMMA ? MORE : byte === CLOSE_BRACKET ? CLOSED : BROKEN;
  }

  /** Reads the string that begins here; false where it is none. */
  string(): boolean {
    if (this.plainText()) return true;
    const start = this.position + 1;
    const end = endOfPlainText(this.#view, start);
    return this.bytes[end] === BACKSLASH && this.#escapedString(start, end);
  }

  /** The same for a string without escapes; false for others too. */
  plainText(): boolean {
    const start = this.position + 1;
    const end = endOfPlainText(this.#view, start);
    if (this.bytes[end] !== QUOTE || this.bytes[start - 1] !== QUOTE) return false;
    this.text = this.bytes;
    this.textView = this.#view;
    this.textStart = start;
    this.textEnd = end;
    this.position = end + 1;
    return true;
  }

  /** Reads the number that begins here; false where it is none. */
  number(): boolean {
    const { bytes } = this;
    const start = this.position;
    let at = bytes[start] === MINUS ? start + 1 : start;
    const integerAt = at;
    at = this.#digits(at);
    if (at === integerAt || (bytes[integerAt] === ZERO && at > integerAt + 1)) return false;
    if (bytes[at] === DOT) {
      const fractionAt = at + 1;
      at = this.#digits(fractionAt);
      if (at === fractionAt) return false;
    }
    if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
      at++;
      if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
      const exponentAt = at;
      at = this.#digits(exponentAt);
      if (at === exponentAt) return false;
    }
    this.text = bytes;
    this.textView = this.#view;
    this.textStart = start;
    this.textEnd = this.position = at;
    return true;
  }

  /** Steps over the value here, whatever it is; false where there is none. */
  skipValue(): boolean {
    let depth = 0;
    for (;;) {
      const byte = this.peek();
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        const step = byte === OPEN_BRACE ? this.openObject() : this.openArray();
        if (step === BROKEN) return false;
        if (step === MORE) {
          this.#push(depth++, byte === OPEN_BRACE);
          continue;
        }
      } else if (!this.#scalar(byte)) return false;
      for (let step: Step = CLOSED; step === CLOSED;) {
        if (depth === 0) return true;
        step = this.#open[depth - 1] === 1 ? this.nextMember() : this.nextElement();
        if (step === BROKEN) return false;
        if (step === CLOSED) depth--;
      }
    }
  }

  /** Steps over `true`, `false` or `null`, whichever begins with this byte. */
  literal(first: number): boolean {
    const word = first === LOWER_T ? TRUE : first === LOWER_F ? FALSE : NULL;
    for (let i = 0; i < word.length; i++) if (this.bytes[this.position + i] !== word[i]) return false;
    this.position += word.length;
    return true;
  }

  #scalar(first: number): boolean {
    if (first === QUOTE) return this.string();
    if (first === LOWER_T || first === LOWER_F || first === NULL_N) return this.literal(first);
    return this.number();
  }

  #isAt(at: number, text: DataView): boolean {
    const { byteLength } = text;
    return at + byteLength <= this.bytes.length && isEqualText(this.#view, at, text, 0, byteLength);
  }

  #key(): Step {
    this.keyStart = this.position + 1;
    if (!this.string() || this.peek() !== COLON) return BROKEN;
    this.position++;
    return MORE;
  }

  #digits(from: number): number {
    let at = from;
    for (;;) {
      const byte = this.bytes[at];
      if (byte === undefined || byte < ZERO || byte > NINE) return at;
      at++;
    }
  }

  #push(depth: number, isObject: boolean): void {
    if (depth === this.#open.length) {
      const longer = new Uint8Array(depth * 2);
      longer.set(this.#open);
      this.#open = longer;
    }
    this.#open[depth] = isObject ? 1 : 0;
  }

  /** Reads on at the first backslash, into a buffer: what is unescaped is never longer. */
  #escapedString(start: number, firstEscape: number): boolean {
    const { bytes } = this;
    let end = firstEscape;
    for (; bytes[end] !== QUOTE; end++) {
      const byte = bytes[end];
      if (byte === BACKSLASH) end++;
      else if (byte === undefined || byte < 0x20) return false;
    }
    if (this.#unescaped.length < end - start) {
      this.#unescaped = new Uint8Array((end - start) * 2);
      this.#unescapedView = new DataView(this.#unescaped.buffer);
    }
    const into = this.#unescaped;
    into.set(bytes.subarray(start, firstEscape));
    let to = firstEscape - start;
    for (let at = firstEscape; at < end;) {
      const byte = bytes[at++] ?? 0;
      if (byte !== BACKSLASH) {
        into[to++] = byte;
        continue;
      }
      const kind = bytes[at++] ?? 0;
      if (kind !== LOWER_U) {
        const meant = ESCAPES[kind];
        if (meant === undefined) return false;
        into[to++] = meant;
        continue;
      }
      let code = hexNumber(bytes, at);
      if (code < 0) return false;
      at += 4;
      if (code >= 0xd800 && code < 0xdc00 && bytes[at] === BACKSLASH && bytes[at + 1] === LOWER_U) {
        const low = hexNumber(bytes, at + 2);
        if (low >= 0xdc00 && low < 0xe000) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        }
      }
      to = writeUtf8(into, to, code);
    }
    this.text = into;
    this.textView = this.#unescapedView;
    this.textStart = 0;
    this.textEnd = to;
    this.position = end + 1;
    return true;
  }
}

/** Where the first byte lies that ends or changes a string: a quote, a backslash, a control character or the end of the text. Reads four bytes at a time. */
function endOfPlainText(view: DataView, from: number): number {
  const last = view.byteLength - 4;
  let at = from;
  for (; at <= last; at += 4) {
    const word = view.getInt32(at, true);
    const quotes = word ^ 0x22222222;
    const backslashes = word ^ 0x5c5c5c5c;
    // Taking n from a byte sets its top bit if it was below n, and had the bit not set before. The lowest byte that is found is one; a borrow may add others above it.
    const found =
      (((quotes - 0x01010101) & ~quotes) |
        ((backslashes - 0x01010101) & ~backslashes) |
        ((word - 0x20202020) & ~word)) &
      TOP_BITS;
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3);
  }
  for (; at < view.byteLength; at++) {
    const byte = view.getUint8(at);
    if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) return at;
  }
  return at;
}

const TOP_BITS = 0x80808080 | 0;

/** Four hexadecimal digits as a number, -1 where there are none. */
function hexNumber(bytes: Uint8Array, at: number): number {
  let code = 0;
  for (let i = 0; i < 4; i++) {
    const digit = HEX_DIGITS[bytes[at + i] ?? 0] ?? NO_DIGIT;
    if (digit === NO_DIGIT) return -1;
    code = code * 16 + digit;
  }
  return code;
}

/** Lone surrogates, which UTF-8 has not, become replacement characters. */
function writeUtf8(into: Uint8Array, at: number, scalar: number): number {
  const code = scalar >= 0xd800 && scalar < 0xe000 ? 0xfffd : scalar;
  let to = at;
  if (code < 0x80) into[to++] = code;
  else if (code < 0x800) into[to++] = 0xc0 | (code >> 6);
  else if (code < 0x10000) {
    into[to++] = 0xe0 | (code >> 12);
    into[to++] = 0x80 | ((code >> 6) & 0x3f);
  } else {
    into[to++] = 0xf0 | (code >> 18);
    into[to++] = 0x80 | ((code >> 12) & 0x3f);
    into[to++] = 0x80 | ((code >> 6) & 0x3f);
  }
  if (code >= 0x80) into[to++] = 0x80 | (code & 0x3f);
  return to;
}

const ascii = new TextEncoder();
const TRUE = ascii.encode("true");
const FALSE = ascii.encode("false");
const NULL = ascii.encode("null");

export const LOWER_T = 0x74;
export const LOWER_F = 0x66;
export const MINUS = 0x2d;
export const PLUS = 0x2b;
export const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const LOWER_E = 0x65;
const UPPER_E = 0x45;
const LOWER_U = 0x75;
export const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
export const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** What the byte behind a backslash stands for. */
const ESCAPES: Readonly<Record<number, number>> = Object.fromEntries(
  ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"].map((pair) => [
    pair.charCodeAt(0),
    pair.charCodeAt(1),
  ]),
);

/** The value of a hexadecimal digit by its byte, {@link NO_DIGIT} for others. */
export const NO_DIGIT = 0xff;
export const HEX_DIGITS = new Uint8Array(256).fill(NO_DIGIT);
for (let digit = 0; digit < 16; digit++) {
  const lower = digit.toString(16);
  HEX_DIGITS[lower.charCodeAt(0)] = HEX_DIGITS[lower.toUpperCase().charCodeAt(0)] = digit;
}
