/**
 * `NODE_OPTIONS` with `--require <path>` at its end, once. Quoted only where the path needs it: Node understands
 * quotes, some programs that read the variable themselves do not.
 */
export function withRequire(nodeOptions: string, path: string): string {
  if (splitNodeOptions(nodeOptions).includes(path)) return nodeOptions;
  const option = `--require ${/[\s"\\]/.test(path) ? quoted(path) : path}`;
  return nodeOptions.trim() === "" ? option : `${nodeOptions} ${option}`;
}

/** The words of `NODE_OPTIONS` as Node splits it: at spaces outside double quotes; a backslash escapes within quotes only. */
export function splitNodeOptions(nodeOptions: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let inQuotes = false;
  for (let at = 0; at < nodeOptions.length; at++) {
    const character = nodeOptions.charAt(at);
    if (character === "\\" && inQuotes) word += nodeOptions.charAt(++at);
    else if (character === '"') inQuotes = !inQuotes;
    else if (character === " " && !inQuotes) {
      if (word !== "") words.push(word);
      word = "";
    } else word += character;
  }
  if (word !== "") words.push(word);
  return words;
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, "\\$&")}"`;
}
