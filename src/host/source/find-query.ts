import { placeAt, type CodePlace } from "./code-line.ts";

/** A query in the code, and which part of its words was found there, up to 1. */
export interface FoundQuery extends CodePlace {
  readonly score: number;
}

/** Words of a query that are compared; its beginning tells it from others. */
const MAX_WORDS = 60;
/** Words of the program between two words of the query: a variable in a template, a call between two literals. */
const MAX_GAP = 4;
/** Below that it is another query, with the same verb and some of the same names. */
const MIN_SCORE = 0.8;
const MAX_STARTS = 2000;

/**
 * The string in a program's text that a database query was made of. White space, case, quotes and placeholders (`?`, `$1`,
 * `:id`, `%s`, sanitised literals) do not count; a literal may be concatenated of several, and be interpolated.
 */
export function findQuery(text: string, query: string): FoundQuery | undefined {
  const wanted = wordsOfQuery(query);
  const [first] = wanted;
  // `BEGIN` and `COMMIT` are everywhere.
  if (first === undefined || wanted.length < 3) return undefined;
  const lower = text.toLowerCase();
  const rare = wanted.reduce((longest, word) => (word.length > longest.length ? word : longest), first);
  if (!lower.includes(rare)) return undefined;
  const words = [...lower.matchAll(/[a-z_][a-z0-9_]*/g)];
  let best: { readonly offset: number; readonly score: number } | undefined;
  let starts = 0;
  for (let at = 0; at < words.length && starts < MAX_STARTS; at++) {
    if (words[at]?.[0] !== first) continue;
    starts++;
    const score = scoreAt(words, at, wanted);
    if (score >= MIN_SCORE && score > (best?.score ?? 0)) best = { offset: words[at]?.index ?? 0, score };
    if (score === 1) break;
  }
  return best === undefined ? undefined : { ...placeAt(text, best.offset), score: best.score };
}

/** Without comments, literals, numbers and placeholders. */
function wordsOfQuery(query: string): readonly string[] {
  const plain = query
    .replace(/\/\*[^*]*\*\//g, " ")
    .replace(/--[^\n]*/g, " ")
    .replace(/'[^']*'/g, " ")
    .replace(/[:@$%][A-Za-z_0-9]\w*/g, " ")
    .toLowerCase();
  return (plain.match(/[a-z_][a-z0-9_]*/g) ?? []).slice(0, MAX_WORDS);
}

function scoreAt(words: readonly RegExpExecArray[], start: number, wanted: readonly string[]): number {
  let found = 0;
  let at = start;
  for (const word of wanted) {
    let next = at;
    while (next < words.length && next <= at + MAX_GAP && words[next]?.[0] !== word) next++;
    if (words[next]?.[0] !== word || next > at + MAX_GAP) continue;
    found++;
    at = next + 1;
  }
  return found / wanted.length;
}
