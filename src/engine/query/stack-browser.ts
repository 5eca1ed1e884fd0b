import { isJavaScriptLibrary } from "./stack-javascript.ts";
import {
  framesOf,
  frameOf,
  readPlace,
  type StackFrame,
  type StackLine,
  type StackReader,
} from "./stack-text.ts";

/**
 * The frames of a stack as Firefox and Safari print it: `f@http://host/a.js:1:2`, `async*f@…`, `g/<@…`, `@…`,
 * `global code@…`. Places within evaluated text and in native code are left out. Chrome's are V8's.
 */
export const readBrowserStack: StackReader = (lines) => framesOf(lines, readFrame);

/** What a place begins with: a scheme, a drive, or a root. */
const PLACE_START = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/)/;

function readFrame(line: StackLine): StackFrame | undefined {
  const text = line.text.trim();
  const split = splitAt(text);
  if (split === undefined) return undefined;
  const printed = text.slice(split + 1);
  if (/ line \d+ > /.test(printed)) return undefined;
  const place = readPlace(printed);
  if (place === undefined) return undefined;
  const functionName = text
    .slice(0, split)
    .replace(/^(?:async|setTimeout handler|promise callback)\*/, "")
    .replace(/\/<$/, "");
  return frameOf(line, printed, {
    ...place,
    functionName: /^(?:global|module|eval) code$/.test(functionName) ? undefined : functionName,
    isLibrary: isJavaScriptLibrary(place.path),
  });
}

/** The `@` that a place follows; paths have some too (`/node_modules/@scope/`). */
function splitAt(text: string): number | undefined {
  if (text.includes(" (")) return undefined;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (PLACE_START.test(text.slice(at + 1, at + 40))) return at;
  }
  return undefined;
}
