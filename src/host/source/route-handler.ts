import type { CodePlace } from "./code-line.ts";

/**
 * Of a class that handles requests, as Django's and Flask's views do, the method that answers this kind of request
 * (`def post(self, …)`); everything else as it is.
 * @param found the definition of a handler
 * @param method of the request, in capitals
 */
export function answeringMethod(
  text: string,
  extension: string,
  found: CodePlace,
  method: string | undefined,
): CodePlace {
  const lines = text.split("\n");
  if (extension !== "py" || method === undefined || !/^\s*class\b/.test(lines[found.line - 1] ?? ""))
    return found;
  const answers = new RegExp(`^\\s+(?:async\\s+)?def\\s+${method.toLowerCase()}\\b`);
  for (let at = found.line; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (answers.test(line)) return { line: at + 1, column: line.search(/\S/) + 1 };
    if (/^(?:class|def|async|@)\b/.test(line)) break;
  }
  return found;
}
