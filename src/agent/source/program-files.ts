import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { runningSource } from "./source-map.ts";

/** Enough for the files of a service; beyond it looking through them costs more than the location is worth. */
const maxFiles = 400;
let files: readonly string[] | undefined;

/**
 * The person's files as far as they can be reached from the program's script by relative imports: ES modules leave no list
 * of what was loaded. Found once, when first asked for.
 */
export function programFiles(): readonly string[] {
  files ??= reachable(scriptArguments(process.argv));
  return files;
}

/** Arguments that name a script: the program's comes second behind a runner such as ts-node, or later behind its options. */
export function scriptArguments(argv: readonly string[]): string[] {
  return argv
    .slice(1, 8)
    .filter((argument) => /\.[cm]?[jt]sx?$/.test(argument))
    .map((argument) => resolve(argument));
}

/** Files that `file` imports by relative names: where handlers live that are registered in one place. */
export function importedFiles(file: string): string[] {
  const source = runningSource(file);
  if (source === undefined) return [];
  const found = new Set<string>();
  for (const match of source.matchAll(
    /(?:from\s*|import\s*\(?\s*|require\s*\(\s*)["'](\.{1,2}\/[^"'\n]+)["']/g,
  )) {
    const target =
      match[1] === undefined ? undefined : candidates(file, match[1]).find((path) => existsSync(path));
    if (target !== undefined) found.add(target);
    if (found.size >= maxFiles) break;
  }
  return [...found];
}

function reachable(scripts: readonly string[]): readonly string[] {
  const found = new Set(scripts.filter((script) => !/[\\/]node_modules[\\/]/.test(script)));
  // A set is walked in the order of insertion, also over what is added on the way.
  for (const file of found) {
    if (found.size >= maxFiles) break;
    for (const imported of importedFiles(file)) found.add(imported);
  }
  return [...found];
}

function candidates(from: string, specifier: string): string[] {
  const base = resolve(dirname(from), specifier);
  if (/\.[cm]?[jt]sx?$/.test(base)) return [base, base.replace(/js(x?)$/, "ts$1")];
  return [".js", ".ts", ".mjs", ".cjs", ".mts", ".tsx", "/index.js", "/index.ts"].map((end) => base + end);
}
