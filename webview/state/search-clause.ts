/** The text with one more clause; unchanged where it has that clause already. */
export function withClause(text: string, clause: string): string {
  const trimmed = text.trim();
  if (` ${trimmed} `.includes(` ${clause} `)) return trimmed;
  return trimmed === "" ? clause : `${trimmed} ${clause}`;
}

/** The text less one clause, as it was typed. */
export function withoutClause(text: string, clause: string): string {
  const at = text.indexOf(clause);
  if (at < 0) return text;
  return `${text.slice(0, at).trimEnd()} ${text.slice(at + clause.length).trimStart()}`.trim();
}
