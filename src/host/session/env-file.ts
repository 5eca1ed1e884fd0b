/** One assignment a line, `export` allowed, the name as shells have it. */
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/;

/**
 * The variables of an `envFile`: `NAME=value`, quotes around values, comments. What a debug adapter makes of the
 * finer points of quoting is its own affair: this is read to learn which names the person has set, and what
 * `NODE_OPTIONS` has to be kept.
 */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const match = ASSIGNMENT.exec(line);
    if (match?.[1] !== undefined) variables.set(match[1], unquoted(match[2] ?? ""));
  }
  return variables;
}

function unquoted(value: string): string {
  const quote = value[0];
  if (quote === '"' || quote === "'") {
    const end = value.indexOf(quote, 1);
    if (end > 0) return value.slice(1, end);
  }
  return value.replace(/\s+#.*$/, "");
}
