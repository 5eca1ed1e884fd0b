/**
 * A predicate for absolute paths from globs with `**`, `*`, `?` and `{a,b}`, as VS Code's settings have them. Backslashes in
 * a path count as slashes; dependencies never match.
 */
export function matchGlobs(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map(globPattern);
  return (path) => {
    const normal = path.replaceAll("\\", "/");
    return !normal.includes("/node_modules/") && patterns.some((pattern) => pattern.test(normal));
  };
}

function globPattern(glob: string): RegExp {
  const text = glob.replaceAll("\\", "/");
  let pattern = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (text.startsWith("**/", at)) {
      pattern += "(?:.*/)?";
      at += 2;
    } else if (text.startsWith("**", at)) {
      pattern += ".*";
      at += 1;
    } else if (char === "*") pattern += "[^/]*";
    else if (char === "?") pattern += "[^/]";
    else if (char === "{") pattern += "(?:";
    else if (char === "}") pattern += ")";
    else if (char === "," && isInBraces(text, at)) pattern += "|";
    else pattern += char.replace(/[.+^$()|[\]\\]/, "\\$&");
  }
  try {
    return new RegExp(`^${pattern}$`, process.platform === "win32" ? "i" : "");
  } catch {
    // Unbalanced braces match nothing rather than fail the program's start.
    return /(?!)/;
  }
}

function isInBraces(text: string, at: number): boolean {
  return text.lastIndexOf("{", at) > text.lastIndexOf("}", at);
}
