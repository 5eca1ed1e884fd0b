import { isRecord } from "../../protocol/guard.ts";
import { replaceVariables, type LaunchVariables } from "./launch-variables.ts";

/** One entry of `sourceMapPathOverrides`. */
export interface SourceOverride {
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** As many as anybody writes. */
const MAX_OVERRIDES = 50;

/**
 * Reads `sourceMapPathOverrides` of the JavaScript debuggers: `"webpack:///./*": "${webRoot}/*"`. A `*` of the pattern
 * stands for any text, which takes the place of the `*` in the replacement; `?:*` stands for text that does not.
 */
export function sourceOverridesOf(value: unknown, variables: LaunchVariables): readonly SourceOverride[] {
  if (!isRecord(value)) return [];
  return Object.entries(value)
    .slice(0, MAX_OVERRIDES)
    .sort(([one], [other]) => other.length - one.length)
    .flatMap(([pattern, replacement]) => {
      const replaced = typeof replacement === "string" ? replaceVariables(replacement, variables) : undefined;
      if (replaced === undefined || pattern.split("*").length > 3) return [];
      return [{ pattern: patternOf(replaceVariables(pattern, variables) ?? pattern), replacement: replaced }];
    });
}

/** The paths that the overrides make of a source's name. */
export function overridden(source: string, overrides: readonly SourceOverride[]): readonly string[] {
  if (source.length > 4096) return [];
  return overrides.flatMap(({ pattern, replacement }) => {
    const match = pattern.exec(source);
    if (match === null) return [];
    const captured = match.slice(1).at(-1) ?? "";
    return [replacement.replace("*", () => captured)];
  });
}

function patternOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\?:\*|\*)/)
    .map((part) =>
      part === "*" ? "(.*?)" : part === "?:*" ? ".*?" : part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`);
}
