import { BROKEN, CLOSED, JsonScanner, MORE, OPEN_BRACE, OPEN_BRACKET, type Step } from "./json-scanner.ts";

/**
 * Where in a JSON text the byte at `position` lies, as `resourceSpans[0].scopeSpans[2].spans[7].kind`; empty for the
 * whole. Reads the text up to there, and yields wherever it has read `partBytes`.
 */
export function* findJsonPath(
  bytes: Uint8Array,
  position: number,
  partBytes: number,
): Generator<undefined, string> {
  const json = new JsonScanner(bytes);
  let pauseAt = partBytes;
  /** For each level the index of the element, or where the key begins, as a negative number. */
  const levels: number[] = [];
  for (;;) {
    const byte = json.peek();
    if (json.position >= pauseAt) {
      pauseAt = json.position + partBytes;
      yield;
    }
    if (json.position >= position) return format(bytes, levels);
    let step: Step = CLOSED;
    if (levels.length === MAX_LEVELS) {
      if (!json.skipValue() || json.position > position) return `${format(bytes, levels)}…`;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      step = byte === OPEN_BRACE ? json.openObject() : json.openArray();
      if (step === MORE) levels.push(byte === OPEN_BRACE ? -json.keyStart : 0);
    } else if (!json.skipValue()) return format(bytes, levels);
    while (step === CLOSED) {
      const level = levels.pop();
      if (level === undefined) return "";
      step = level < 0 ? json.nextMember() : json.nextElement();
      if (step !== CLOSED) levels.push(level >= 0 ? level + 1 : step === MORE ? -json.keyStart : level);
    }
    if (step === BROKEN) return format(bytes, levels);
  }
}

/** Deeper levels tell nobody anything, and there may be millions. */
const MAX_LEVELS = 20;
const MAX_KEY_LENGTH = 40;

function format(bytes: Uint8Array, levels: readonly number[]): string {
  const parts = levels.map((level) => (level < 0 ? `.${keyAt(bytes, -level)}` : `[${level}]`));
  return parts.join("").replace(/^\./, "");
}

/** As it is written there, with its escapes. */
function keyAt(bytes: Uint8Array, start: number): string {
  const text = new TextDecoder().decode(bytes.subarray(start, start + MAX_KEY_LENGTH));
  const end = text.indexOf('"');
  return end < 0 ? `${text}…` : text.slice(0, end);
}
