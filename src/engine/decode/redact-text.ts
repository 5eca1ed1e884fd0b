/** What stands in the place of each masked byte. */
export const MASK = 0x2a;

/**
 * Masks, in place, what looks like a secret within a text in UTF-8: bearer tokens and numbers of payment cards.
 * Both are longer than the stride by which the text is looked at, so that most of it is never touched.
 */
export function redactText(bytes: Uint8Array, start: number, end: number): void {
  if (end - start < MIN_CARD_DIGITS) return;
  for (let at = start + STRIDE - 1; at < end;) {
    const byte = bytes[at] ?? 0;
    // Every seventh byte of every new text comes by here, and most are neither.
    if (IS_SUSPECT[byte] === 0) {
      at += STRIDE;
      continue;
    }
    const offsets = BEARER_OFFSETS[byte];
    if (offsets !== undefined) {
      for (const offset of offsets) redactBearer(bytes, start, at - offset, end);
    }
    at = IS_CARD_BYTE[byte] === 1 ? redactCardsAround(bytes, start, at, end) : at + STRIDE;
  }
}

/** Whether a number is one of a payment card. */
export function isCardNumber(number: number): boolean {
  if (number < 1e12) return false;
  const text = String(number);
  if (!/^\d{13,16}$/.test(text)) return false;
  for (let i = 0; i < text.length; i++) digits[i] = Number(text[i]);
  return isCard(text.length);
}

const STRIDE = 7;
const BEARER = [0x62, 0x65, 0x61, 0x72, 0x65, 0x72, 0x20];

/** By byte: where in "bearer ", in either case, it stands. */
const BEARER_OFFSETS: readonly (readonly number[] | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const offsets = BEARER.flatMap((letter, offset) => (letter === (byte | 0x20) ? [offset] : []));
  return offsets.length === 0 || byte === 0 ? undefined : offsets;
});

/** A token is one only with a digit and at least this long: "bearer token" is prose. */
const MIN_TOKEN_BYTES = 8;

function redactBearer(bytes: Uint8Array, start: number, at: number, end: number): void {
  if (at < start || at + STRIDE + MIN_TOKEN_BYTES > end) return;
  for (let i = 0; i < STRIDE; i++) if (((bytes[at + i] ?? 0) | 0x20) !== BEARER[i]) return;
  const tokenStart = at + STRIDE;
  let tokenEnd = tokenStart;
  let hasDigit = false;
  for (; tokenEnd < end && IS_TOKEN_BYTE[bytes[tokenEnd] ?? 0] === 1; tokenEnd++) {
    hasDigit ||= isDigit(bytes[tokenEnd] ?? 0);
  }
  if (hasDigit && tokenEnd - tokenStart >= MIN_TOKEN_BYTES) bytes.fill(MASK, tokenStart, tokenEnd);
}

const MIN_CARD_DIGITS = 13;
const MAX_CARD_DIGITS = 19;

/** Digits of the number that is being looked at. */
const digits = new Uint8Array(MAX_CARD_DIGITS);

/** Looks through the run of digits, spaces and hyphens around `at`; returns where to go on. */
function redactCardsAround(bytes: Uint8Array, start: number, at: number, end: number): number {
  let from = at;
  while (from > start && IS_CARD_BYTE[bytes[from - 1] ?? 0] === 1) from--;
  let to = at + 1;
  while (to < end && IS_CARD_BYTE[bytes[to] ?? 0] === 1) to++;
  if (to - from < MIN_CARD_DIGITS) return at + STRIDE;
  for (let first = from; first < to;) {
    const before = first === start ? 0 : (bytes[first - 1] ?? 0);
    const isBegin = isDigit(bytes[first] ?? 0) && !isPartOfWord(before) && before !== DOT;
    const cardEnd = isBegin ? cardEndAt(bytes, first, to, end) : 0;
    if (cardEnd === 0) first++;
    else {
      for (; first < cardEnd; first++) if (isDigit(bytes[first] ?? 0)) bytes[first] = MASK;
    }
  }
  return to + STRIDE - 1;
}

/** The end of the card number that begins here, its digits in groups or not; 0 where there is none. */
function cardEndAt(bytes: Uint8Array, first: number, to: number, end: number): number {
  let count = 0;
  for (let at = first; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte)) {
      if (!isDigit(bytes[at - 1] ?? 0)) return 0;
      continue;
    }
    if (count === MAX_CARD_DIGITS) return 0;
    digits[count++] = byte - 0x30;
    const after = at + 1 < end ? (bytes[at + 1] ?? 0) : 0;
    if (!isPartOfWord(after) && isCard(count)) return at + 1;
  }
  return 0;
}

/** Issuers' prefixes and lengths (ISO/IEC 7812), then the check digit: times and counters of as many digits are no cards. */
function isCard(count: number): boolean {
  if (count < MIN_CARD_DIGITS) return false;
  const [a = 0, b = 0, c = 0, d = 0] = digits;
  const two = a * 10 + b;
  const four = two * 100 + c * 10 + d;
  const isIssued =
    (a === 4 && (count === 13 || count === 16 || count === 19)) ||
    (((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) && count === 16) ||
    ((two === 34 || two === 37) && count === 15) ||
    (((four >= 3000 && four <= 3059) || two === 36 || two === 38 || two === 39) && count === 14) ||
    ((four === 6011 || two === 65 || (four >= 6440 && four <= 6499)) && count >= 16) ||
    (((four >= 3528 && four <= 3589) || two === 62) && count >= 16);
  return isIssued && hasCheckDigit(count);
}

/** Luhn's formula (ISO/IEC 7812-1, annex B). */
function hasCheckDigit(count: number): boolean {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const digit = digits[count - 1 - i] ?? 0;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const DOT = 0x2e;
const IS_CARD_BYTE = tableOf("0123456789 -");
/** Bytes that may stand within a card's number or "bearer ". */
const IS_SUSPECT = tableOf("0123456789 -BEARbear\0");
const IS_WORD_BYTE = tableOf("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
/** `b64token` of RFC 6750 §2.1. */
const IS_TOKEN_BYTE = tableOf("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~+/=");

function tableOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const member of members) table[member.charCodeAt(0)] = 1;
  return table;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isPartOfWord(byte: number): boolean {
  return IS_WORD_BYTE[byte] === 1;
}
