/** The candidates that agree with a path over most of their last segments. */
export interface EndingMatch {
  readonly paths: readonly string[];
  /** How many segments agree. */
  readonly length: number;
}

/**
 * Finds the files whose ending is that of a path from elsewhere (a container, another machine).
 * @param segments the path's segments, the file's name last.
 * @param candidates paths with `/` between their segments.
 */
export function longestEnding(
  segments: readonly string[],
  candidates: readonly string[],
  foldCase: boolean,
): EndingMatch {
  const fold = (segment: string): string => (foldCase ? segment.toLowerCase() : segment);
  const wanted = segments.map(fold);
  let best: string[] = [];
  let bestLength = 1;
  for (const candidate of candidates) {
    const parts = candidate.split("/").map(fold);
    let length = 0;
    while (length < wanted.length && wanted.at(-1 - length) === parts.at(-1 - length)) length++;
    if (length > bestLength) [best, bestLength] = [[], length];
    if (length === bestLength) best.push(candidate);
  }
  return { paths: best, length: best.length === 0 ? 0 : bestLength };
}
