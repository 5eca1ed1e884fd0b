/** The least that a label shows: three characters (or a shorter text whole). Fewer are noise. */
const MIN_CHARACTERS = 3;

/** No screen has room for more; a name of a megabyte must not be measured whole. */
const MAX_CHARACTERS = 500;

/**
 * The longest beginning of `text` that fits into `widthPx`, ending in "…" where something is missing.
 * Empty where not even three characters fit.
 * @param measure gives a text's width in pixels.
 */
export function fitLabel(text: string, widthPx: number, measure: (text: string) => number): string {
  if (widthPx <= 0) return "";
  if (text.length <= MAX_CHARACTERS && measure(text) <= widthPx) return text;
  const characters = Array.from(text.slice(0, MAX_CHARACTERS));
  let low = 0;
  let high = characters.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${characters.slice(0, middle).join("")}…`) <= widthPx) low = middle;
    else high = middle - 1;
  }
  return low >= MIN_CHARACTERS ? `${characters.slice(0, low).join("").trimEnd()}…` : "";
}
