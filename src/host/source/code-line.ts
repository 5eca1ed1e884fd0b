/** A place in a text, from 1. */
export interface CodePlace {
  readonly line: number;
  readonly column: number;
}

/** Lines that are longer were made by a machine; nobody's handler is there, and expressions stay cheap. */
export const MAX_CODE_LINE_LENGTH = 1000;

/** The place of an offset in a text. */
export function placeAt(text: string, offset: number): CodePlace {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}
