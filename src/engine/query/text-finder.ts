/**
 * Finds a text inside UTF-8 without making strings, whatever the case: exactly for ASCII; of other letters the forms
 * all-lower, all-upper and as-typed are found.
 */
export class TextFinder {
  readonly #lowerText: string;
  /** What is looked for, as UTF-8 with ASCII letters in lower case. */
  readonly forms: readonly Uint8Array[];
  /** Whether a number in decimal could contain it. */
  readonly mayBeNumber: boolean;

  constructor(text: string) {
    this.#lowerText = text.toLowerCase();
    const forms = new Set([text, text.toLowerCase(), text.toUpperCase()].map(withLowerAscii));
    this.forms = [...forms].map((form) => utf8.encode(form));
    this.mayBeNumber = /^[-+.e\d]+$/i.test(text) || "true false nan infinity".includes(this.#lowerText);
  }

  isInText(text: string): boolean {
    return text.toLowerCase().includes(this.#lowerText);
  }

  isIn(bytes: Uint8Array, start: number, end: number): boolean {
    return this.forms.some((form) => isFormIn(form, bytes, start, end));
  }
}

function isFormIn(form: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const first = form[0] ?? 0;
  const last = end - form.length;
  for (let at = start; at <= last; at++) {
    if (lower(bytes[at] ?? 0) === first && isFormAt(form, bytes, at)) return true;
  }
  return false;
}

/** Whether one of {@link TextFinder.forms} lies at this place, which may be none. */
export function isFormAt(form: Uint8Array, bytes: Uint8Array, at: number): boolean {
  if (at < 0 || at + form.length > bytes.length) return false;
  for (let n = 0; n < form.length; n++) if (lower(bytes[at + n] ?? 0) !== form[n]) return false;
  return true;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function withLowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

const utf8 = new TextEncoder();
