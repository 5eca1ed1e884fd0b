import { MAX_CODE_LINE_LENGTH, type CodePlace } from "./code-line.ts";

/** Where a function is defined, and what it is in as far as the lines above tell. */
export interface Definition extends CodePlace {
  /** Names of the classes, modules and types that begin above it, the nearest first. */
  readonly containers: readonly string[];
}

/** The place of the function's first definition in a file; undefined where there is none. */
export function findFunction(
  text: string,
  extension: string,
  name: string,
  container?: string,
): CodePlace | undefined {
  const definitions = definitionsOf(text, extension, name);
  const wanted = lastName(container);
  const inside =
    wanted === undefined ? undefined : definitions.find(({ containers }) => containers.includes(wanted));
  const best = inside ?? definitions[0];
  return best === undefined ? undefined : { line: best.line, column: best.column };
}

/** `Cart` of `shop.Cart`, `App\Cart`, `(*Cart)`. */
export function lastName(container: string | undefined): string | undefined {
  return /([A-Za-z_]\w*)\W*$/.exec(container?.slice(-500) ?? "")?.[1]?.toLowerCase();
}

/** Everything in a file that defines a function of this name. */
export function definitionsOf(text: string, extension: string, name: string): readonly Definition[] {
  const pattern = /^[\w$?!]{1,200}$/.test(name) ? patternOf(extension, name) : undefined;
  if (pattern === undefined || !text.includes(name)) return [];
  const found: Definition[] = [];
  const containers: string[] = [];
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.length > MAX_CODE_LINE_LENGTH) continue;
    const container = CONTAINER.exec(line)?.[1];
    if (container !== undefined) containers.unshift(container.toLowerCase());
    if (!line.includes(name) || !pattern.test(line)) continue;
    const receiver = /^func\s*\(\s*\w*\s*\*?\s*(\w+)/.exec(line)?.[1]?.toLowerCase();
    found.push({
      line: index + 1,
      column: line.search(/\S/) + 1,
      containers: receiver === undefined ? containers.slice(0, 3) : [receiver],
    });
  }
  return found;
}

const CONTAINER =
  /^\s*(?:(?:export|default|public|private|internal|protected|abstract|final|sealed|static|partial|open|data|pub|case)\s+){0,5}(?:class|interface|object|struct|module|defmodule|impl(?:<[^>]*>)?(?:\s+[\w:<>]+\s+for)?|trait|namespace|record|enum|service)\s+(?:[\w.:\\]*[.:\\])?(\w+)/;

const JAVASCRIPT = new Set(["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte"]);
const C_LIKE = new Set(["java", "cs", "dart", "groovy", "cpp", "cc", "c", "h", "hpp"]);

function patternOf(extension: string, name: string): RegExp | undefined {
  const escaped = name.replace(/[$?!]/g, "\\$&");
  const word = `${escaped}(?![\\w$])`;
  if (JAVASCRIPT.has(extension)) {
    return new RegExp(
      `\\bfunction\\s*\\*?\\s*${word}` +
        `|^\\s*(?:export\\s+)?(?:default\\s+)?(?:const|let|var)\\s+${word}\\s*(?::[^=]*)?=(?!=)` +
        `|^\\s*(?:(?:public|private|protected|static|async|override|get|set)\\s+){0,5}\\*?\\s*#?${word}\\s*(?:<[^>]*>)?\\([^;]*\\{\\s*$` +
        `|(?:^|[\\s.])${word}\\s*[:=]\\s*(?:async\\b\\s*)?(?:function\\b|\\([^)]*\\)\\s*(?::[^=]*)?=>|\\w+\\s*=>)`,
    );
  }
  switch (extension) {
    case "py":
      return new RegExp(`^\\s*(?:async\\s+)?(?:def|class)\\s+${word}`);
    case "go":
      return new RegExp(`^func\\s*(?:\\([^)]*\\)\\s*)?${word}\\s*[\\[(]|^\\s*${word}\\s*:?=\\s*func\\b`);
    case "rs":
      return new RegExp(`\\bfn\\s+${word}`);
    case "rb":
    case "rake":
      return new RegExp(`^\\s*(?:\\w+\\s+)?def\\s+(?:self\\.)?${escaped}(?![\\w?!])`);
    case "php":
      return new RegExp(`\\bfunction\\s+&?${word}`);
    case "ex":
    case "exs":
      return new RegExp(`^\\s*defp?\\s+${word}`);
    case "erl":
      return new RegExp(`^${word}\\(`);
    case "kt":
    case "kts":
      return new RegExp(`\\bfun\\s+(?:<[^>]*>\\s*)?(?:\\w+\\.)?${word}`);
    case "scala":
      return new RegExp(`\\bdef\\s+${word}`);
    case "swift":
      return new RegExp(`\\bfunc\\s+${word}`);
    case "proto":
      return new RegExp(`^\\s*rpc\\s+${word}`);
    default:
      // A type before the name, parentheses after it, and no semicolon at the end but that of an arrow: no call, no declaration.
      return C_LIKE.has(extension)
        ? new RegExp(
            `^\\s*(?!return\\b|new\\b|await\\b|throw\\b|else\\b)(?:[\\w<>\\[\\],.?@&*:]+\\s+){1,8}${word}\\s*(?:<[^>]*>)?\\((?:[^;]*$|[^;{}]*\\)\\s*=>)`,
          )
        : undefined;
  }
}
