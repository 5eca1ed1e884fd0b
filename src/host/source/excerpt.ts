/** Lines before and after the place: enough to recognise it. */
const LINES_AROUND = 2;
/** Minified code has lines of a megabyte. */
const MAX_LINE_LENGTH = 400;

/** The few lines around a line (from 1), with the number of the first. */
export function excerptAround(
  text: string,
  line: number,
): { readonly firstLine: number; readonly lines: readonly string[] } | undefined {
  const all = text.split(/\r?\n/);
  if (line > all.length) return undefined;
  const firstLine = Math.max(1, line - LINES_AROUND);
  return {
    firstLine,
    lines: all
      .slice(firstLine - 1, line + LINES_AROUND)
      .map((one) => (one.length > MAX_LINE_LENGTH ? `${one.slice(0, MAX_LINE_LENGTH)}…` : one)),
  };
}
