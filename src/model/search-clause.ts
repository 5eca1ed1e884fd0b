/** A clause of the search text, as `db.system=postgresql`; values with anything but plain characters are quoted. */
export function clauseFor(key: string, value: string): string {
  return `${key}=${/^[\w./:@-]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, "\\$&")}"`}`;
}
